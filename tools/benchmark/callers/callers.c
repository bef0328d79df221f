// Concurrent unary gRPC callers over plaintext HTTP/2, each call with a request id of its own.
//
//   callers PORT PATH BODY TOKEN CALLS CONNECTIONS STREAMS
//
// BODY is a file with one framed request message whose last field is a request id of 36 bytes: they are overwritten in
// every call. Every connection keeps STREAMS calls in flight until CALLS are answered. Prints one line of JSON and
// fails when a call does: its HTTP status is not 200 or its grpc-status not 0. It is written on nghttp2 alone, so that it costs little
// beside the server that it measures and shares no code with it.

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <nghttp2/nghttp2.h>

enum { REQUEST_ID_BYTES = 36, MAX_BODY_BYTES = 64 * 1024, MAX_CONNECTIONS = 256, WINDOW_BYTES = 1 << 20 };

// One call in flight; a connection reuses its slots.
typedef struct {
  uint8_t *body;
  size_t sent_bytes;
  double start_seconds;
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

typedef struct {
  const char *path;
  char authority[32];
  char authorization[512];
  uint8_t body[MAX_BODY_BYTES];
  size_t body_bytes;
  char run_id[25];
  uint64_t calls;
  uint64_t started;
  uint64_t done;
  uint64_t failed;
  float *latencies_us;
  // What the first call that failed was told.
  char failure[256];
} Load;

static Load load;

static void fail(const char *what) {
  fprintf(stderr, "callers: %s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(EXIT_FAILURE);
}

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t capacity, uint32_t *flags,
                         nghttp2_data_source *source, void *context) {
  (void)session, (void)stream, (void)context;
  Call *call = source->ptr;
  size_t count = load.body_bytes - call->sent_bytes;
  if (count > capacity) count = capacity;
  memcpy(buffer, call->body + call->sent_bytes, count);
  call->sent_bytes += count;
  if (call->sent_bytes == load.body_bytes) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)count;
}

static nghttp2_nv header(const char *name, const char *value) {
  return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static void start_call(nghttp2_session *session, Call *call) {
  uint64_t number = load.started++;
  char request_id[REQUEST_ID_BYTES + 1];
  snprintf(request_id, sizeof request_id, "%.24s%012llx", load.run_id, (unsigned long long)number);
  memcpy(call->body + load.body_bytes - REQUEST_ID_BYTES, request_id, REQUEST_ID_BYTES);
  call->sent_bytes = 0;
  call->http_ok = false;
  call->grpc_ok = false;
  call->start_seconds = now_seconds();
  const nghttp2_nv headers[] = {
      header(":method", "POST"),
      header(":scheme", "http"),
      header(":path", load.path),
      header(":authority", load.authority),
      header("content-type", "application/grpc"),
      header("te", "trailers"),
      header("authorization", load.authorization),
  };
  nghttp2_data_provider provider = {.source = {.ptr = call}, .read_callback = read_body};
  if (nghttp2_submit_request(session, NULL, headers, sizeof headers / sizeof headers[0], &provider, call) < 0) {
    errno = 0;
    fail("submitting a request");
  }
}

static bool equals(const uint8_t *bytes, size_t count, const char *text) {
  return count == strlen(text) && memcmp(bytes, text, count) == 0;
}

// Status and message of the first failure, as far as they fit.
static void note_failure(const char *what, const uint8_t *value, size_t value_bytes) {
  if (strstr(load.failure, what)) return;
  size_t used = strlen(load.failure);
  snprintf(load.failure + used, sizeof load.failure - used, "%s %.*s ", what, (int)value_bytes, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_bytes,
                     const uint8_t *value, size_t value_bytes, uint8_t flags, void *context) {
  (void)flags, (void)context;
  Call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!call) return 0;
  if (equals(name, name_bytes, ":status")) call->http_ok = equals(value, value_bytes, "200");
  if (equals(name, name_bytes, "grpc-status")) {
    call->grpc_ok = equals(value, value_bytes, "0");
    if (!call->grpc_ok) note_failure("grpc-status", value, value_bytes);
  }
  if (equals(name, name_bytes, "grpc-message") && !call->grpc_ok) note_failure("grpc-message", value, value_bytes);
  return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
  (void)session, (void)context;
  if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
  const char *name = nghttp2_http2_strerror(frame->goaway.error_code);
  note_failure("GOAWAY", (const uint8_t *)name, strlen(name));
  note_failure("because", frame->goaway.opaque_data, frame->goaway.opaque_data_len);
  return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  (void)context;
  Call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (!call) return 0;
  if (error) {
    const char *name = nghttp2_http2_strerror(error);
    note_failure("stream error", (const uint8_t *)name, strlen(name));
  }
  if (error || !call->http_ok || !call->grpc_ok) load.failed++;
  load.latencies_us[load.done++] = (float)((now_seconds() - call->start_seconds) * 1e6);
  if (load.started < load.calls) start_call(session, call);
  return 0;
}

static int connect_to(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int handle = socket(AF_INET, SOCK_STREAM, 0);
  if (handle < 0 || connect(handle, (struct sockaddr *)&address, sizeof address) < 0) fail("connecting");
  int on = 1;
  setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(handle, F_SETFL, fcntl(handle, F_GETFL) | O_NONBLOCK);
  return handle;
}

static void flush(Connection *connection) {
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

static void receive(Connection *connection) {
  uint8_t buffer[64 * 1024];
  ssize_t count = read(connection->socket, buffer, sizeof buffer);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) fail("reading");
  errno = 0;
  if (!count) fail("the server closed the connection");
  if (nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) < 0) fail("reading frames");
}

