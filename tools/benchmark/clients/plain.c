// The plain loop that a fan-out is measured against: for every byte that comes in, it writes the same frames to the same
// sockets as a server with as many watchers would, and does nothing else.
//
//   plain PORT STREAMS FRAME_BYTES stream|connection
//
// "stream" writes every watcher's frame by itself, "connection" all frames of a connection at once.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"

enum { MAX_CONNECTIONS = 1000, FRAME_HEADER_BYTES = 9 };

static void write_all(int socket, const uint8_t *bytes, size_t count) {
  while (count) {
    ssize_t written = write(socket, bytes, count);
    if (written < 0) fail("writing");
    bytes += written;
    count -= (size_t)written;
  }
}

static int listen_at(uint16_t port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) {
    fail("listening");
  }
  return listener;
}

int main(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "usage: plain PORT STREAMS FRAME_BYTES stream|connection\n");
    return EXIT_FAILURE;
  }
  size_t streams = number_argument(arguments[2], 1, 100000);
  size_t frame_bytes = number_argument(arguments[3], FRAME_HEADER_BYTES + 1, 16384);
  size_t frames_at_once = strcmp(arguments[4], "connection") ? 1 : streams;

  uint8_t *frames = calloc(streams, frame_bytes);
  if (!frames) fail("memory");
  for (size_t i = 0; i < streams; i++) {
    uint8_t *header = frames + i * frame_bytes;
    size_t length = frame_bytes - FRAME_HEADER_BYTES;
    uint32_t stream = htonl((uint32_t)(2 * i + 1));
    header[0] = (uint8_t)(length >> 16);
    header[1] = (uint8_t)(length >> 8);
    header[2] = (uint8_t)length;
    memcpy(header + 5, &stream, sizeof stream);
  }

  // The listener, and behind it the connections.
  static struct pollfd polls[1 + MAX_CONNECTIONS];
  polls[0] = (struct pollfd){.fd = listen_at((uint16_t)number_argument(arguments[1], 1, UINT16_MAX)), .events = POLLIN};
  size_t poll_count = 1;
  for (;;) {
    if (poll(polls, poll_count, -1) < 0) fail("polling");
    if (polls[0].revents) {
      int connection = accept(polls[0].fd, NULL, NULL), on = 1;
      if (connection < 0 || poll_count > MAX_CONNECTIONS) fail("accepting");
      setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      polls[poll_count++] = (struct pollfd){.fd = connection, .events = POLLIN};
      continue;
    }
    for (size_t i = 1; i < poll_count; i++) {
      char byte;
      if (!polls[i].revents) continue;
      if (read(polls[i].fd, &byte, 1) == 1) {
        for (size_t j = 1; j < poll_count; j++) {
          for (size_t k = 0; k < streams; k += frames_at_once) {
            write_all(polls[j].fd, frames + k * frame_bytes, frame_bytes * frames_at_once);
          }
        }
      } else {
        close(polls[i].fd);
        polls[i] = polls[--poll_count];
      }
      break;
    }
  }
}
