"""One stream of small messages from the server, counted by the same client for both servers."""

from collections.abc import Callable
from pathlib import Path

from . import loads, payloads, servers, workloads
from .table import Row

PATH = "/bench.Streams/Count"
PEER = "grpc-go"


def measure(
    root: Path, output: Path, kinds: list[servers.Kind], rounds: int, progress: Callable[[str], None]
) -> list[Row]:
    body, count = output / "count.bin", workloads.STREAM_MESSAGES
    body.write_bytes(payloads.framed(payloads.count(count).SerializeToString()))
    seen: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    running: list[servers.Server] = []
    try:
        for kind in kinds:
            running.append(servers.start(kind, root, output))
        for turn in range(rounds):
            for server in running:
                rate = loads.counter(
                    output / "clients/counter", server.port, PATH, body, count, payloads.MESSAGE_BYTES
                )
                seen[server.name].append(rate)
                progress(f"stream {turn + 1}/{rounds} {server.name}: {rate:,.0f} messages a second")
    finally:
        for server in running:
            server.stop()
    return [Row("stream", "messages/s", PEER, workloads.STREAM, seen.get(servers.OURS.name, []), seen[PEER])]
