// Concurrent unary gRPC callers, each call with a request id of its own.
//
//   callers PORT PATH BODY TOKEN CALLS CONNECTIONS STREAMS
//
// BODY is a file with one framed request message whose last field is a request id of 36 bytes: they are overwritten in
// every call. Every connection keeps STREAMS calls in flight until CALLS are answered. Prints one line of JSON and
// fails when a call does: its HTTP status is not 200 or its grpc-status not 0.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

enum { MAX_CONNECTIONS = 256 };

// A connection reuses its slots.
typedef struct {
  Call call;
  Connection *connection;
  double start_seconds;
} Slot;

typedef struct {
  uint64_t calls;
  uint64_t started;
  uint64_t done;
  uint64_t failed;
  float *latencies_us;
} Load;

static Load load;

static void start(Slot *slot) {
  stamp_request_id(slot->call.body, load.started++);
  slot->start_seconds = now_seconds();
  start_call(slot->connection, &slot->call);
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  (void)context;
  // A slot begins with its call.
  Slot *slot = nghttp2_session_get_stream_user_data(session, stream);
  if (!slot) return 0;
  if (error) {
    const char *name = nghttp2_http2_strerror(error);
    note_failure("stream error", name, strlen(name));
  }
  if (error || !slot->call.http_ok || !slot->call.grpc_ok) load.failed++;
  load.latencies_us[load.done++] = (float)((now_seconds() - slot->start_seconds) * 1e6);
  if (load.started < load.calls) start(slot);
  return 0;
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
  uint16_t port = (uint16_t)number_argument(arguments[1], 1, UINT16_MAX);
  Body body = read_body_file(arguments[3]);
  size_t connection_count = number_argument(arguments[6], 1, MAX_CONNECTIONS);
  size_t streams = number_argument(arguments[7], 1, 1024);
  // A call for every stream is the least.
  load.calls = number_argument(arguments[5], connection_count * streams, UINT32_MAX);

  static Connection connections[MAX_CONNECTIONS];
  nghttp2_session_callbacks *callbacks = make_callbacks();
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  for (size_t i = 0; i < connection_count; i++) open_connection(&connections[i], port, callbacks);

  size_t slot_count = connection_count * streams;
  Slot *slots = calloc(slot_count, sizeof *slots);
  uint8_t *bodies = malloc(slot_count * body.count);
  load.latencies_us = malloc(load.calls * sizeof *load.latencies_us);
  if (!slots || !bodies || !load.latencies_us) fail("memory");
  for (size_t i = 0; i < slot_count; i++) {
    uint8_t *bytes = memcpy(bodies + i * body.count, body.bytes, body.count);
    slots[i] = (Slot){
        .call = {.path = arguments[2], .token = arguments[4], .body = {.bytes = bytes, .count = body.count}},
        .connection = &connections[i / streams],
    };
  }

  double begin = now_seconds();
  for (size_t i = 0; i < slot_count; i++) start(&slots[i]);
  while (load.done < load.calls) turn(connections, connection_count);
  double seconds = now_seconds() - begin;

  qsort(load.latencies_us, load.done, sizeof *load.latencies_us, compare);
  printf("{\"calls\": %llu, \"failed\": %llu, \"calls_per_second\": %.0f, \"median_us\": %.0f, \"p99_us\": %.0f}\n",
         (unsigned long long)load.done, (unsigned long long)load.failed, (double)load.done / seconds,
         load.latencies_us[load.done / 2], load.latencies_us[load.done * 99 / 100]);
  if (!load.failed) return EXIT_SUCCESS;
  fprintf(stderr, "%llu calls failed; the first: %s\n", (unsigned long long)load.failed, failure);
  return EXIT_FAILURE;
}
