"""Clients that mean well and work hard are never taken for a flood, under a fraction of the usual budget."""

import os
import re
import struct
import subprocess

import grpc
import pytest

from .peer import CANCEL, DATA, ECHO, END_STREAM, PING, RST_STREAM, SMALL, Peer, message, raw, window_update
from .test_slow_peers import MIB, echo_request

LONG = os.environ.get("MILLRACE_LONG") == "1"

# What every client sends for itself (SETTINGS, the first PING, a WINDOW_UPDATE or two) has room, and no more.
pytestmark = pytest.mark.setting(idleFrameBurst=40, idleFramesPerSecond=1, maxPingStrikes=1, peerResetBurst=10,
                                 provokedResetBurst=10)


def test_answers_to_a_long_response(target):
    """Two WINDOW_UPDATE frames for every DATA frame and a PING now and then, and nothing else for 256 frames."""
    with Peer(target.port, initial_window_size=16_384) as peer:
        hear = peer._hear

        def answer(frame):
            hear(frame)
            if type(frame).__name__ == "DataFrame" and frame.data:
                size = len(frame.data)
                peer.send(window_update(0, size), window_update(frame.stream_id, size))
                if peer.seen.count("DataFrame") % 4 == 0:
                    peer.send(raw(PING, 0, 0, struct.pack(">Q", len(peer.seen))))

        peer._hear = answer
        stream, headers = peer.request(peer.fields(ECHO))
        peer.send(headers)
        # Slowly enough for the server's window, which is not the point here.
        body = message(echo_request(4 * MIB - 100))
        for start in range(0, len(body), 65_536):
            peer.send(*peer.data(stream, body[start:start + 65_536], end=start + 65_536 >= len(body)))
            peer.send(raw(PING, 0, 0, bytes(8)))
            count = peer.seen.count("PingFrame")
            peer.read(lambda: peer.seen.count("PingFrame") > count or peer.goaways)
        response = peer.answer(stream, patience=30)
        assert not peer.goaways and response.status == 0 and len(response.body) > 4 * MIB - 100
        assert peer.seen.count("DataFrame") > 200


def test_what_is_under_way_when_a_stream_is_reset(target):
    """Uploads that the server refuses at once: what their clients have sent by then comes late, and does no harm."""
    with Peer(target.port) as peer:
        streams = []
        for _ in range(8):
            stream, headers = peer.request(peer.fields("/no.Service/Method"))
            peer.send(headers)
            streams.append(stream)
        for stream in streams:
            assert peer.answer(stream).reset == 0
            peer.send(raw(DATA, 0, stream, bytes(1_024)) * 200 + raw(DATA, END_STREAM, stream))
        assert peer.answer(peer.call(SMALL)).status == 0 and not peer.goaways


@pytest.mark.parametrize("late", [lambda stream: window_update(stream, 100) + window_update(0, 100),
                                  lambda stream: raw(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))],
                         ids=["window-updates", "resets"])
def test_late_words_after_the_end_of_a_call(target, late):
    with Peer(target.port) as peer:
        for _ in range(300):
            stream = peer.call(SMALL)
            assert peer.answer(stream).status == 0
            peer.send(late(stream))
        assert peer.answer(peer.call(SMALL)).status == 0 and not peer.goaways


def test_grpcio_with_large_messages(target):
    """gRPC's C core measures the path with PINGs and opens its windows in small steps."""
    with target.channel(("grpc.http2.bdp_probe", 1), ("grpc.max_receive_message_length", -1)) as channel:
        echo = channel.unary_unary(ECHO)
        body = echo_request(3 * MIB)
        for _ in range(4):
            for answer in [echo.future(body, timeout=60) for _ in range(8)]:
                assert answer.result() == body


def test_grpcio_that_changes_its_mind(target):
    """A call in a few is cancelled after it was sent, which costs a reset each; within the burst that is fine."""
    with target.channel() as channel:
        small = channel.unary_unary(SMALL)
        for number in range(200):
            answer = small.future(b"", timeout=20)
            if number % 40 == 39:
                answer.cancel()
            else:
                assert answer.result() == b"\x18\x03"


def test_h2load(target, tmp_path):
    """Many calls on few connections."""
    calls = 200_000 if LONG else 20_000
    body = tmp_path / "body"
    body.write_bytes(message(b""))
    command = ["h2load", "-n", str(calls), "-c", "4", "-m", "64", "-d", str(body), "-H", "content-type: application/grpc",
               "-H", "te: trailers", f"http://127.0.0.1:{target.port}{SMALL}"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=300).stdout
    assert re.search(rf"{calls} succeeded, 0 failed, 0 errored, 0 timeout", said), said