static void read_body_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  load.body_bytes = fread(load.body, 1, sizeof load.body, file);
  fclose(file);
  if (load.body_bytes < REQUEST_ID_BYTES || load.body_bytes == sizeof load.body) {
    errno = 0;
    fail("the body is too short or too long");
  }
}

// The first 24 characters of a UUID of version 4; the last 12 count the calls.
static void make_run_id(void) {
  uint16_t random[5];
  if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) fail("getrandom");
  snprintf(load.run_id, sizeof load.run_id, "%04x%04x-%04x-4%03x-8%03x-", random[0], random[1], random[2],
           random[3] & 0xfff, random[4] & 0xfff);
}

static int compare(const void *left, const void *right) {
  float a = *(const float *)left, b = *(const float *)right;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count != 8) {
    fprintf(stderr, "usage: callers PORT PATH BODY TOKEN CALLS CONNECTIONS STREAMS\n");
    return EXIT_FAILURE;
  }
  uint16_t port = (uint16_t)atoi(arguments[1]);
  load.path = arguments[2];
  read_body_file(arguments[3]);
  snprintf(load.authority, sizeof load.authority, "127.0.0.1:%u", port);
  snprintf(load.authorization, sizeof load.authorization, "Bearer %s", arguments[4]);
  load.calls = strtoull(arguments[5], NULL, 10);
  int connection_count = atoi(arguments[6]), streams = atoi(arguments[7]);
  if (connection_count < 1 || connection_count > MAX_CONNECTIONS || streams < 1 ||
      load.calls < (uint64_t)connection_count * (uint64_t)streams) {
    errno = 0;
    fail("a call for every stream of 1 to 256 connections is the least");
  }
  make_run_id();
  size_t call_count = (size_t)connection_count * (size_t)streams;
  Call *calls = calloc(call_count, sizeof *calls);
  uint8_t *bodies = malloc(call_count * load.body_bytes);
  load.latencies_us = malloc(load.calls * sizeof *load.latencies_us);
  if (!calls || !bodies || !load.latencies_us) fail("memory");
  for (size_t i = 0; i < call_count; i++) {
    calls[i].body = bodies + i * load.body_bytes;
    memcpy(calls[i].body, load.body, load.body_bytes);
  }

  nghttp2_session_callbacks *callbacks;
  if (nghttp2_session_callbacks_new(&callbacks)) fail("memory");
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_BYTES},
                                             {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
  static Connection connections[MAX_CONNECTIONS];
  static struct pollfd polls[MAX_CONNECTIONS];
  for (int i = 0; i < connection_count; i++) {
    connections[i].socket = connect_to(port);
    if (nghttp2_session_client_new(&connections[i].session, callbacks, NULL)) fail("memory");
    nghttp2_submit_settings(connections[i].session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(connections[i].session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES);
  }

  double start = now_seconds();
  for (int i = 0; i < connection_count; i++) {
    for (int j = 0; j < streams; j++) start_call(connections[i].session, &calls[i * streams + j]);
  }
  while (load.done < load.calls) {
    for (int i = 0; i < connection_count; i++) {
      flush(&connections[i]);
      short events = connections[i].pending_bytes ? POLLIN | POLLOUT : POLLIN;
      polls[i] = (struct pollfd){.fd = connections[i].socket, .events = events};
    }
    if (poll(polls, (nfds_t)connection_count, 30000) <= 0) fail("no answer for 30 s");
    for (int i = 0; i < connection_count; i++) {
      if (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) receive(&connections[i]);
    }
  }
  double seconds = now_seconds() - start;

  qsort(load.latencies_us, load.done, sizeof *load.latencies_us, compare);
  printf("{\"calls\": %llu, \"failed\": %llu, \"calls_per_second\": %.0f, \"median_us\": %.0f, \"p99_us\": %.0f}\n",
         (unsigned long long)load.done, (unsigned long long)load.failed, (double)load.done / seconds,
         load.latencies_us[load.done / 2], load.latencies_us[load.done * 99 / 100]);
  if (!load.failed) return EXIT_SUCCESS;
  fprintf(stderr, "%llu calls failed; the first: %s\n", (unsigned long long)load.failed, load.failure);
  return EXIT_FAILURE;
}
