"""Floods of frames that cost the peer nothing: the connection ends with a reason, and others are served."""

import struct

import pytest

from .peer import (ACK, CANCEL, CHECK, CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PING, PRIORITY, PROTOCOL_ERROR,
                  REFUSED_STREAM, RST_STREAM, SETTINGS, WATCH, Peer, message, raw, window_update)

guards, setting = pytest.mark.guards, pytest.mark.setting


def rapid_resets(peer, count):
    for _ in range(count):
        stream, headers = peer.request(peer.fields(WATCH))
        if not peer.send(headers, *peer.data(stream, message(b"")), raw(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))):
            return


@guards(peerResetBurst=50, peerResetsPerSecond=1)
def test_rapid_reset(target):
    """CVE-2023-44487: calls that are begun and reset at once."""
    with target.serving_others(), Peer(target.port) as peer:
        rapid_resets(peer, 200)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_resets")
        peer.wait_closed()


def test_rapid_reset_under_default_limits(start):
    target = start({})
    with target.serving_others():
        for _ in range(3):
            with Peer(target.port) as peer:
                rapid_resets(peer, 3_000)
                assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_resets")


@guards(provokedResetBurst=50, provokedResetsPerSecond=1)
@pytest.mark.parametrize("provoke", [
    lambda peer, stream: window_update(stream, 2**31 - 1),
    lambda peer, stream: raw(HEADERS, END_HEADERS | END_STREAM, stream, peer.encoder.encode([("Upper", "case")])),
], ids=["window-overflow", "malformed-trailers"])
def test_provoked_resets(target, provoke):
    """CVE-2025-8671, "MadeYouReset": calls that the server is made to reset while their handlers run."""
    with target.serving_others(), Peer(target.port) as peer:
        for _ in range(200):
            stream, headers = peer.request(peer.fields(WATCH))
            if not peer.send(headers, provoke(peer, stream)):
                break
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_provoked_resets")
        peer.wait_closed()


@guards(maxPingStrikes=2)
def test_pings(target):
    """CVE-2019-9512, and clients whose keepalive is too eager."""
    with target.serving_others(), Peer(target.port) as peer:
        peer.flood(raw(PING, 0, 0, bytes(8)), 4)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_pings")
        peer.wait_closed()


@guards(maxPingStrikes=2)
def test_ping_flood_behind_calls(target):
    """An open call earns no pings: only what is sent and received for it does."""
    with target.serving_others(), Peer(target.port) as peer:
        stream = peer.call(WATCH)
        peer.read(lambda: peer.responses[stream].body)
        peer.flood(raw(PING, 0, 0, bytes(8)), 50)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_pings")


@setting(maxPingStrikes=2**31 - 1)
@guards(idleFrameBurst=50, idleFramesPerSecond=1)
@pytest.mark.parametrize("frame", [
    raw(SETTINGS),
    raw(PING, 0, 0, bytes(8)),
    raw(PING, ACK, 0, bytes(8)),
    raw(PRIORITY, 0, 99, struct.pack(">IB", 0, 1)),
    window_update(0, 1),
    raw(0xEE, 0, 0, b"unknown"),
    raw(0xEE, 0, 1, b""),
    raw(DATA, 0, 1),
    raw(DATA, 0x8, 1, b"\x04" + bytes(4)),
], ids=["settings", "ping", "ping-ack", "priority", "window-update", "unknown", "unknown-on-stream",
        "empty-data", "padding-only"])
def test_idle_frames(target, frame):
    """CVE-2019-9515, -9518 and their kin: one budget for all frames that carry no call forward."""
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK))
        peer.send(headers)
        peer.flood(frame, 2_000)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_idle_frames")
        peer.wait_closed()


def refused(peer):
    """A stream that the server has reset, with NO_ERROR, before the request has ended."""
    stream, headers = peer.request(peer.fields("/no.Service/Method"))
    peer.send(headers)
    peer.read(lambda: peer.responses[stream].reset is not None)
    return stream


def answered(peer):
    """A stream that both sides have ended."""
    stream = peer.call(CHECK)
    assert peer.answer(stream).status == 0
    return stream


