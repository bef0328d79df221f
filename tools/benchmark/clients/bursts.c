// How long one client's calls take while others send bursts of work.
//
//   bursts PORT CONNECTIONS STREAMS SECONDS BURST_PATH BURST_BODY CALM_PATH CALM_BODY [TOKEN]
//
// Each of CONNECTIONS sends STREAMS calls of BURST_PATH at once, and the next burst when all have been answered. On a
// connection of its own one call of CALM_PATH follows another, for SECONDS and until one of them has been answered. Bodies
// are files with framed requests. Prints one line of JSON, and fails when a call does.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"

enum { MAX_CONNECTIONS = 16, MAX_STREAMS = 1000, MAX_SAMPLES = 1 << 20 };

typedef struct {
  Call calls[MAX_STREAMS];
  size_t open;
} Burst;

static Burst bursts[MAX_CONNECTIONS];
static Call calm;
static bool calm_is_open;
static uint64_t answered;
static double samples[MAX_SAMPLES];

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *context) {
  (void)error, (void)context;
  Call *call = nghttp2_session_get_stream_user_data(session, id);
  errno = 0;
  if (!call || !call->http_ok || !call->grpc_ok) fail("a call failed");
  if (call == &calm) {
    calm_is_open = false;
    return 0;
  }
  answered++;
  for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
    if (call >= bursts[i].calls && call < bursts[i].calls + MAX_STREAMS) bursts[i].open--;
  }
  return 0;
}

static int ascending(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return difference < 0 ? -1 : difference > 0;
}

int main(int count, char **arguments) {
  if (count != 9 && count != 10) {
    fprintf(stderr, "usage: bursts PORT CONNECTIONS STREAMS SECONDS BURST_PATH BURST_BODY CALM_PATH CALM_BODY [TOKEN]\n");
    return EXIT_FAILURE;
  }
  uint16_t port = (uint16_t)number_argument(arguments[1], 1, UINT16_MAX);
  size_t connection_count = number_argument(arguments[2], 1, MAX_CONNECTIONS);
  size_t stream_count = number_argument(arguments[3], 1, MAX_STREAMS);
  double seconds = (double)number_argument(arguments[4], 1, 600);
  const char *token = count == 10 ? arguments[9] : NULL;
  Body body = read_body_file(arguments[6]);
  calm = (Call){.path = arguments[7], .token = token, .body = read_body_file(arguments[8])};
  nghttp2_session_callbacks *callbacks = make_callbacks();
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);

  static Connection connections[MAX_CONNECTIONS + 1];
  for (size_t i = 0; i <= connection_count; i++) open_connection(&connections[i], port, callbacks);
  Connection *own = &connections[connection_count];
  size_t sample_count = 0;
  double begin = now_seconds(), called = 0;
  while (now_seconds() - begin < seconds || !sample_count) {
    for (size_t i = 0; i < connection_count; i++) {
      if (bursts[i].open) continue;
      for (; bursts[i].open < stream_count; bursts[i].open++) {
        bursts[i].calls[bursts[i].open] = (Call){.path = arguments[5], .token = token, .body = body};
        start_call(&connections[i], &bursts[i].calls[bursts[i].open]);
      }
      flush_connection(&connections[i]);
    }
    if (!calm_is_open) {
      calm_is_open = true;
      called = now_seconds();
      start_call(own, &calm);
    }
    turn(connections, connection_count + 1);
    if (!calm_is_open && sample_count < MAX_SAMPLES) samples[sample_count++] = now_seconds() - called;
  }
  qsort(samples, sample_count, sizeof samples[0], ascending);
  printf("{\"calls\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"burst_calls\": %llu}\n", sample_count,
         samples[sample_count / 2] * 1e3, samples[sample_count * 99 / 100] * 1e3, samples[sample_count - 1] * 1e3,
         (unsigned long long)answered);
  return EXIT_SUCCESS;
}
