"""Frames and header blocks at random: seeded, so that what fails fails again. Whatever comes, the server lives, does not
swell, and serves others; and the peer hears something or is let go."""

import os
import random
import struct

import pytest

from .peer import (CHECK, ECHO, END_HEADERS, END_STREAM, PREFACE, SMALL, WATCH, Peer, Silence, message, raw, settings,
                   window_update)
from .test_slow_peers import echo_request

ROUNDS = 20_000 if os.environ.get("MILLRACE_LONG") == "1" else 1_000
FIELDS = [(":method", "POST"), (":path", CHECK), (":scheme", "http"), ("te", "trailers"), ("grpc-timeout", "1S"),
          ("content-type", "application/grpc"), ("grpc-encoding", "gzip"), ("x-bytes-bin", "AAEC"), ("x" * 300, "y" * 300),
          (":authority", "a"), ("content-length", "5"), ("content-type", "application/grpc-web"),
          ("content-type", "application/json"), ("connect-protocol-version", "1"), ("origin", "http://a")]


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def bytes(self, count):
        return self.random.randbytes(self.random.randrange(count + 1))

    def body(self):
        kind = self.random.randrange(5)
        if kind == 0:
            return self.bytes(300)
        if kind == 1:
            return struct.pack(">BI", self.random.choice([0, 1, 2, 255]), self.random.choice([0, 5, 2**31, 2**32 - 1]))
        return message(self.random.choice([b"", b"\x0a\x01a", echo_request(100), self.bytes(64), b"\x0b" * 200]))

    def frame(self, peer):
        stream = self.random.choice([0, 1, 2, 3, 5, peer.next_stream, max(1, peer.next_stream - 2), 2**31 - 1])
        flags = self.random.choice([0, 1, 4, 5, 8, 0x20, 0x2D, self.random.randrange(256)])
        kind = self.random.randrange(12)
        if kind < 4:
            fields = self.random.sample(FIELDS, self.random.randrange(1, len(FIELDS)))
            if self.random.random() < 0.7:
                fields = peer.fields(self.random.choice([CHECK, WATCH, SMALL, ECHO]), extra=fields[:2])
            stream, headers = peer.request(fields, flags=self.random.choice([END_HEADERS, END_HEADERS | END_STREAM, 0]))
            if self.random.random() < 0.2:
                headers = self.mutate(headers)
            return headers + raw(0, self.random.randrange(2), stream, self.body())
        if kind == 4:
            return raw(0, flags, stream, self.body())
        if kind == 5:
            return settings(**{self.random.choice(["header_table_size", "initial_window_size", "max_frame_size",
                                                   "max_concurrent_streams"]): self.random.choice(
                                                       [0, 1, 16_384, 2**31 - 1, 2**32 - 1])})
        if kind == 6:
            return window_update(stream, self.random.choice([0, 1, 65_535, 2**31 - 1]))
        if kind == 7:
            return raw(3, 0, stream, struct.pack(">I", self.random.randrange(16)))
        return raw(self.random.randrange(12), flags, stream, self.bytes(40))

    def mutate(self, data):
        data = bytearray(data)
        for _ in range(self.random.randrange(1, 4)):
            place = self.random.randrange(len(data))
            kind = self.random.randrange(3)
            if kind == 0:
                data[place] ^= 1 << self.random.randrange(8)
            elif kind == 1:
                del data[place]
            else:
                data[place:place] = self.bytes(5)
            if not data:
                return b"\0"
        return bytes(data)

    def conversation(self, peer):
        said = b"".join(self.frame(peer) for _ in range(self.random.randrange(1, 20)))
        return self.mutate(said) if self.random.random() < 0.5 else said


@pytest.mark.parametrize("seed", range(4))
def test_frames_at_random(start, seed):
    target = start({"handshakeTimeoutSeconds": 1, "lingerTimeoutSeconds": 1})
    with target.serving_others():
        for number in range(ROUNDS):
            mutator = Mutator(seed * 1_000_000 + number)
            with Peer(target.port, preface=False) as peer:
                peer.send(PREFACE + settings() + mutator.conversation(peer) if mutator.random.random() < 0.95
                          else mutator.mutate(PREFACE + settings()))
                if number % 10 == 0:
                    try:
                        peer.read(lambda: peer.goaways or any(r.ended or r.reset for r in peer.responses.values()), 0.2)
                    except Silence:
                        pass
