// Counts the messages of one server-streaming gRPC call.
//
//   counter PORT PATH BODY MESSAGES MESSAGE_BYTES
//
// BODY is a file with the framed request. Prints one line of JSON, and fails when the call does, or does not bring
// MESSAGES messages of MESSAGE_BYTES.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"

enum { PREFIX_BYTES = 5 };

static struct {
  uint64_t messages;
  uint64_t message_bytes;
  uint8_t prefix[PREFIX_BYTES];
  size_t prefix_count;
  // Bytes of the message at hand that are still to come.
  size_t remaining;
  bool is_over;
} stream;

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t count,
                   void *context) {
  (void)session, (void)flags, (void)id, (void)context;
  while (count) {
    if (stream.prefix_count < PREFIX_BYTES) {
      stream.prefix[stream.prefix_count++] = *bytes++;
      count--;
      if (stream.prefix_count < PREFIX_BYTES) continue;
      const uint8_t *p = stream.prefix;
      stream.remaining = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
      errno = 0;
      if (p[0] || stream.remaining != stream.message_bytes) fail("a message is not what was asked for");
    }
    size_t step = count < stream.remaining ? count : stream.remaining;
    bytes += step;
    count -= step;
    stream.remaining -= step;
    if (stream.remaining) continue;
    stream.messages++;
    stream.prefix_count = 0;
  }
  return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *context) {
  (void)session, (void)id, (void)error, (void)context;
  stream.is_over = true;
  return 0;
}

int main(int count, char **arguments) {
  if (count != 6) {
    fprintf(stderr, "usage: counter PORT PATH BODY MESSAGES MESSAGE_BYTES\n");
    return EXIT_FAILURE;
  }
  uint64_t expected = number_argument(arguments[4], 1, UINT32_MAX);
  stream.message_bytes = number_argument(arguments[5], 1, UINT32_MAX);
  nghttp2_session_callbacks *callbacks = make_callbacks();
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  Connection connection;
  open_connection(&connection, (uint16_t)number_argument(arguments[1], 1, UINT16_MAX), callbacks);
  Call call = {.path = arguments[2], .body = read_body_file(arguments[3])};

  double begin = now_seconds();
  start_call(&connection, &call);
  while (!stream.is_over) turn(&connection, 1);
  double seconds = now_seconds() - begin;

  errno = 0;
  if (!call.http_ok || !call.grpc_ok || stream.messages != expected) fail("the stream is not whole");
  printf("{\"messages\": %llu, \"messages_per_second\": %.0f}\n", (unsigned long long)stream.messages,
         (double)stream.messages / seconds);
  return EXIT_SUCCESS;
}
