"""What RFC 7540 and RFC 7541 ask of a server, case by case, on a path that answers and on one that refuses.

The cases are those that public conformance suites of HTTP/2 try. An error of a stream may end the connection instead
(RFC 7540, section 5.4.1), but never without a GOAWAY that names it.
"""

import struct

import pytest

from .peer import (ACK, CANCEL, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM, FRAME_SIZE_ERROR, GOAWAY, HEADERS,
                   NO_ERROR, PADDED, PING, PREFACE, PRIORITY, PROTOCOL_ERROR, PUSH_PROMISE, RST_STREAM, SETTINGS, STREAM_CLOSED,
                   WINDOW_UPDATE, Peer, Response, raw, settings, window_update)

FLOW_CONTROL_ERROR, REFUSED = 0x3, 0x7
PRIORITIZED = 0x20
PATHS = {"answers": "/grpc.health.v1.Health/Check?connect=v1&encoding=json&message=%7B%7D", "refuses": "/"}
PING_DATA = b"conforms"


class Case(Peer):
    """A peer that makes plain requests, on stream 1 unless told otherwise."""

    def __init__(self, port, path, **rest):
        super().__init__(port, **rest)
        self.path = path

    def fragment(self, method="GET", extra=(), without=(), first=()):
        fields = [*first, (":method", method), (":scheme", "http"), (":path", self.path), (":authority", "127.0.0.1")]
        return self.encoder.encode([f for f in fields if f[0] not in without] + list(extra))

    def headers(self, flags=END_HEADERS | END_STREAM, stream=1, block=None, **rest):
        return raw(HEADERS, flags, stream, self.fragment(**rest) if block is None else block)

    # What comes of it

    def response(self, stream=1):
        return self.responses.setdefault(stream, Response())

    def expect_answer(self, stream=1):
        response = self.response(stream)
        self.read(lambda: ":status" in response.headers or response.reset is not None or self.goaways)
        assert ":status" in response.headers

    def expect_end(self, stream=1):
        response = self.response(stream)
        self.read(lambda: response.ended)
        assert response.ended

    def expect_ping(self):
        self.send(raw(PING, 0, 0, PING_DATA))
        count = self.seen.count("PingFrame")
        self.read(lambda: self.seen.count("PingFrame") > count or self.goaways)
        assert not self.goaways and not self.is_closed

    def expect_connection_error(self, *codes):
        assert self.goaway()[0] in codes
        self.wait_closed()

    def expect_stream_error(self, *codes, stream=1):
        response = self.response(stream)
        self.read(lambda: self.goaways or response.reset not in (None, NO_ERROR))
        assert (self.goaways[0][0] if self.goaways else response.reset) in codes

    def expect_data(self, size, total, stream=1):
        response = self.response(stream)
        self.read(lambda: len(response.body) >= total or self.goaways)
        assert len(response.body) == total and size


def priority(stream, dependency, weight=255):
    return raw(PRIORITY, 0, stream, struct.pack(">IB", dependency, weight))


def reset(stream, code=CANCEL):
    return raw(RST_STREAM, 0, stream, struct.pack(">I", code))


def data(stream=1, payload=b"test", flags=END_STREAM):
    return raw(DATA, flags, stream, payload)


def goaway(stream=0, payload=bytes(8)):
    return raw(GOAWAY, 0, stream, payload)


def setting(number, value, flags=0, stream=0):
    return raw(SETTINGS, flags, stream, struct.pack(">HI", number, value))


# Of each case: what is sent, as a function of the peer. Where it begins with the end of a call, that is awaited first.

