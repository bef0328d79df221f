"""What does not grow: an idle server, and the cost of a call with many connections or after many calls."""

import time
from collections.abc import Callable
from pathlib import Path

from . import loads, payloads, servers, workloads
from .table import Row, Target

URL = "http://127.0.0.1:{port}/bench.Bench/Small"
SETTLE_SECONDS = 1.0
FEW_CONNECTIONS = 64


def idle(root: Path, output: Path) -> list[Row]:
    """Resident memory of servers that nobody has called, of `millrace serve` on an empty database."""
    rows = []
    for work, start in (
        ("idle, millrace serve", lambda: servers.Platform(root, output)),
        ("idle, bench-server", lambda: servers.run(servers.OURS, root, output)),
    ):
        server = start()
        try:
            time.sleep(SETTLE_SECONDS)
            ours = [server.resident_mib()]
        finally:
            server.stop()
        rows.append(Row(work, "MiB", "the limit", Target(1, at_most=True), ours, [workloads.IDLE_MIB]))
    return rows


def connections(server: servers.Server, body: Path, reply: int, rounds: int, progress: Callable[[str], None]) -> Row:
    many = workloads.GROWTH_CONNECTIONS
    row = Row(f"growth, {many} connections", "calls/s", f"millrace, {FEW_CONNECTIONS}", workloads.GROWTH)
    url = URL.format(port=server.port)
    for turn in range(rounds):
        row.theirs.append(loads.h2load(url, body, FEW_CONNECTIONS, 1, reply))
        row.ours.append(loads.h2load(url, body, many, 1, reply))
        progress(f"growth {turn + 1}/{rounds}: {row.ours[-1]:,.0f} a second beside {row.theirs[-1]:,.0f}")
    return row


def calls(server: servers.Server, body: Path, reply: int, progress: Callable[[str], None]) -> list[Row]:
    """One server through all of its calls; what a call costs is the time of the server's processor."""
    done, costs, memory = 0, {}, {}
    for count in workloads.CALL_COUNTS:
        before = server.processor_seconds()
        rate = loads.h2load_once(URL.format(port=server.port), body, 8, 64, count - done, reply)
        costs[count] = (server.processor_seconds() - before) * 1e9 / (count - done)
        memory[count] = server.resident_mib()
        done = count
        progress(f"growth, {count:,} calls: {rate:,.0f} a second, {costs[count]:.0f} ns each, {memory[count]:.1f} MiB")
    first, *later = workloads.CALL_COUNTS
    rows = []
    for count in later:
        peer = f"millrace, {first:,} calls"
        rows.append(Row(f"growth, {count:,} calls", "ns/call", peer, workloads.STEADY, [costs[count]], [costs[first]]))
        rows.append(Row(f"growth, {count:,} calls", "MiB", peer, workloads.STEADY, [memory[count]], [memory[first]]))
    return rows


def measure(root: Path, output: Path, rounds: int, progress: Callable[[str], None]) -> list[Row]:
    body, reply = output / "small.bin", len(payloads.framed(payloads.small_reply().SerializeToString()))
    server = servers.start(servers.OURS, root, output, reply)
    try:
        steady = calls(server, body, reply, progress)
        return [connections(server, body, reply, rounds, progress), *steady]
    finally:
        server.stop()
