// What the load programs share: gRPC calls over plaintext HTTP/2, on nghttp2 alone, so that a load costs little beside
// the server that it measures and shares no code with it. Every program ends with a message at the first thing that
// goes wrong.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include <nghttp2/nghttp2.h>

enum { REQUEST_ID_BYTES = 36, MAX_BODY_BYTES = 64 * 1024, WINDOW_BYTES = 1 << 20 };

// A framed request message as it is sent.
typedef struct {
  uint8_t *bytes;
  size_t count;
} Body;

// A call in flight. nghttp2 keeps a pointer to it until its stream has closed.
typedef struct {
  const char *path;
  // A bearer token, or NULL.
  const char *token;
  Body body;
  size_t sent_bytes;
  bool http_ok;
  bool grpc_ok;
} Call;

typedef struct {
  int socket;
  nghttp2_session *session;
  // What nghttp2 handed out and the socket did not take yet.
  const uint8_t *pending;
  size_t pending_bytes;
} Connection;

// What the first call that failed was told.
extern char failure[256];

noreturn void fail(const char *what);
double now_seconds(void);
uint64_t number_argument(const char *text, uint64_t least, uint64_t most);
Body read_body_file(const char *path);

// Overwrites the last bytes of a body by a request id: the same for the same number, and of this run alone.
void stamp_request_id(Body body, uint64_t number);

// Callbacks that note headers and failures of calls; the programs add theirs.
nghttp2_session_callbacks *make_callbacks(void);
// Appends a failure to what is told of the first, as far as it fits.
void note_failure(const char *what, const char *value, size_t value_bytes);

// A socket of 127.0.0.1 that does not block.
int connect_to(uint16_t port);
void open_connection(Connection *connection, uint16_t port, nghttp2_session_callbacks *callbacks);
void start_call(Connection *connection, Call *call);
void flush_connection(Connection *connection);
void receive(Connection *connection);
// Waits for something to read or to write, and does both.
void turn(Connection *connections, size_t count);