CONNECTION_ERRORS = {
    "4.1 a frame with too large a length": (lambda p: raw(DATA, 0, 1, bytes(16_385)), FRAME_SIZE_ERROR),
    "4.2 a large frame that holds the connection's state": (
        lambda p: raw(HEADERS, END_HEADERS | END_STREAM, 1, p.fragment() + b"\0\x01x" + b"\x7f\x82\x7f" + bytes(16_384)),
        FRAME_SIZE_ERROR),
    "4.3 a header block that cannot be decoded": (lambda p: p.headers(block=b"\x40"), COMPRESSION_ERROR),
    "4.3 another header block within one": (
        lambda p: p.headers(flags=END_STREAM) + p.headers(stream=3), PROTOCOL_ERROR),
    "4.3 PRIORITY within a header block": (lambda p: p.headers(flags=END_STREAM) + priority(1, 0), PROTOCOL_ERROR),
    "5.1 idle: DATA": (lambda p: data(), PROTOCOL_ERROR),
    "5.1 idle: RST_STREAM": (lambda p: reset(1), PROTOCOL_ERROR),
    "5.1 idle: WINDOW_UPDATE": (lambda p: window_update(1, 100), PROTOCOL_ERROR),
    "5.1 idle: CONTINUATION": (lambda p: raw(CONTINUATION, END_HEADERS, 1, p.fragment()), PROTOCOL_ERROR),
    "5.1.1 an even stream": (lambda p: p.headers(stream=2), PROTOCOL_ERROR),
    "5.3.1 HEADERS that depend on themselves": (
        lambda p: p.headers(flags=END_HEADERS | END_STREAM | PRIORITIZED, block=struct.pack(">IB", 1, 255) + p.fragment()),
        PROTOCOL_ERROR),
    "5.3.1 PRIORITY that depends on itself": (lambda p: priority(1, 1), PROTOCOL_ERROR),
    "5.4.1 an invalid PING": (lambda p: raw(PING, 0, 3, bytes(8)), PROTOCOL_ERROR),
    "5.5 an unknown frame within a header block": (
        lambda p: p.headers(flags=END_STREAM) + raw(0xFF, 0, 0, b"x") + raw(CONTINUATION, END_HEADERS, 1), PROTOCOL_ERROR),
    "6.1 DATA on stream 0": (lambda p: data(0), PROTOCOL_ERROR),
    "6.1 DATA with too much padding": (
        lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"\x06test\0", END_STREAM | PADDED), PROTOCOL_ERROR),
    "6.2 HEADERS without an end, and PRIORITY": (lambda p: p.headers(flags=END_STREAM) + priority(3, 0), PROTOCOL_ERROR),
    "6.2 HEADERS without an end, and DATA": (lambda p: p.headers(flags=0) + data(), PROTOCOL_ERROR),
    "6.2 HEADERS on stream 0": (lambda p: p.headers(stream=0), PROTOCOL_ERROR),
    "6.2 HEADERS with too much padding": (
        lambda p: p.headers(flags=END_HEADERS | END_STREAM | PADDED, block=b"\xff" + p.fragment()), PROTOCOL_ERROR),
    "6.3 PRIORITY on stream 0": (lambda p: priority(0, 0), PROTOCOL_ERROR),
    "6.3 PRIORITY of another length": (
        lambda p: p.headers() + raw(PRIORITY, 0, 1, bytes(4)), FRAME_SIZE_ERROR),
    "6.4 RST_STREAM on stream 0": (lambda p: reset(0), PROTOCOL_ERROR),
    "6.4 RST_STREAM of another length": (
        lambda p: p.headers(flags=END_HEADERS) + raw(RST_STREAM, 0, 1, bytes(3)), FRAME_SIZE_ERROR),
    "6.5 SETTINGS with ACK and a payload": (lambda p: raw(SETTINGS, ACK, 0, b"\0"), FRAME_SIZE_ERROR),
    "6.5 SETTINGS on a stream": (lambda p: setting(3, 100, stream=1), PROTOCOL_ERROR),
    "6.5 SETTINGS of another length": (lambda p: raw(SETTINGS, 0, 0, bytes(3)), FRAME_SIZE_ERROR),
    "6.5.2 ENABLE_PUSH of 2": (lambda p: setting(2, 2), PROTOCOL_ERROR),
    "6.5.2 INITIAL_WINDOW_SIZE too large": (lambda p: setting(4, 2**31), FLOW_CONTROL_ERROR),
    "6.5.2 MAX_FRAME_SIZE too small": (lambda p: setting(5, 16_383), PROTOCOL_ERROR),
    "6.5.2 MAX_FRAME_SIZE too large": (lambda p: setting(5, 2**24), PROTOCOL_ERROR),
    "6.7 PING on a stream": (lambda p: raw(PING, 0, 1, bytes(8)), PROTOCOL_ERROR),
    "6.7 PING of another length": (lambda p: raw(PING, 0, 0, bytes(6)), FRAME_SIZE_ERROR),
    "6.8 GOAWAY on a stream": (lambda p: goaway(1), PROTOCOL_ERROR),
    "6.9 WINDOW_UPDATE of 0": (lambda p: window_update(0, 0), PROTOCOL_ERROR),
    "6.9 WINDOW_UPDATE of another length": (lambda p: raw(WINDOW_UPDATE, 0, 0, bytes(3)), FRAME_SIZE_ERROR),
    "6.9.1 WINDOW_UPDATE over the largest window": (
        lambda p: window_update(0, 2**31 - 1) * 2, FLOW_CONTROL_ERROR),
    "6.10 CONTINUATION after an end": (
        lambda p: p.headers() + raw(CONTINUATION, END_HEADERS, 1, b""), PROTOCOL_ERROR),
    "6.10 CONTINUATION after a CONTINUATION with the end": (
        lambda p: p.headers(flags=END_STREAM) + raw(CONTINUATION, END_HEADERS, 1) + raw(CONTINUATION, END_HEADERS, 1),
        PROTOCOL_ERROR),
    "6.10 CONTINUATION, and no other frame": (
        lambda p: p.headers(flags=END_STREAM) + raw(CONTINUATION, 0, 1) + data(), PROTOCOL_ERROR),
    "6.10 CONTINUATION on stream 0": (
        lambda p: p.headers(flags=END_STREAM) + raw(CONTINUATION, END_HEADERS, 0), PROTOCOL_ERROR),
    "6.10 CONTINUATION after DATA": (
        lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"test", 0) + raw(CONTINUATION, END_HEADERS, 1),
        PROTOCOL_ERROR),
    "8.2 PUSH_PROMISE": (
        lambda p: raw(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 3) + p.fragment()), PROTOCOL_ERROR),
    "hpack 2.3.3 an index past the tables": (lambda p: p.headers(block=p.fragment() + b"\xff\x00"), COMPRESSION_ERROR),
    "hpack 2.3.3 a name past the tables": (
        lambda p: p.headers(block=p.fragment() + b"\x7f\x20\x04test"), COMPRESSION_ERROR),
    "hpack 4.2 a size update at the end of a block": (lambda p: p.headers(block=p.fragment() + b"\x20"), COMPRESSION_ERROR),
    "hpack 5.2 padding of more than seven bits": (
        lambda p: p.headers(block=p.fragment() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x85\x9c\x48\xac\xa4\xff"), COMPRESSION_ERROR),
    "hpack 5.2 padding of zeros": (
        lambda p: p.headers(block=p.fragment() + b"\x00\x85\xf2\xb2\x4a\x87\xff\xff\xff\xfd\x25\x42\x7f"), COMPRESSION_ERROR),
    "hpack 5.2 the code for the end of a string": (
        lambda p: p.headers(block=p.fragment() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x88\x9c\x48\xac\xa4\xff\xff\xff\xff"),
        COMPRESSION_ERROR),
    "hpack 6.1 index 0": (lambda p: p.headers(block=p.fragment() + b"\x80"), COMPRESSION_ERROR),
    "hpack 6.3 a table larger than allowed": (
        lambda p: p.headers(block=b"\x3f\xe1\xff\x03" + p.fragment()), COMPRESSION_ERROR),
}

STREAM_ERRORS = {
    "5.1 half-closed: DATA": (lambda p: p.headers() + data(), STREAM_CLOSED),
    "5.1 half-closed: HEADERS": (lambda p: p.headers() + p.headers(), STREAM_CLOSED),
    "5.1 half-closed: CONTINUATION": (
        lambda p: p.headers() + raw(CONTINUATION, END_HEADERS, 1, p.fragment()), STREAM_CLOSED, PROTOCOL_ERROR),
    "5.1 closed by the peer: DATA": (lambda p: p.headers(flags=END_HEADERS) + reset(1) + data(), STREAM_CLOSED),
    "5.1 closed by the peer: HEADERS": (lambda p: p.headers(flags=END_HEADERS) + reset(1) + p.headers(), STREAM_CLOSED),
    "5.1 closed by the peer: CONTINUATION": (
        lambda p: p.headers(flags=END_HEADERS) + reset(1) + raw(CONTINUATION, END_HEADERS, 1), STREAM_CLOSED, PROTOCOL_ERROR),
    "6.9.1 WINDOW_UPDATE over the largest window of a stream": (
        lambda p: settings(initial_window_size=0) + p.headers() + window_update(1, 2**31 - 1) * 2, FLOW_CONTROL_ERROR),
    "6.9 WINDOW_UPDATE of 0 on a stream": (
        lambda p: settings(initial_window_size=0) + p.headers() + window_update(1, 0), PROTOCOL_ERROR),
    "8.1 a second HEADERS without an end": (
        lambda p: p.headers(flags=END_HEADERS, method="POST") + p.headers(flags=END_HEADERS, block=b"\x00\x01x\x01y"),
        PROTOCOL_ERROR),
    "8.1.2 a name in capitals": (lambda p: p.headers(extra=[("X-TEST", "ok")]), PROTOCOL_ERROR),
    "8.1.2.1 an unknown pseudo-field": (lambda p: p.headers(first=[(":test", "ok")]), PROTOCOL_ERROR),
    "8.1.2.1 a pseudo-field of responses": (lambda p: p.headers(first=[(":status", "200")]), PROTOCOL_ERROR),
    "8.1.2.1 a pseudo-field in trailers": (
        lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"test", 0)
        + p.headers(block=p.encoder.encode([(":method", "200")])), PROTOCOL_ERROR),
    "8.1.2.1 a pseudo-field after others": (
        lambda p: p.headers(without=[":path"], extra=[("x-test", "ok"), (":path", p.path)]), PROTOCOL_ERROR),
    "8.1.2.2 a field of the connection": (lambda p: p.headers(extra=[("connection", "keep-alive")]), PROTOCOL_ERROR),
    "8.1.2.2 te other than trailers": (lambda p: p.headers(extra=[("te", "trailers, deflate")]), PROTOCOL_ERROR),
    "8.1.2.3 an empty path": (lambda p: p.headers(without=[":path"], first=[(":path", "")]), PROTOCOL_ERROR),
    "8.1.2.3 no method": (lambda p: p.headers(without=[":method"]), PROTOCOL_ERROR),
    "8.1.2.3 no scheme": (lambda p: p.headers(without=[":scheme"]), PROTOCOL_ERROR),
    "8.1.2.3 no path": (lambda p: p.headers(without=[":path"]), PROTOCOL_ERROR),
    "8.1.2.3 two methods": (lambda p: p.headers(first=[(":method", "GET")]), PROTOCOL_ERROR),
    "8.1.2.3 two schemes": (lambda p: p.headers(first=[(":scheme", "http")]), PROTOCOL_ERROR),
    "8.1.2.3 two paths": (lambda p: p.headers(first=[(":path", p.path)]), PROTOCOL_ERROR),
    "8.1.2.6 content-length of another length": (
        lambda p: p.headers(flags=END_HEADERS, method="POST", extra=[("content-length", "1")]) + data(), PROTOCOL_ERROR),
    "8.1.2.6 content-length of another length, in several frames": (
        lambda p: p.headers(flags=END_HEADERS, method="POST", extra=[("content-length", "1")]) + data(1, b"test", 0) + data(),
        PROTOCOL_ERROR),
}

# After the end of the call on stream 1.
CLOSED = {
    "5.1 closed: DATA": (lambda p: data(), STREAM_CLOSED),
    "5.1 closed: HEADERS": (lambda p: p.headers(), STREAM_CLOSED),
    "5.1 closed: CONTINUATION": (lambda p: raw(CONTINUATION, END_HEADERS, 1), STREAM_CLOSED, PROTOCOL_ERROR),
}

ANSWERED = {
    "GET": lambda p: p.headers(),
    "HEAD": lambda p: p.headers(method="HEAD"),
    "POST": lambda p: p.headers(flags=END_HEADERS, method="POST") + data(),
    "POST with trailers": lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"test", 0)
    + p.headers(block=p.encoder.encode([("x-test", "ok")])),
    "padding": lambda p: p.headers(flags=END_HEADERS | END_STREAM | PADDED, block=b"\x05" + p.fragment() + bytes(5)),
    "padded DATA": lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"\x05test" + bytes(5), END_STREAM | PADDED),
    "several DATA": lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, b"test", 0) * 3 + data(),
    "priority": lambda p: p.headers(flags=END_HEADERS | END_STREAM | PRIORITIZED, block=struct.pack(">IB", 0, 255) + p.fragment()),
    "PRIORITY before": lambda p: priority(1, 0, 200) + p.headers(),
    "CONTINUATION": lambda p: p.headers(flags=END_STREAM, block=b"") + raw(CONTINUATION, END_HEADERS, 1, p.fragment()),
    "two CONTINUATION": lambda p: p.headers(flags=END_STREAM) + raw(CONTINUATION, 0, 1) + raw(CONTINUATION, END_HEADERS, 1),
    "the largest frame": lambda p: p.headers(flags=END_HEADERS, method="POST") + data(1, bytes(16_384)),
    "SETTINGS that nobody knows": lambda p: setting(0xFF, 1) + p.headers(),
    "indexed": lambda p: p.headers(block=p.fragment() + b"\xba"),
    "indexed name, new value": lambda p: p.headers(block=p.fragment() + b"\x7a\x04test"),
    "incremental": lambda p: p.headers(block=p.fragment() + b"\x40\x06x-test\x04test"),
    "incremental, by Huffman": lambda p: p.headers(block=p.fragment() + b"\x40\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x9f"),
    "not indexed": lambda p: p.headers(block=p.fragment() + b"\x00\x06x-test\x04test"),
    "not indexed, by Huffman": lambda p: p.headers(block=p.fragment() + b"\x00\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x9f"),
    "never indexed": lambda p: p.headers(block=p.fragment() + b"\x10\x06x-test\x04test"),
    "never indexed, by Huffman": lambda p: p.headers(block=p.fragment() + b"\x10\x85\xf2\xb2\x4a\x84\xff\x83\x49\x50\x9f"),
    "a size update": lambda p: p.headers(block=b"\x20" + p.fragment()),
    "two size updates": lambda p: p.headers(block=b"\x20\x3f\xe1\x1f" + p.fragment()),
    "PRIORITY that depends on a stream to come": lambda p: priority(1, 3) + p.headers(),
    "a field in several parts": lambda p: p.headers(extra=[("cookie", "a=b"), ("cookie", "c=d")]),
}

