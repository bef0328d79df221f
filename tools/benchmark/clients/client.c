#define _GNU_SOURCE  // program_invocation_short_name
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SILENCE_MILLISECONDS = 30000 };

char failure[256];

noreturn void fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, errno ? strerror(errno) : "failed");
  if (failure[0]) fprintf(stderr, "%s\n", failure);
  exit(EXIT_FAILURE);
}

double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

uint64_t number_argument(const char *text, uint64_t least, uint64_t most) {
  char *end;
  uint64_t number = strtoull(text, &end, 10);
  if (*end || end == text || number < least || number > most) {
    errno = EINVAL;
    fail(text);
  }
  return number;
}

Body read_body_file(const char *path) {
  Body body = {.bytes = malloc(MAX_BODY_BYTES)};
  FILE *file = fopen(path, "rb");
  if (!body.bytes || !file) fail(path);
  body.count = fread(body.bytes, 1, MAX_BODY_BYTES, file);
  fclose(file);
  errno = 0;
  if (body.count == MAX_BODY_BYTES) fail("the body is too long");
  return body;
}

// SplitMix64, whose outputs for one seed and all numbers differ.
static uint64_t mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

void stamp_request_id(Body body, uint64_t number) {
  static uint64_t seed;
  if (!seed && getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) fail("getrandom");
  if (body.count < REQUEST_ID_BYTES) fail("the body has no place for a request id");
  // A UUID of version 4, in no order, as those of independent callers come.
  uint64_t high = mixed(seed + number), low = mixed(high);
  char id[REQUEST_ID_BYTES + 1];
  snprintf(id, sizeof id, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffff,
           (unsigned)high & 0xfff, (unsigned)(low >> 48 & 0x3fff) | 0x8000,
           (unsigned long long)(low & 0xffffffffffff));
  memcpy(body.bytes + body.count - REQUEST_ID_BYTES, id, REQUEST_ID_BYTES);
}

void note_failure(const char *what, const char *value, size_t value_bytes) {
  if (strstr(failure, what)) return;
  size_t used = strlen(failure);
  snprintf(failure + used, sizeof failure - used, "%s %.*s ", what, (int)value_bytes, value);
}

static bool equals(const uint8_t *bytes, size_t count, const char *text) {
  return count == strlen(text) && memcmp(bytes, text, count) == 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_bytes,
                     const uint8_t *value, size_t value_bytes, uint8_t flags, void *context) {
  (void)flags, (void)context;
  Call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!call) return 0;
  const char *text = (const char *)value;
  if (equals(name, name_bytes, ":status")) call->http_ok = equals(value, value_bytes, "200");
  if (equals(name, name_bytes, "grpc-status")) {
    call->grpc_ok = equals(value, value_bytes, "0");
    if (!call->grpc_ok) note_failure("grpc-status", text, value_bytes);
  }
  if (equals(name, name_bytes, "grpc-message") && !call->grpc_ok) note_failure("grpc-message", text, value_bytes);
  return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
  (void)session, (void)context;
  if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
  const char *name = nghttp2_http2_strerror(frame->goaway.error_code);
  note_failure("GOAWAY", name, strlen(name));
  note_failure("because", (const char *)frame->goaway.opaque_data, frame->goaway.opaque_data_len);
  return 0;
}

nghttp2_session_callbacks *make_callbacks(void) {
  nghttp2_session_callbacks *callbacks;
  if (nghttp2_session_callbacks_new(&callbacks)) fail("memory");
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  return callbacks;
}

int connect_to(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int handle = socket(AF_INET, SOCK_STREAM, 0);
  if (handle < 0 || connect(handle, (struct sockaddr *)&address, sizeof address) < 0) fail("connecting");
  int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(handle, F_SETFL, fcntl(handle, F_GETFL) | O_NONBLOCK);
  return handle;
}

void open_connection(Connection *connection, uint16_t port, nghttp2_session_callbacks *callbacks) {
  *connection = (Connection){.socket = connect_to(port)};
  if (nghttp2_session_client_new(&connection->session, callbacks, NULL)) fail("memory");
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
                                             {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
  nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES);
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t capacity, uint32_t *flags,
                         nghttp2_data_source *source, void *context) {
  (void)session, (void)stream, (void)context;
  Call *call = source->ptr;
  size_t count = call->body.count - call->sent_bytes;
  if (count > capacity) count = capacity;
  memcpy(buffer, call->body.bytes + call->sent_bytes, count);
  call->sent_bytes += count;
  if (call->sent_bytes == call->body.count) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)count;
}

static nghttp2_nv header(const char *name, const char *value) {
  return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

void start_call(Connection *connection, Call *call) {
  call->sent_bytes = 0;
  call->http_ok = false;
  call->grpc_ok = false;
  char authorization[512];
  snprintf(authorization, sizeof authorization, "Bearer %s", call->token ? call->token : "");
  const nghttp2_nv headers[] = {
      header(":method", "POST"),
      header(":scheme", "http"),
      header(":path", call->path),
      header(":authority", "127.0.0.1"),
      header("content-type", "application/grpc"),
      header("te", "trailers"),
      header("authorization", authorization),
  };
  size_t count = sizeof headers / sizeof headers[0];
  nghttp2_data_provider provider = {.source = {.ptr = call}, .read_callback = read_body};
  errno = 0;
  if (nghttp2_submit_request(connection->session, NULL, headers, call->token ? count : count - 1, &provider, call) < 0) {
    fail("submitting a request");
  }
}

void flush_connection(Connection *connection) {
  for (;;) {
    if (!connection->pending_bytes) {
      ssize_t count = nghttp2_session_mem_send(connection->session, &connection->pending);
      if (count < 0) fail("making frames");
      if (!count) return;
      connection->pending_bytes = (size_t)count;
    }
    ssize_t written = write(connection->socket, connection->pending, connection->pending_bytes);
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) fail("writing");
    connection->pending += written;
    connection->pending_bytes -= (size_t)written;
  }
}

void receive(Connection *connection) {
  uint8_t buffer[64 * 1024];
  ssize_t count = read(connection->socket, buffer, sizeof buffer);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) fail("reading");
  errno = 0;
  if (!count) fail("the server closed the connection");
  if (nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) < 0) fail("reading frames");
}

void turn(Connection *connections, size_t count) {
  static struct pollfd polls[1024];
  errno = 0;
  if (count > sizeof polls / sizeof polls[0]) fail("too many connections");
  for (size_t i = 0; i < count; i++) {
    flush_connection(&connections[i]);
    short events = connections[i].pending_bytes ? POLLIN | POLLOUT : POLLIN;
    polls[i] = (struct pollfd){.fd = connections[i].socket, .events = events};
  }
  errno = 0;
  if (poll(polls, (nfds_t)count, SILENCE_MILLISECONDS) <= 0) fail("no answer for 30 s");
  for (size_t i = 0; i < count; i++) {
    if (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) receive(&connections[i]);
  }
}
