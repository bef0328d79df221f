"""Peers that want more than their part: of the handlers, of the streams, of the processor, of the memory."""

import gzip
import struct
import time
from contextlib import ExitStack

import pytest

from .peer import (CANCEL, CHECK, COMPUTE, ECHO, ENHANCE_YOUR_CALM, FILL, PING, REFLECT, RST_STREAM, SMALL, WATCH,
                   Peer, message, raw, settings, varint, window_update)
from .test_slow_peers import echo_request

guards, setting = pytest.mark.guards, pytest.mark.setting

OK, RESOURCE_EXHAUSTED = 0, 8
MIB = 1 << 20
EMPTY_CALL = "/grpc.testing.TestService/EmptyCall"
SLEEP = "/grpc.testing.TestService/StreamingOutputCall"


def sleep_request(seconds):
    """A grpc.testing.StreamingOutputCallRequest for one response after that time: its handler waits, but not for us."""
    parameters = b"\x08\x01\x10" + varint(seconds * 1_000_000)
    return b"\x12" + varint(len(parameters)) + parameters


def fill_request(size):
    return b"\x08" + varint(size)


def compute_request(rounds):
    return b"\x08" + varint(rounds)


def statuses(peer, streams, **rest):
    return [peer.answer(stream, **rest).status for stream in streams]


def heard(peer):
    """The responses of a peer, once it has read all that was on its way."""
    seen = peer.seen.count("PingFrame")
    peer.send(raw(PING, 0, 0, bytes(8)))
    peer.read(lambda: peer.seen.count("PingFrame") > seen)
    return list(peer.responses.values())


def eventually(condition, patience=10):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came"


# Handlers


@setting(maxRunningHandlers=10)
def test_parked_watches_are_not_running_handlers(target):
    """40 connections, each with as many watches of the server's health as fit."""
    with ExitStack() as stack:
        stack.enter_context(target.serving_others())
        for _ in range(40):
            peer = stack.enter_context(Peer(target.port))
            watches = [peer.call(WATCH) for _ in range(25)]
            peer.read(lambda: all(peer.responses[watch].body for watch in watches))
        with Peer(target.port) as other:
            assert statuses(other, [other.call(SMALL) for _ in range(20)]) == [OK] * 20


@setting(maxRunningHandlers=10)
def test_handlers_that_wait_for_their_client_are_not_running(target):
    """Streams whose client says nothing, and streams whose client does not read."""
    with target.serving_others(), Peer(target.port) as silent, Peer(target.port, initial_window_size=0) as deaf:
        for _ in range(30):
            silent.send(silent.request(silent.fields(REFLECT))[1])
            deaf.call("/bench.Streams/Count", b"\x08" + varint(1_000) + b"\x12" + varint(10_000) + bytes(10_000))
        with Peer(target.port) as other:
            assert statuses(other, [other.call(SMALL) for _ in range(20)]) == [OK] * 20


@setting(program="interop-server")
@guards(maxRunningHandlers=10)
def test_too_many_handlers(target):
    with Peer(target.port) as peer:
        streams = [peer.call(SLEEP, sleep_request(60)) for _ in range(30)]
        assert statuses(peer, streams[10:]) == [RESOURCE_EXHAUSTED] * 20
        assert peer.answer(peer.call(CHECK)).status == OK, "health is always answered"
        watch = peer.call(WATCH)
        peer.read(lambda: peer.responses[watch].body)
        # What ends makes room.
        peer.send(raw(RST_STREAM, 0, streams[0], struct.pack(">I", CANCEL)))
        for _ in range(50):
            if peer.answer(peer.call(EMPTY_CALL)).status == OK:
                break
        else:
            pytest.fail("the place of a call that ended is not free")
    with target.serving_others():
        pass


# Streams


@pytest.mark.parametrize("path", [WATCH, REFLECT])
@guards(maxUnauthenticatedStreamsPerAddress=20)
def test_too_many_streams_of_nobody(target, path):
    """On all connections of an address together."""
    with target.serving_others(), Peer(target.port) as first, Peer(target.port) as second:
        held = [first.request(first.fields(path)) for _ in range(20)]
        first.send(*(headers + b"".join(first.data(stream, message(b""), end=path == WATCH)) for stream, headers in held))
        assert first.answer(first.call(SMALL)).status == OK
        stream, headers = second.request(second.fields(path))
        second.send(headers)
        assert second.answer(stream).status == RESOURCE_EXHAUSTED
        assert statuses(second, [second.call(SMALL), second.call(CHECK)]) == [OK, OK]
        first.send(raw(RST_STREAM, 0, held[0][0], struct.pack(">I", CANCEL)))
        first.answer(first.call(SMALL))
        watch = second.call(WATCH)
        second.read(lambda: second.responses[watch].body)
        assert second.responses[watch].status is None


@guards(maxStreamsPerAddress=20)
def test_too_many_streams_of_an_address(target):
    with target.serving_others(), Peer(target.port) as peer:
        watches = [peer.call(WATCH) for _ in range(30)]
        assert statuses(peer, watches[20:]) == [RESOURCE_EXHAUSTED] * 10
        peer.read(lambda: all(peer.responses[watch].body for watch in watches[:20]))
        assert peer.answer(peer.call(SMALL)).status == OK


