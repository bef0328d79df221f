"""Peers that are slow on purpose: everything that waits for a peer has an end, and what waits does not pile up."""

import contextlib
import struct
import time

import pytest

from .peer import (CHECK, ECHO, ENHANCE_YOUR_CALM, FRAME_SIZE_ERROR, NO_ERROR, PREFACE, SETTINGS_TIMEOUT, WATCH, Peer,
                   Silence, message, raw, settings, varint, window_update)

guards, setting = pytest.mark.guards, pytest.mark.setting

CANCELLED, RESOURCE_EXHAUSTED = 1, 8
MIB = 1 << 20


def echo_request(size):
    """A bench.Application that the server sends back as it is: a digest of that many bytes."""
    return b"\x72" + varint(size) + bytes(size)


@guards(handshakeTimeoutSeconds=1)
@pytest.mark.parametrize("said", [b"", PREFACE[:10], PREFACE, PREFACE + settings()[:7]],
                         ids=["nothing", "half-a-preface", "no-settings", "half-settings"])
def test_slow_preface(target, said):
    with target.serving_others(), Peer(target.port, preface=False) as peer:
        peer.answers_settings = False
        peer.send(said)
        assert peer.goaway() == (SETTINGS_TIMEOUT, "handshake_timeout")
        peer.wait_closed()


@guards(headersTimeoutSeconds=1)
@pytest.mark.parametrize("cut", [None, 40], ids=["no-continuation", "half-a-frame"])
def test_slow_headers(target, cut):
    with target.serving_others(), Peer(target.port) as peer:
        _, headers = peer.request(peer.fields(CHECK), flags=0)
        peer.send(headers[:cut])
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "headers_timeout")
        peer.wait_closed()


@guards(requestTimeoutSeconds=1)
@pytest.mark.parametrize("extra", [[], [("grpc-timeout", "99999999H")]], ids=["no-deadline", "with-deadline"])
def test_slow_body(target, extra):
    """The call fails, and the connection serves others."""
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK, extra=extra))
        peer.send(headers, *peer.data(stream, message(bytes(100))[:50], end=False))
        response = peer.answer(stream)
        assert response.status == CANCELLED and response.reset in (None, NO_ERROR)
        assert peer.answer(peer.call(CHECK)).status == 0


@guards(idleTimeoutSeconds=1)
def test_idle(target):
    with target.serving_others(), Peer(target.port) as peer:
        watch = peer.call(WATCH)
        time.sleep(2.5)  # an open call is not idle
        peer.read(lambda: peer.responses[watch].body)
        assert not peer.goaways
        peer.send(raw(3, 0, watch, struct.pack(">I", 8)))
        assert peer.goaway()[0] == NO_ERROR
        peer.wait_closed()


@guards(keepaliveIntervalSeconds=1, keepaliveTimeoutSeconds=1)
def test_a_dead_peer_is_noticed(target):
    with target.serving_others(), Peer(target.port) as peer:
        peer.read(lambda: peer.seen.count("PingFrame") > 1)
        assert not peer.is_closed and not peer.goaways, "it has answered"
        peer.answers_pings = False
        peer.wait_closed()


@guards(maxConnectionAgeSeconds=1, maxConnectionAgeGraceSeconds=1)
def test_connections_grow_old(target):
    with Peer(target.port) as peer:
        watch = peer.call(WATCH)
        peer.read(lambda: peer.responses[watch].body)
        assert peer.goaway()[0] == NO_ERROR
        assert not peer.is_closed, "calls that run have their grace"
        peer.wait_closed()
    with target.serving_others():
        pass


@setting(streamWindowBytes=4 << 20, connectionWindowBytes=2**31 - 1, maxBufferedRequestBytesPerConnection=8 << 20)
@guards(maxQueuedResponseBytesPerConnection=4 << 20)
def test_responses_that_nobody_reads(target):
    """CVE-2019-9511, -9517: a window of nothing, and large responses. Handlers wait until somebody reads."""
    with target.serving_others(max_growth_mib=40), Peer(target.port, initial_window_size=0) as peer:
        # Some answers are queued, the requests after them wait, and for the rest there is no room.
        streams = [peer.call(ECHO, echo_request(MIB)) for _ in range(60)]
        for stream in streams[20:]:
            assert peer.answer(stream).status == RESOURCE_EXHAUSTED
        waiting = peer.call(CHECK)
        with pytest.raises(Silence):
            peer.answer(waiting, patience=1)
        # Whoever reads after all gets what was not refused.
        peer.send(window_update(0, 2**30), settings(initial_window_size=2 * MIB))
        served = [stream for stream in [*streams, waiting] if peer.responses[stream].status is None]
        assert len(served) >= 8
        for stream in served:
            response = peer.answer(stream, patience=20)
            assert response.status == 0 and (len(response.body) > MIB or stream == waiting)