@guards(idleFrameBurst=50, idleFramesPerSecond=1)
@pytest.mark.parametrize("close, frame", [
    *[(close, frame) for close in (refused, answered) for frame in (
        lambda stream: window_update(stream, 1),
        lambda stream: raw(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)),
        lambda stream: raw(PRIORITY, 0, stream, struct.pack(">IB", 0, 1)),
        lambda stream: raw(0xEE, 0, stream, b""))],
    *[(refused, frame) for frame in (
        lambda stream: raw(DATA, 0, stream),
        lambda stream: raw(DATA, END_STREAM, stream),
        lambda stream: raw(DATA, 0, stream, b"x"),
        lambda stream: raw(DATA, 0x8, stream, b"\x04" + bytes(4)),
        lambda stream: raw(HEADERS, END_HEADERS, stream, b"\x82"),
        lambda stream: raw(HEADERS, END_HEADERS | END_STREAM, stream, b"\x82"),
        lambda stream: raw(HEADERS, 0, stream, b"\x82") + raw(CONTINUATION, END_HEADERS, stream))],
], ids=[*[f"{frame}-{close}" for close in ("refused", "answered")
          for frame in ("window-update", "reset", "priority", "unknown")],
        "empty-data", "data-end", "data", "padding-only", "headers", "trailers", "continuation"])
def test_frames_on_closed_streams(target, close, frame):
    """nghttp2 passes most of them over, and says nothing."""
    with target.serving_others(), Peer(target.port) as peer:
        stream = close(peer)
        peer.flood(frame(stream), 3_000)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_idle_frames")
        peer.wait_closed()


def test_frames_on_many_closed_streams_under_default_limits(start):
    target = start({})
    with target.serving_others(), Peer(target.port) as peer:
        streams = [refused(peer) for _ in range(20)] + [answered(peer) for _ in range(20)]
        peer.flood(b"".join(window_update(stream, 1) for stream in streams), 50_000)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_idle_frames")


@setting(maxPingStrikes=2**31 - 1, idleFrameBurst=2**31 - 1)
@guards(maxOutboundAcknowledgments=10)
@pytest.mark.parametrize("frame", [raw(SETTINGS), raw(PING, 0, 0, bytes(8))], ids=["settings", "ping"])
def test_acknowledgments_do_not_pile_up(target, frame):
    with target.serving_others(), Peer(target.port) as peer:
        peer.send(frame * 1_000)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_acknowledgments")


@guards(maxContinuationFrames=8)
def test_continuations(target):
    """CVE-2024-28182: a header block without end."""
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(CHECK), flags=0)
        peer.send(headers)
        peer.flood(raw(CONTINUATION, 0, stream), 5_000)
        assert peer.goaway() == (ENHANCE_YOUR_CALM, "too_many_continuations")
        peer.wait_closed()


@guards(maxSettingsEntries=32)
def test_settings_of_many_entries(target):
    with target.serving_others(), Peer(target.port) as peer:
        peer.send(raw(SETTINGS, 0, 0, struct.pack(">HI", 0xFF, 1) * 2_000))
        assert peer.goaway()[0] == ENHANCE_YOUR_CALM
        peer.wait_closed()


@guards(maxConcurrentStreams=10)
def test_too_many_streams(target):
    with target.serving_others(), Peer(target.port, greet=False) as peer:
        peer.answers_settings = False  # until then, more streams are a misunderstanding and no offense
        streams = [peer.call(WATCH) for _ in range(20)]
        for stream in streams[10:]:
            assert peer.answer(stream).reset == REFUSED_STREAM
        peer.read(lambda: all(peer.responses[stream].body for stream in streams[:10]))
        assert not peer.goaways
        peer.send(raw(SETTINGS, ACK))
        peer.call(WATCH)
        assert peer.goaway()[0] == PROTOCOL_ERROR


def test_a_flood_is_logged_once_a_second(start):
    target = start({"idleFrameBurst": 10, "idleFramesPerSecond": 1})
    attackers = 40
    for _ in range(attackers):
        with Peer(target.port) as peer:
            peer.flood(window_update(0, 1), 100)
            peer.goaway()
    with Peer(target.port) as peer:
        peer.flood(raw(PING, 0, 0, bytes(8)), 20)
        peer.goaway()
    lines = [line for line in target.log().splitlines() if "connection ended" in line]
    assert "reason=too_many_idle_frames" in lines[0] and "peer=127.0.0.1:" in lines[0]
    assert 1 <= len(lines) < attackers / 4
