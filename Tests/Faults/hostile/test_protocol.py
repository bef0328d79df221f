"""What implementations of gRPC get wrong: requests that are not quite right get exactly the answer they should."""

import struct

import pytest

from .peer import (CANCEL, CHECK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, NO_ERROR, PREFACE, PROTOCOL_ERROR, RST_STREAM,
                   STREAM_CLOSED, WATCH, Peer, message, raw, settings, window_update)

OK, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL = 0, 4, 12, 13


@pytest.fixture
def peer(start):
    with Peer(start({}).port) as peer:
        yield peer
        # Whatever it was, the connection still serves.
        assert peer.answer(peer.call(CHECK)).status == OK


def test_what_the_server_announces(start):
    limits = {"maxConcurrentStreams": 7, "streamWindowBytes": 70_000, "connectionWindowBytes": 170_000, "maxHeaderBytes": 777}
    with Peer(start(limits).port) as peer:
        max_concurrent_streams, initial_window_size, max_header_list_size = 3, 4, 6
        assert peer.server_settings[max_concurrent_streams] == 7
        assert peer.server_settings[initial_window_size] == 70_000
        assert peer.server_settings[max_header_list_size] == 777
        peer.read(lambda: "WindowUpdateFrame" in peer.seen)


def goaway(last_stream, code=0, debug=b""):
    return raw(GOAWAY, 0, 0, struct.pack(">II", last_stream, code) + debug)


@pytest.mark.parametrize("last_stream", [0, 1, 3, 2**31 - 1])
@pytest.mark.parametrize("size", [1, 7, 1_000], ids=lambda size: f"in-{size}s")
def test_a_client_that_goes_away_gets_its_answers(start, last_stream, size):
    """Go's HTTP/2 client names a stream of its own in its GOAWAY, and goes on with the calls that are open."""
    target = start({})
    with target.serving_others(), Peer(target.port) as peer:
        watch = peer.call(WATCH)
        peer.read(lambda: peer.responses[watch].body)
        stream, headers = peer.request(peer.fields(CHECK))
        said = headers + goaway(last_stream, debug=b"bye") + goaway(last_stream) + b"".join(peer.data(stream, message(b"")))
        for begin in range(0, len(said), size):
            peer.send(said[begin:begin + size])
        response = peer.answer(stream)
        assert response.status == OK and response.body == message(b"\x08\x01")
        assert not peer.goaways and not peer.is_closed and not peer.responses[watch].ended
        # With the last call the connection ends.
        peer.send(raw(RST_STREAM, 0, watch, struct.pack(">I", CANCEL)))
        peer.wait_closed()
        assert all(code == NO_ERROR for code, _ in peer.goaways)


def test_a_plain_call(peer):
    response = peer.answer(peer.call(CHECK))
    assert response.headers[":status"] == "200" and response.status == OK
    assert response.body == message(b"\x08\x01")


@pytest.mark.parametrize("path", ["/grpc.health.v1.Health/check", "/grpc.health.v1.Health/Check/",
                                  "//grpc.health.v1.Health/Check", "/grpc.health.v1.Health/%43heck",
                                  "/grpc.health.v1.Health/Check?a=b", "/", "/x", "/../grpc.health.v1.Health/Check"])
def test_paths_are_compared_byte_by_byte(peer, path):
    assert peer.answer(peer.call(path)).status == UNIMPLEMENTED


def test_a_path_without_a_slash(peer):
    """HTTP/2 calls it malformed, before anybody looks for a method."""
    assert peer.answer(peer.call("grpc.health.v1.Health/Check")).reset == PROTOCOL_ERROR


@pytest.mark.parametrize("timeout", ["", "5", "S", "5s", "-5S", "+5S", "5 S", "123456789S", "1.5S", "5SS", "0x5S", "H5"])
def test_malformed_timeouts(peer, timeout):
    response = peer.answer(peer.call(CHECK, extra=[("grpc-timeout", timeout)]))
    assert response.status == INTERNAL and "timeout" in response.headers["grpc-message"]


@pytest.mark.parametrize("timeout", ["99999999H", "1M", "10S", "10000m", "10000000u", "99999999n"])
def test_timeouts_of_every_unit(peer, timeout):
    assert peer.answer(peer.call(CHECK, extra=[("grpc-timeout", timeout)])).status == OK


@pytest.mark.parametrize("timeout", ["0S", "0n", "1n", "100n"])
def test_deadlines_that_have_passed(peer, timeout):
    assert peer.answer(peer.call(CHECK, extra=[("grpc-timeout", timeout)])).status == DEADLINE_EXCEEDED


def test_deadlines_pass_while_the_request_comes_in(peer):
    stream, headers = peer.request(peer.fields(CHECK, extra=[("grpc-timeout", "50m")]))
    peer.send(headers)
    assert peer.answer(stream).status == DEADLINE_EXCEEDED


def test_deadlines_pass_while_a_stream_is_open(peer):
    response = peer.answer(peer.call(WATCH, extra=[("grpc-timeout", "200m")]))
    assert response.status == DEADLINE_EXCEEDED and response.body


