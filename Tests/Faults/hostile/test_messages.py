"""Messages that claim or do more than they may."""

import struct
import zlib

import pytest

from .peer import CHECK, ECHO, Peer, message
from .test_slow_peers import echo_request

guards = pytest.mark.guards

RESOURCE_EXHAUSTED, INTERNAL = 8, 13
MIB = 1 << 20


@guards(maxRequestBytes=1_000)
@pytest.mark.parametrize("claimed", [1_001, 2**31 - 1])
def test_a_huge_declared_length(target, claimed):
    """Decided on the five bytes: the message itself never comes."""
    with target.serving_others(max_growth_mib=16), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK))
        peer.send(headers, *peer.data(stream, struct.pack(">BI", 0, claimed), end=False))
        assert peer.answer(stream).status == RESOURCE_EXHAUSTED
        assert peer.answer(peer.call(CHECK)).status == 0


@guards(maxBufferedRequestBytesPerConnection=2 << 20)
def test_many_half_requests(target):
    with target.serving_others(), Peer(target.port) as peer:
        streams = []
        for _ in range(20):
            stream, headers = peer.request(peer.fields(ECHO))
            peer.send(headers, *peer.data(stream, message(bytes(MIB))[:200_000], end=False))
            streams.append(stream)
        assert peer.answer(streams[-1]).status == RESOURCE_EXHAUSTED
        assert peer.responses[streams[0]].status is None


@guards(maxHeaderFields=100)
def test_many_small_header_fields(target):
    """CVE-2026-49975: a byte a field, by the dynamic table."""
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK, extra=[("a", "b")] * 101))
        peer.send(headers, *peer.data(stream, message(b"")))
        assert peer.answer(stream).status == RESOURCE_EXHAUSTED
        assert peer.answer(peer.call(CHECK)).status == 0


@guards(maxHeaderFields=100)
def test_headers_over_the_limit_outside_grpc(target):
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields("/", content_type="text/plain", extra=[("a", "b")] * 101))
        peer.send(headers, *peer.data(stream, b""))
        assert peer.answer(stream).headers[":status"] == "431"


@guards(maxHeaderBytes=16 << 10)
def test_a_header_bomb(target):
    """A field of 4 000 bytes, then references to it, a byte each: 64 MB if they were kept."""
    with target.serving_others(max_growth_mib=16), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK, extra=[("bomb", "x" * 4_000)] * 60))
        assert len(headers) < 5_000
        peer.send(headers, *peer.data(stream, message(b"")))
        assert peer.answer(stream).status == RESOURCE_EXHAUSTED
        assert peer.answer(peer.call(CHECK)).status == 0


def test_a_header_bomb_of_a_whole_frame(start):
    target = start({})
    with target.serving_others(max_growth_mib=16), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK, extra=[("bomb", "x" * 4_000)] * 12_000))
        assert len(headers) < 17_000
        peer.send(headers, *peer.data(stream, message(b"")))
        assert peer.answer(stream).status == RESOURCE_EXHAUSTED


@guards(maxRequestBytes=1 << 20)
@pytest.mark.parametrize("encoding, container", [("gzip", 31), ("deflate", 15)])
def test_a_packed_bomb(target, encoding, container):
    """64 KB that unpack to 64 MiB: unpacking stops at the limit."""
    packer = zlib.compressobj(9, zlib.DEFLATED, container)
    packed = packer.compress(echo_request(64 * MIB)) + packer.flush()
    assert len(packed) < 80_000
    with target.serving_others(max_growth_mib=16), Peer(target.port) as peer:
        for _ in range(5):
            stream, headers = peer.request(peer.fields(ECHO, extra=[("grpc-encoding", encoding)]))
            peer.send(headers, *peer.data(stream, message(packed, flag=1)))
            assert peer.answer(stream).status == RESOURCE_EXHAUSTED
        assert peer.answer(peer.call(CHECK)).status == 0


def nested(levels):
    """bench.Application with an unknown field 99 that nests groups: start, …, end."""
    return b"\x9b\x06" * levels + b"\x9c\x06" * levels


def test_deep_messages(start):
    target = start({"streamWindowBytes": 8 * MIB, "connectionWindowBytes": 64 * MIB})
    with target.serving_others(), Peer(target.port) as peer:
        assert peer.answer(peer.call(ECHO, nested(50))).status == 0
        for levels in (101, 10_000, 500_000):
            assert peer.answer(peer.call(ECHO, nested(levels))).status == INTERNAL


def test_amplifying_messages(start):
    """4 MiB of empty sub-messages, or of unknown fields of two bytes, would be 80 and 112 MiB in memory."""
    target = start({"streamWindowBytes": 8 * MIB, "connectionWindowBytes": 64 * MIB})
    with target.serving_others(max_growth_mib=120), Peer(target.port) as peer:
        for body in (b"\x3a\x00" * (2 * MIB - 100), b"\x98\x06\x00" * MIB):
            for _ in range(3):
                assert peer.answer(peer.call(ECHO, body), patience=20).status in (0, RESOURCE_EXHAUSTED)
