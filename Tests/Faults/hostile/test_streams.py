"""Long streams: who follows one is left in peace, and who does not read one holds up nobody but himself."""

import time

import pytest

from .peer import ENHANCE_YOUR_CALM, PING, Peer, message, raw, settings, varint, window_update

guards, setting = pytest.mark.guards, pytest.mark.setting

pytestmark = setting(program="interop-server")

STREAMING_OUTPUT = "/grpc.testing.TestService/StreamingOutputCall"


def responses(count, size):
    """A grpc.testing.StreamingOutputCallRequest for so many responses of so many bytes."""
    parameters = b"\x08" + varint(size)
    return (b"\x12" + varint(len(parameters)) + parameters) * count


@setting(idleFrameBurst=40, idleFramesPerSecond=1, maxPingStrikes=1)
def test_grpcio_follows_a_long_stream(target):
    """50 000 messages, to which the client sends nothing but WINDOW_UPDATE and PING frames."""
    with target.channel() as channel:
        call = channel.unary_stream(STREAMING_OUTPUT)(responses(50_000, 100), timeout=120)
        assert sum(1 for _ in call) == 50_000


@setting(idleFrameBurst=40, idleFramesPerSecond=1, maxPingStrikes=1)
def test_a_window_update_for_every_message(target):
    """The most eager of flow controls: a frame for each message of some hundred bytes, and no other frame at all."""
    with Peer(target.port) as peer:
        stream = peer.call(STREAMING_OUTPUT, responses(5_000, 300))
        answered = 0
        response = peer.responses[stream]
        while not response.ended:
            size = len(response.body)
            peer.read(lambda: len(response.body) > size or response.ended or peer.goaways)
            assert not peer.goaways
            while answered + 305 <= len(response.body):
                peer.send(window_update(stream, 305))
                answered += 305
            peer.send(window_update(0, max(1, len(response.body) - size)))
        assert response.status == 0 and answered > 5_000 * 300


@guards(responseHighWaterBytes=64 << 10)
def test_streams_that_nobody_reads(target):
    """A window of nothing: each handler waits when its stream has a little queued."""
    with target.serving_others(max_growth_mib=24), Peer(target.port, initial_window_size=0) as peer:
        streams = [peer.call(STREAMING_OUTPUT, responses(200, 10_000)) for _ in range(30)]
        # Nothing more is made while nobody reads.
        peer.send(raw(PING, 0, 0, bytes(8)))
        peer.read(lambda: "PingFrame" in peer.seen)
        time.sleep(1)
        peer.send(window_update(0, 2**30), settings(initial_window_size=2**31 - 1))
        for stream in streams:
            response = peer.answer(stream, patience=20)
            assert response.status == 0 and len(response.body) > 200 * 10_000


@guards(stalledWriteTimeoutSeconds=1)
def test_a_stream_that_is_read_no_more(target):
    """Its handler is cancelled; another stream of the same connection is served."""
    with target.serving_others(), Peer(target.port, initial_window_size=50_000) as peer:
        stream = peer.call(STREAMING_OUTPUT, responses(1_000, 1_000))
        assert peer.answer(stream).reset == ENHANCE_YOUR_CALM
        other = peer.answer(peer.call(STREAMING_OUTPUT, responses(10, 10)))
        assert other.status == 0 and not peer.goaways


@guards(maxConnectionAgeSeconds=1, maxConnectionAgeGraceSeconds=2)
def test_streams_end_within_the_grace_of_an_old_connection(target):
    with Peer(target.port, initial_window_size=1_000) as peer:
        stream = peer.call(STREAMING_OUTPUT, responses(100, 1_000))
        assert peer.goaway()[0] == 0
        peer.send(window_update(0, 1_000_000), settings(initial_window_size=1_000_000))
        assert peer.answer(stream).status == 0, "what runs may end"
        peer.wait_closed()
