"""Too many connections: those that are there are served, what comes waits, and the listener recovers."""

import time

import pytest

from .peer import CHECK, Peer, Silence


@pytest.mark.guards(maxConnections=5)
def test_too_many_connections(target):
    peers = [Peer(target.port) for _ in range(5)]
    late = Peer(target.port, greet=False)
    with pytest.raises(Silence):
        late.read(lambda: late.is_greeted, patience=1)
    assert not late.is_closed, "whoever comes too early waits"
    assert peers[0].answer(peers[0].call(CHECK)).status == 0
    peers.pop().__exit__()
    late.read(lambda: late.is_greeted)
    assert late.answer(late.call(CHECK)).status == 0
    assert "no further connections accepted" in target.log()


@pytest.mark.setting(max_descriptors=64)
@pytest.mark.guards(reservedDescriptors=32)
def test_out_of_descriptors(target):
    """EMFILE: accepting pauses before it comes to that, does not spin, and goes on when there are descriptors."""
    peers = [Peer(target.port, greet=False) for _ in range(100)]
    peers[0].read(lambda: peers[0].is_greeted)
    spent = target.processor_seconds()
    time.sleep(2)
    assert target.processor_seconds() - spent < 0.5, "the server spins"
    assert peers[0].answer(peers[0].call(CHECK)).status == 0
    for peer in peers[:80]:
        peer.__exit__()
    # Those that wait in the system's queue are served now, and so is whoever comes.
    for peer in peers[80:]:
        assert peer.answer(peer.call(CHECK)).status == 0
    with target.serving_others():
        pass
    assert "no further connections accepted" in target.log()


def test_memory_of_many_connections(start):
    target = start({})
    with target.serving_others():
        before = target.resident_kib()
        peers = [Peer(target.port) for _ in range(500)]
        each = (target.resident_kib() - before) / len(peers)
        assert each < 128, f"{each:.0f} KiB a connection"
        for peer in peers:
            peer.__exit__()