@guards(stalledWriteTimeoutSeconds=1)
def test_a_response_that_is_not_read(target):
    """The stream is reset; the connection, on which others move, stays."""
    with target.serving_others(), Peer(target.port, initial_window_size=10) as peer:
        stream = peer.call(ECHO, echo_request(1_000))
        assert peer.answer(stream).reset == ENHANCE_YOUR_CALM
        assert not peer.goaways
        peer.send(settings(initial_window_size=65_535))
        assert peer.answer(peer.call(CHECK)).status == 0


@setting(streamWindowBytes=4 << 20, connectionWindowBytes=2**31 - 1)
@guards(stalledWriteTimeoutSeconds=1)
def test_a_socket_that_is_not_read(target):
    with target.serving_others(max_growth_mib=100):
        with Peer(target.port, receive_buffer=4_096, initial_window_size=2**31 - 1) as peer:
            peer.send(window_update(0, 2**30))
            for _ in range(20):
                peer.call(ECHO, echo_request(MIB))
            time.sleep(4)
            peer.wait_closed(patience=10)
            assert sum(len(response.body) for response in peer.responses.values()) < 20 * MIB


@guards(stalledWriteTimeoutSeconds=1)
@pytest.mark.parametrize("window", ["stream", "connection"])
def test_a_byte_now_and_then_is_not_reading(target, window):
    """The response, of which a byte leaves ten times a second, is given up; the connection, on which others move, stays."""
    with target.serving_others(), Peer(target.port, initial_window_size=10 if window == "stream" else MIB) as peer:
        stream = peer.call(ECHO, echo_request(100_000))
        response = peer.responses[stream]
        deadline = time.monotonic() + 15
        while response.reset is None:
            assert time.monotonic() < deadline, f"{len(response.body)} bytes have trickled"
            peer.send(window_update(stream if window == "stream" else 0, 1))
            try:
                peer.read(lambda: response.reset is not None, patience=0.1)
            except Silence:
                pass
        assert response.reset == ENHANCE_YOUR_CALM and not peer.goaways
        peer.send(settings(initial_window_size=65_535), window_update(0, 65_535))
        assert peer.answer(peer.call(CHECK)).status == 0


@setting(streamWindowBytes=4 << 20, connectionWindowBytes=2**31 - 1)
@guards(stalledWriteTimeoutSeconds=1)
def test_a_byte_now_and_then_off_the_socket_is_not_reading(target):
    with target.serving_others(max_growth_mib=100):
        with Peer(target.port, receive_buffer=4_096, initial_window_size=2**31 - 1) as peer:
            peer.send(window_update(0, 2**30))
            for _ in range(20):
                peer.call(ECHO, echo_request(MIB))
            for _ in range(60):
                peer.socket.recv(1)
                time.sleep(0.1)
            left = 0
            with contextlib.suppress(ConnectionResetError):
                while received := peer.socket.recv(MIB):
                    left += len(received)
            assert left < 20 * MIB, "the server has waited"


def test_slow_readers_are_served(start):
    """Whoever takes 100 KB a second of 20 MiB is slow, and no more than that."""
    target = start({"streamWindowBytes": 4 << 20, "connectionWindowBytes": 2**31 - 1, "stalledWriteTimeoutSeconds": 1})
    with Peer(target.port, receive_buffer=4_096, initial_window_size=2**31 - 1) as peer:
        peer.send(window_update(0, 2**30))
        for _ in range(20):
            peer.call(ECHO, echo_request(MIB))
        for _ in range(60):
            wanted = 10_000
            while wanted > 0:
                received = peer.socket.recv(wanted)
                assert received, "the server has closed the connection"
                wanted -= len(received)
            time.sleep(0.1)
    assert "stalled" not in target.log() and "not read" not in target.log()


def test_whoever_was_told_to_go_has_little_time_left(start):
    """After the last words the server listens a moment longer, and then closes, whatever the peer does."""
    target = start({"lingerTimeoutSeconds": 1})
    with target.serving_others(), Peer(target.port) as peer:
        peer.send(raw(6, 0, 0, b"short"))
        assert peer.goaway()[0] == FRAME_SIZE_ERROR
        peer.wait_closed()
        deadline = time.monotonic() + 10
        while peer.send(raw(0xEE, 0, 0, b"still here")):
            assert time.monotonic() < deadline, "the server listens for ever"
            time.sleep(0.1)
