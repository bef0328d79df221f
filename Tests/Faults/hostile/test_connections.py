"""Too many connections: those that have calls are served, idle ones make room for new clients, and what comes then waits."""

import resource
import socket
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import pytest

from .peer import CHECK, NO_ERROR, PREFACE, SMALL, WATCH, Peer, Silence

sys.path.append(str(Path(__file__).parents[2] / "Interop"))
from certificates import Authority  # noqa: E402


@contextmanager
def peers(target, count, **options):
    with ExitStack() as stack:
        yield [stack.enter_context(Peer(target.port, **options)) for _ in range(count)]


@pytest.mark.guards(maxConnections=5)
def test_too_many_connections(target):
    """All have a call, though one that only waits."""
    with peers(target, 5) as busy, Peer(target.port, greet=False) as late:
        watches = [peer.call(WATCH) for peer in busy]
        for peer, watch in zip(busy, watches):
            peer.read(lambda: peer.responses[watch].body)
        with pytest.raises(Silence):
            late.read(lambda: late.is_greeted, patience=2)
        assert not late.is_closed, "whoever comes too early waits"
        assert busy[0].answer(busy[0].call(CHECK)).status == 0
        busy[-1].socket.close()
        late.read(lambda: late.is_greeted)
        assert late.answer(late.call(CHECK)).status == 0
    assert "no further connections accepted" in target.log()


@pytest.mark.setting(max_descriptors=64)
@pytest.mark.guards(reservedDescriptors=32)
def test_out_of_descriptors(target):
    """EMFILE: accepting pauses before it comes to that, does not spin, and goes on when there are descriptors."""
    with peers(target, 100, greet=False) as many:
        for peer in many:
            peer.call(WATCH)
        many[0].read(lambda: many[0].is_greeted)
        spent = target.processor_seconds()
        time.sleep(2)
        assert target.processor_seconds() - spent < 0.5, "the server spins"
        assert many[0].answer(many[0].call(CHECK)).status == 0
        for peer in many[:80]:
            peer.socket.close()
        # Those that wait in the system's queue are served now, and so is whoever comes.
        for peer in many[80:]:
            assert peer.answer(peer.call(CHECK)).status == 0
        with target.serving_others():
            pass
    assert "no further connections accepted" in target.log()


@pytest.mark.setting(maxConnections=40)
@pytest.mark.guards(reservedConnections=64)
@pytest.mark.parametrize("said", ["a-call", "nothing", "half-a-preface", "no-settings"])
def test_idle_connections_make_room(target, said):
    """Those without a call for longest are told to go; whoever has one stays."""
    with Peer(target.port) as watching, ExitStack() as stack:
        watch = watching.call(WATCH)
        watching.read(lambda: watching.responses[watch].body)
        idle = []
        for _ in range(39):
            peer = stack.enter_context(Peer(target.port, preface=said in ("a-call", "no-settings"), greet=said == "a-call"))
            if said == "a-call":
                assert peer.answer(peer.call(CHECK)).status == 0
            if said == "half-a-preface":
                peer.send(PREFACE[:10])
            idle.append(peer)
        with target.serving_others():
            for _ in range(5):
                with Peer(target.port) as late:
                    assert late.answer(late.call(CHECK)).status == 0
        assert idle[0].goaway()[0] == NO_ERROR
        idle[0].wait_closed()
        if said == "a-call":
            # No more than need be: an eighth of all.
            last = idle[-1]
            assert last.answer(last.call(CHECK)).status == 0 and not last.goaways
        assert watching.answer(watching.call(CHECK)).status == 0 and not watching.goaways
    assert "idle connections closed to make room" in target.log()


@pytest.mark.setting(maxConnections=40)
@pytest.mark.guards(reservedConnections=64)
def test_a_call_ends_idleness(target):
    """Connections that call now and then are not idle for longest, in whatever order they came."""
    with peers(target, 34) as many:
        for peer in many[:10]:
            assert peer.answer(peer.call(SMALL)).status == 0
        with peers(target, 6):
            many[10].wait_closed()
        for peer in many[:10]:
            assert peer.answer(peer.call(SMALL)).status == 0 and not peer.goaways


@pytest.mark.setting(max_descriptors=1_024)
@pytest.mark.guards(reservedConnections=64)
def test_as_many_idle_connections_as_there_are_descriptors(target):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    try:
        with ExitStack() as stack:
            for _ in range(768):
                stack.enter_context(socket.create_connection(("127.0.0.1", target.port))).sendall(PREFACE)
            spent = target.processor_seconds()
            with target.serving_others():
                time.sleep(1)
            assert target.processor_seconds() - spent < 1.5, "the server spins"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("limits, is_served", [({}, True), ({"reservedConnections": 0}, False)])
def test_handshakes_that_do_not_end_make_room(start, tmp_path, limits, is_served):
    authority = Authority(tmp_path / "certificates")
    certificate = authority.issue("server", dns=["localhost"])
    target = start({"maxConnections": 40, "handshakeTimeoutSeconds": 0} | limits, certificate=certificate)
    credentials = grpc.ssl_channel_credentials(authority.roots.read_bytes())
    with ExitStack() as stack:
        for said in [b"", b"\x16\x03\x01\x02\x00\x01"] * 25:
            stack.enter_context(socket.create_connection(("127.0.0.1", target.port))).sendall(said)
        with grpc.secure_channel(f"localhost:{target.port}", credentials) as channel:
            if is_served:
                assert channel.unary_unary(SMALL)(b"", timeout=20) == b"\x18\x03"
            else:
                with pytest.raises(grpc.RpcError):
                    channel.unary_unary(SMALL)(b"", timeout=3)


def test_memory_of_many_connections(start):
    target = start({})
    with target.serving_others():
        before = target.resident_kib()
        with peers(target, 500):
            each = (target.resident_kib() - before) / 500
            assert each < 128, f"{each:.0f} KiB a connection"