# The processor


@pytest.mark.parametrize("attackers", [1, 4])
def test_bursts_of_computing(target, attackers):
    """Others are answered while the bursts, half a minute's work, are under way; and so is a costly call of theirs."""
    count, rounds = 128, 2_000_000
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer(target.port)) for _ in range(attackers)]
        bursts = [[peer.call(COMPUTE, compute_request(rounds)) for _ in range(count)] for peer in peers]
        with target.serving_others(), Peer(target.port) as other:
            assert statuses(other, [other.call(SMALL) for _ in range(20)]) == [OK] * 20
            assert other.answer(other.call(COMPUTE, compute_request(1_000)), patience=20).status == OK
        for peer, burst in zip(peers, bursts):
            if any(peer.responses[stream].ended for stream in burst):
                continue
            # Nothing was read until now.
            assert peer.answer(burst[0], patience=60).status == OK
            assert not peer.responses[burst[-1]].ended, "the burst was over before the others were served"


def test_a_burst_that_is_cancelled_is_not_computed(target):
    """Calls that wait for their turn leave nothing behind."""
    with target.serving_others(), Peer(target.port) as peer:
        streams = [peer.call(COMPUTE, compute_request(2_000_000)) for _ in range(128)]
        peer.send(*(raw(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)) for stream in streams))
        assert peer.answer(peer.call(COMPUTE, compute_request(1))).status == OK


# Memory


@guards(maxQueuedResponseBytesPerConnection=16 << 20)
def test_large_answers_to_small_questions(target):
    """100 answers of 12 MiB that nobody reads, asked for in 4 KB. What is read after all comes whole."""
    with target.serving_others(max_growth_mib=64), Peer(target.port, initial_window_size=0) as peer:
        parts = [peer.request(peer.fields(FILL)) for _ in range(100)]
        peer.send(*(headers + b"".join(peer.data(stream, message(fill_request(12 * MIB)))) for stream, headers in parts))
        with Peer(target.port) as other:
            assert other.answer(other.call(SMALL)).status == OK
        time.sleep(1)
        peer.send(window_update(0, 2**30), settings(initial_window_size=16 * MIB))
        for stream, _ in parts[:3]:
            assert peer.answer(stream, patience=30).status == OK
            assert len(peer.responses[stream].body) > 12 * MIB
            peer.responses[stream].body = b""


@setting(maxBufferedRequestBytesPerConnection=64 << 20)
@guards(maxBufferedBytes=32 << 20)
def test_half_requests_on_many_connections(target):
    """The largest holders lose calls first: a small request that waits meanwhile is served."""
    with ExitStack() as stack:
        stack.enter_context(target.serving_others(max_growth_mib=64))
        small = stack.enter_context(Peer(target.port))
        waiting, headers = small.request(small.fields(ECHO))
        small.send(headers, *small.data(waiting, message(echo_request(1_000))[:500], end=False))
        peers = []
        for _ in range(12):
            peers.append(peer := stack.enter_context(Peer(target.port)))
            for _ in range(20):
                stream, headers = peer.request(peer.fields(ECHO))
                peer.send(headers, *peer.data(stream, message(bytes(MIB))[:200_000], end=False))
            assert peer.answer(peer.call(SMALL)).status == OK
        small.send(*small.data(waiting, message(echo_request(1_000))[500:]))
        assert small.answer(waiting).status == OK
        eventually(lambda: [response for peer in peers for response in heard(peer) if response.status == RESOURCE_EXHAUSTED])


@guards(maxBufferedBytes=32 << 20)
def test_answers_that_nobody_reads_on_many_connections(target):
    with ExitStack() as stack:
        stack.enter_context(target.serving_others(max_growth_mib=80))
        peers = [stack.enter_context(Peer(target.port, initial_window_size=0)) for _ in range(12)]
        for peer in peers:
            for _ in range(8):
                peer.call(FILL, fill_request(4 * MIB))
        eventually(lambda: [response for peer in peers for response in heard(peer) if response.reset == ENHANCE_YOUR_CALM])


@setting(maxBufferedRequestBytesPerConnection=64 << 20)
@guards(maxQueuedResponseBytesPerConnection=1 << 20)
def test_packed_requests_stay_packed_until_their_turn(target):
    """Nobody reads the first answers: what waits behind them is 4 KB of gzip each, and not 4 MB of zeros."""
    with target.serving_others(max_growth_mib=48), Peer(target.port, initial_window_size=0) as peer:
        assert peer.call(FILL, fill_request(2 * MIB))
        packed = message(gzip.compress(echo_request(4 * MIB - 100)), flag=1)
        for _ in range(64):
            stream, headers = peer.request(peer.fields(ECHO, extra=[("grpc-encoding", "gzip")]))
            peer.send(headers, *peer.data(stream, packed))
        with Peer(target.port) as other:
            assert other.answer(other.call(SMALL)).status == OK
        time.sleep(1)