GOES_ON = {
    "an unknown frame": lambda p: raw(0xFF, 0, 0, bytes(8)),
    "a frame with undefined flags": lambda p: raw(PING, 0xFE, 0, bytes(8)),
    "a frame with the reserved bit": lambda p: raw(PING, 0, 2**31, bytes(8)),
    "RST_STREAM on an open stream": lambda p: p.headers(flags=END_HEADERS) + reset(1),
    "RST_STREAM on a half-closed stream": lambda p: p.headers() + reset(1),
    "RST_STREAM with an unknown code": lambda p: p.headers(flags=END_HEADERS) + reset(1, 0xFF),
    "PRIORITY on an idle stream": lambda p: priority(1, 0),
    "PRIORITY of the lowest and the highest weight": lambda p: priority(1, 0, 0) + priority(1, 0, 255),
    "WINDOW_UPDATE on the connection": lambda p: window_update(0, 1),
    "WINDOW_UPDATE on a half-closed stream": lambda p: p.headers() + window_update(1, 1),
    "SETTINGS of every kind": lambda p: setting(1, 0) + setting(2, 0) + setting(3, 0) + setting(4, 1) + setting(5, 20_000)
    + setting(6, 100_000),
    # nghttp2 cannot tell it from one that is late.
    "HEADERS on a stream below another": lambda p: p.headers(stream=5) + p.headers(stream=3),
    "PING with ACK": lambda p: raw(PING, ACK, 0, bytes(8)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from .target import Target
    target = Target({"lingerTimeoutSeconds": 1}, tmp_path_factory.mktemp("conformance") / "log")
    yield target
    assert target.stop() is None


@pytest.fixture(params=PATHS)
def peer(request, server):
    with Case(server.port, PATHS[request.param]) as peer:
        yield peer


@pytest.mark.parametrize("case", CONNECTION_ERRORS)
def test_connection_errors(peer, case):
    said, *codes = CONNECTION_ERRORS[case]
    peer.send(said(peer))
    peer.expect_connection_error(*codes)


@pytest.mark.parametrize("case", STREAM_ERRORS)
def test_stream_errors(peer, case):
    said, *codes = STREAM_ERRORS[case]
    peer.send(said(peer))
    peer.expect_stream_error(*codes)


@pytest.mark.parametrize("case", CLOSED)
@pytest.mark.parametrize("later", [0, 100])
def test_closed_streams(peer, case, later):
    """The server remembers streams that are closed, also when others have closed after them."""
    peer.send(peer.headers())
    peer.expect_end()
    for stream in range(3, 3 + 2 * later, 2):
        peer.send(peer.headers(stream=stream))
        peer.expect_end(stream)
    said, *codes = CLOSED[case]
    peer.send(said(peer))
    peer.expect_connection_error(*codes)


def test_priority_on_a_closed_stream(peer):
    peer.send(peer.headers())
    peer.expect_end()
    peer.send(priority(1, 0))
    peer.expect_ping()


@pytest.mark.parametrize("case", ANSWERED)
def test_what_is_answered(peer, case):
    peer.send(ANSWERED[case](peer))
    peer.expect_answer()
    peer.expect_end()


@pytest.mark.parametrize("case", GOES_ON)
def test_what_changes_nothing(peer, case):
    peer.send(GOES_ON[case](peer))
    peer.expect_ping()


def test_the_preface_comes_first(server):
    with Case(server.port, "/", preface=False) as peer:
        peer.send(PREFACE.replace(b"SM", b"XX") + settings())
        peer.expect_connection_error(PROTOCOL_ERROR)
    with Case(server.port, "/", preface=False) as peer:
        peer.send(PREFACE + raw(PING, 0, 0, bytes(8)))
        peer.expect_connection_error(PROTOCOL_ERROR)
        assert peer.seen[0] == "SettingsFrame"


def test_goaway_ends_no_call(peer):
    peer.send(peer.headers() + goaway())
    peer.expect_answer()


def test_too_many_streams(server, peer):
    """One more than the server allows: an error of the stream or of the connection."""
    count = peer.server_settings[3]
    peer.send(settings(initial_window_size=0))
    peer.send(b"".join(peer.headers(stream=stream) for stream in range(1, 2 * count + 3, 2)))
    peer.expect_stream_error(PROTOCOL_ERROR, REFUSED, stream=2 * count + 1)


# Responses of either path have a body, whose way flow control decides.

def test_a_window_of_one_byte(peer):
    peer.send(settings(initial_window_size=1) + peer.headers())
    peer.expect_data(1, 1)


@pytest.mark.parametrize("later", [lambda: settings(initial_window_size=1), lambda: window_update(1, 1),
                                   lambda: priority(1, 0) + window_update(1, 1)], ids=["settings", "update", "priority"])
def test_a_window_that_opens(peer, later):
    peer.send(settings(initial_window_size=0) + peer.headers())
    peer.expect_answer()
    assert not peer.responses[1].body
    peer.send(later())
    peer.expect_data(1, 1)


def test_a_window_below_zero(peer):
    peer.send(settings(initial_window_size=3) + peer.headers())
    peer.expect_data(3, 3)
    peer.send(settings(initial_window_size=2) + window_update(1, 2))
    peer.expect_data(1, 4)


def test_large_windows_by_several_updates(peer):
    peer.send(settings(initial_window_size=0) + peer.headers() + window_update(1, 100) * 10)
    peer.expect_end()


@pytest.mark.parametrize("method, extra, status", [
    ("GET", [], "405"), ("PUT", [], "405"), ("POST", [], "415"), ("POST", [("content-type", "text/html")], "415"),
    ("POST", [("content-type", "text/html"), *[("x-field", "x")] * 200], "431"), ("HEAD", [], "405")])
def test_refusals_say_why(server, method, extra, status):
    with Case(server.port, "/") as peer:
        peer.send(peer.headers(method=method, extra=extra))
        peer.expect_answer()
        peer.expect_end()
        response = peer.responses[1]
        assert response.headers[":status"] == status and response.headers["content-type"].startswith("text/plain")
        assert response.headers.get("allow") == ("POST" if status == "405" else None)
        # The answer to HEAD is what GET would get, without its body.
        assert (len(response.body) == 0) if method == "HEAD" else (20 < len(response.body) < 200)


def test_memory_of_closed_streams(start):
    """As many as may be open at a time are remembered, and none where that would be many."""
    for limits, calls in [({"maxConcurrentStreams": 256}, 20_000), ({"maxConcurrentStreams": 2**31 - 1}, 20_000)]:
        target = start(limits)
        with target.serving_others(), Case(target.port, "/") as peer:
            def make(count):
                for _ in range(count // 50):
                    streams = [peer.next_stream + 2 * index for index in range(50)]
                    peer.next_stream += 100
                    peer.send(*[peer.headers(stream=stream, method="HEAD") for stream in streams])
                    peer.expect_end(streams[-1])
            make(2_000)
            before = target.resident_kib()
            make(calls)
            assert target.resident_kib() - before < 4_096
