// Watchers that wait for events, many on a connection: how long it takes until one event has reached all of them.
//
//   watchers PORT CONNECTIONS STREAMS                                      a server of tools/benchmark/clients/plain.c
//   watchers PORT CONNECTIONS STREAMS PATH BODY TOKEN CAUSE CAUSE_BODY CAUSE_TOKEN          a gRPC server
//
// A gRPC server gets CONNECTIONS × STREAMS calls of PATH, which stay open, and for every event one call of CAUSE on a
// connection of its own, whose last 36 bytes are overwritten by a new request id. A plain server gets one byte instead.
//
// It says "open" once all watch, then makes one event for every line that it reads, and prints a line of JSON: seconds
// from the cause until the first and the last watcher had the event, and the bytes of the frame that each got.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"

enum { MAX_CONNECTIONS = 1000, FRAME_HEADER_BYTES = 9, DATA = 0 };

// Counts DATA frames with content, in whatever pieces they come.
typedef struct {
  uint8_t header[FRAME_HEADER_BYTES];
  size_t header_count;
  size_t remaining;
} FrameReader;

static struct {
  size_t connection_count;
  size_t watcher_count;
  // The connections of the watchers and, where the server speaks gRPC, one more for the causes.
  Connection connections[MAX_CONNECTIONS + 1];
  FrameReader readers[MAX_CONNECTIONS];
  // Watchers whose response headers are in.
  size_t open_count;
  // Of the event at hand.
  size_t event_frames;
  size_t event_bytes;
  double first_seconds;
  Call cause;
  bool is_cause_done;
} watch;

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
  (void)session, (void)context;
  if (frame->hd.type == NGHTTP2_GOAWAY) fail("the server ends a connection");
  if (frame->hd.type == NGHTTP2_HEADERS && !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) watch.open_count++;
  return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  (void)error, (void)context;
  Call *call = nghttp2_session_get_stream_user_data(session, stream);
  errno = 0;
  if (call != &watch.cause) fail("a watch ended");
  if (!call->http_ok || !call->grpc_ok) fail("the cause failed");
  watch.is_cause_done = true;
  return 0;
}

static void read_frames(FrameReader *reader, const uint8_t *bytes, size_t count) {
  while (count) {
    if (reader->header_count < FRAME_HEADER_BYTES) {
      reader->header[reader->header_count++] = *bytes++;
      count--;
      if (reader->header_count < FRAME_HEADER_BYTES) continue;
      const uint8_t *h = reader->header;
      reader->remaining = (size_t)h[0] << 16 | (size_t)h[1] << 8 | h[2];
    }
    size_t step = count < reader->remaining ? count : reader->remaining;
    bytes += step;
    count -= step;
    reader->remaining -= step;
    if (reader->remaining) continue;
    const uint8_t *h = reader->header;
    size_t length = (size_t)h[0] << 16 | (size_t)h[1] << 8 | h[2];
    if (h[3] == DATA && length) {
      watch.event_frames++;
      watch.event_bytes += FRAME_HEADER_BYTES + length;
    }
    reader->header_count = 0;
  }
}

static void receive_events(size_t index) {
  static uint8_t buffer[256 * 1024];
  ssize_t count = read(watch.connections[index].socket, buffer, sizeof buffer);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) fail("reading");
  errno = 0;
  if (!count) fail("the server closed the connection");
  if (watch.first_seconds == 0) watch.first_seconds = now_seconds();
  read_frames(&watch.readers[index], buffer, (size_t)count);
}

static void make_event(uint64_t number, bool speaks_grpc) {
  Connection *causes = &watch.connections[watch.connection_count];
  watch.event_frames = 0;
  watch.event_bytes = 0;
  watch.first_seconds = 0;
  watch.is_cause_done = !speaks_grpc;
  static struct pollfd polls[MAX_CONNECTIONS + 1];
  for (size_t i = 0; i <= watch.connection_count; i++) {
    polls[i] = (struct pollfd){.fd = watch.connections[i].socket, .events = POLLIN};
  }
  nfds_t poll_count = watch.connection_count + (speaks_grpc ? 1 : 0);
  double begin = now_seconds();
  if (speaks_grpc) {
    stamp_request_id(watch.cause.body, number);
    start_call(causes, &watch.cause);
    flush_connection(causes);
  } else if (write(watch.connections[0].socket, "!", 1) != 1) {
    fail("writing");
  }
  double end = 0;
  while (watch.event_frames < watch.watcher_count || !watch.is_cause_done) {
    errno = 0;
    if (poll(polls, poll_count, 30000) <= 0) fail("no event for 30 s");
    for (size_t i = 0; i < watch.connection_count; i++) {
      if (polls[i].revents) receive_events(i);
    }
    if (watch.event_frames == watch.watcher_count && end == 0) end = now_seconds();
    if (speaks_grpc && polls[watch.connection_count].revents) {
      receive(causes);
      flush_connection(causes);
    }
  }
  printf("{\"first_seconds\": %.9f, \"seconds\": %.9f, \"frame_bytes\": %zu}\n", watch.first_seconds - begin,
         end - begin, watch.event_bytes / watch.watcher_count);
}

// Watches, and returns once every watch has been accepted.
static void open_watches(uint16_t port, size_t streams, char **arguments) {
  nghttp2_session_callbacks *callbacks = make_callbacks();
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  Call *calls = calloc(watch.watcher_count, sizeof *calls);
  if (!calls) fail("memory");
  Body body = read_body_file(arguments[1]);
  for (size_t i = 0; i < watch.connection_count; i++) {
    open_connection(&watch.connections[i], port, callbacks);
    for (size_t j = 0; j < streams; j++) {
      Call *call = &calls[i * streams + j];
      *call = (Call){.path = arguments[0], .token = arguments[2], .body = body};
      start_call(&watch.connections[i], call);
    }
  }
  while (watch.open_count < watch.watcher_count) turn(watch.connections, watch.connection_count);
  watch.cause = (Call){.path = arguments[3], .token = arguments[5], .body = read_body_file(arguments[4])};
  open_connection(&watch.connections[watch.connection_count], port, callbacks);
}

int main(int count, char **arguments) {
  if (count != 4 && count != 10) {
    fprintf(stderr, "usage: watchers PORT CONNECTIONS STREAMS [PATH BODY TOKEN CAUSE CAUSE_BODY CAUSE_TOKEN]\n");
    return EXIT_FAILURE;
  }
  bool speaks_grpc = count == 10;
  uint16_t port = (uint16_t)number_argument(arguments[1], 1, UINT16_MAX);
  watch.connection_count = number_argument(arguments[2], 1, MAX_CONNECTIONS);
  size_t streams = number_argument(arguments[3], 1, 100000);
  watch.watcher_count = watch.connection_count * streams;
  if (speaks_grpc) {
    open_watches(port, streams, arguments + 4);
  } else {
    for (size_t i = 0; i < watch.connection_count; i++) watch.connections[i].socket = connect_to(port);
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("open");
  char line[16];
  for (uint64_t number = 0; fgets(line, sizeof line, stdin); number++) make_event(number, speaks_grpc);
  return EXIT_SUCCESS;
}