@pytest.mark.parametrize("bodies", [[], [b"", b""], [b"", b"", b""]], ids=["none", "two", "three"])
@pytest.mark.parametrize("path", [CHECK, WATCH])
def test_one_message_is_one_message(peer, path, bodies):
    stream, headers = peer.request(peer.fields(path))
    peer.send(headers, *peer.data(stream, b"".join(message(body) for body in bodies)))
    assert peer.answer(stream).status == UNIMPLEMENTED


def test_a_request_of_headers_alone(peer):
    stream, headers = peer.request(peer.fields(CHECK), flags=END_HEADERS | END_STREAM)
    peer.send(headers)
    assert peer.answer(stream).status == UNIMPLEMENTED


@pytest.mark.parametrize("body", [b"\x00", b"\x00\x00\x00\x00\x05ab", message(b"ab")[:-1]])
def test_a_request_that_ends_within_a_message(peer, body):
    stream, headers = peer.request(peer.fields(CHECK))
    peer.send(headers, *peer.data(stream, body))
    assert peer.answer(stream).status == INTERNAL


@pytest.mark.parametrize("flag, status", [(1, INTERNAL), (2, INTERNAL), (255, INTERNAL)])
def test_flags_of_messages(peer, flag, status):
    """Compressed without an encoding, and flags that nobody knows."""
    stream, headers = peer.request(peer.fields(CHECK))
    peer.send(headers, *peer.data(stream, message(b"", flag=flag)))
    assert peer.answer(stream).status == status


def test_an_encoding_that_nobody_knows(peer):
    response = peer.answer(peer.call(CHECK, extra=[("grpc-encoding", "lzw")]))
    assert response.status == UNIMPLEMENTED


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "application/x-grpc", "",
                                          "Application"])
def test_other_content_types(peer, content_type):
    response = peer.answer(peer.call(CHECK, content_type=content_type))
    assert response.headers[":status"] == "415" and response.status is None


def test_no_content_type(peer):
    assert peer.answer(peer.call(CHECK, content_type=None)).headers[":status"] == "415"


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"])
def test_content_types_of_grpc(peer, content_type):
    assert peer.answer(peer.call(CHECK, content_type=content_type)).status == OK


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "post"])
def test_other_methods(peer, method):
    response = peer.answer(peer.call(CHECK, method=method))
    assert response.headers[":status"] in ("405", "415") and response.status is None


def test_te_is_no_condition(peer):
    """It tells of proxies that lose trailers; a server need not insist."""
    assert peer.answer(peer.call(CHECK, te=False)).status == OK


@pytest.mark.parametrize("value", ["!!!!", "A", "AAA=A", "===="])
def test_malformed_base64(peer, value):
    """Nobody asked for it, so nobody minds; whoever asks finds nothing."""
    assert peer.answer(peer.call(CHECK, extra=[("x-bytes-bin", value)])).status == OK


@pytest.mark.parametrize("field", [("X-Upper", "1"), ("connection", "close"), ("transfer-encoding", "chunked"),
                                   ("te", "gzip"), (":unknown", "1"), (":path", "/twice"), ("x-nul", "a\0b"),
                                   ("x-line", "a\r\nb"), ("content-length", "9999")])
def test_fields_that_http2_forbids(peer, field):
    """A reset, or an answer where nothing but the value is at fault; never silence."""
    response = peer.answer(peer.call(CHECK, extra=[field]))
    assert response.reset == PROTOCOL_ERROR or field[0].startswith("x-") and response.status == OK


@pytest.mark.parametrize("frames", [
    raw(DATA, 0, 0, b"x"), raw(HEADERS, END_HEADERS, 0, b"\x82"), raw(HEADERS, END_HEADERS, 2, b"\x82"),
    raw(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff"), raw(4, 0, 1), raw(4, 0, 0, b"12345"), raw(6, 0, 0, b"short"),
    raw(7, 0, 1, bytes(8)), raw(8, 0, 0, bytes(4)), raw(9, 0, 1), raw(5, 4, 1, bytes(4) + b"\x82"),
    raw(3, 0, 0, bytes(4)), raw(3, 0, 99, bytes(4)), raw(DATA, 8, 1, b"\xff"), b"\xff\xff\xff" + bytes(6),
    window_update(0, 2**31 - 1), settings(initial_window_size=2**32 - 1), settings(max_frame_size=1),
    settings(enable_push=2),
], ids=range(19))
def test_frames_that_break_the_connection(start, frames):
    """Each is a connection error of RFC 9113: a GOAWAY that says which, then the end."""
    target = start({})
    with target.serving_others(), Peer(target.port) as peer:
        peer.send(frames)
        code, reason = peer.goaway()
        assert code not in (0, 2) and code <= 0xD
        peer.wait_closed()
    assert "connection ended" in target.log()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", PREFACE[:-1] + b"x",
                                  b"\x00" * 100])
def test_other_protocols(start, said):
    target = start({})
    with target.serving_others(), Peer(target.port, preface=False) as peer:
        peer.send(said)
        assert peer.goaway()[0] == PROTOCOL_ERROR
        peer.wait_closed()


def test_data_after_the_end(start):
    target = start({})
    with target.serving_others(), Peer(target.port) as peer:
        stream = peer.call(WATCH)
        peer.send(raw(DATA, 0, stream, b"more"))
        assert peer.goaway()[0] == STREAM_CLOSED
