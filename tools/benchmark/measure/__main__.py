import argparse
import os
import subprocess
import sys
from pathlib import Path

from . import create_application, greed, growth, loads, payloads, servers, streaming, watch, workloads
from .table import Row, render

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / ".build/bench"
# A server and its load keep two processors busy.
BUSY_LOAD = 2.5


def build(*parts: str) -> None:
    for part in parts:
        print(f"building {part}", file=sys.stderr, flush=True)
        subprocess.run([str(ROOT / "tools/benchmark/build"), part], check=True, stdout=sys.stderr)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Memory:
    """Resident memory of the servers of bench.Bench: before any load, and the most seen after a load."""

    def __init__(self) -> None:
        self.idle: dict[str, float] = {}
        self.loaded: dict[str, float] = {}

    def rows(self) -> list[Row]:
        rows = []
        for work, seen in (("memory, idle", self.idle), ("memory, after load", self.loaded)):
            ours = [seen[servers.OURS.name]] if servers.OURS.name in seen else []
            rows += [
                Row(work, "MiB", name, ours=ours, theirs=[value])
                for name, value in seen.items() if name != servers.OURS.name
            ]
        return rows


def unary(work: workloads.Unary, kinds: list[servers.Kind], rounds: int, memory: Memory) -> list[Row]:
    reply = len(payloads.framed(expected_reply(work.method)))
    kinds = [kind for kind in kinds if kind is servers.OURS or kind.name in work.targets]
    certificate = servers.Certificate.make(OUTPUT) if work.tls else None
    scheme = "https" if work.tls else "http"
    seen: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    running: list[servers.Server] = []
    try:
        for kind in kinds:
            server = servers.start(kind, ROOT, OUTPUT, reply, certificate)
            running.append(server)
            memory.idle.setdefault(server.name, server.resident_mib())
        for turn in range(rounds):
            for server, kind in zip(running, kinds):
                path = f"/bench.Bench/{work.method}" if kind.speaks_grpc else "/index.html"
                url = f"{scheme}://127.0.0.1:{server.port}{path}"
                rate = loads.h2load(url, OUTPUT / work.body, work.connections, work.streams, reply)
                seen[kind.name].append(rate)
                progress(f"{work.name} {turn + 1}/{rounds} {kind.name}: {rate:,.0f} a second")
        for server in running:
            memory.loaded[server.name] = max(memory.loaded.get(server.name, 0), server.resident_mib())
    finally:
        for server in running:
            server.stop()
    ours = seen.get(servers.OURS.name, [])
    return [
        Row(work.name, "calls/s", name, target, ours, seen[name])
        for name, target in work.targets.items() if name in seen
    ]


def expected_reply(method: str) -> bytes:
    if method == "Echo":
        return payloads.application().SerializeToString()
    return payloads.small_reply().SerializeToString()


def codec(rounds: int) -> list[Row]:
    rows = {work: Row(f"codec: {work}", "ns", "SwiftProtobuf", target) for work, target in workloads.CODEC.items()}
    for turn in range(rounds):
        times = loads.codec(OUTPUT / "codec/release/codec", OUTPUT / "application.pb", servers.SERVER_PROCESSOR)
        for work, row in rows.items():
            row.ours.append(times[work]["millrace"])
            row.theirs.append(times[work]["SwiftProtobuf"])
        progress(f"codec {turn + 1}/{rounds}: {times}")
    return list(rows.values())


def parts(
    chosen: list[str], unary_works: list[workloads.Unary], kinds: list[servers.Kind], paired: list[servers.Kind]
) -> list[str]:
    """What tools/benchmark/build has to make."""
    named = {name for work in unary_works for name in work.targets}
    measured = [kind for kind in kinds if unary_works and (kind is servers.OURS or kind.name in named)]
    if {"stream", "bursts", "unread"} & set(chosen):
        measured += paired
    needed = [kind.part for kind in measured if kind.part]
    needed += [part for name in chosen for part in workloads.PARTS.get(name, [])]
    return list(dict.fromkeys(needed))


def main() -> None:
    parser = argparse.ArgumentParser(prog="tools/bench", description="Measures Millrace against its peers.")
    parser.add_argument("--rounds", type=int, default=5, help="the table has the medians of so many (default 5)")
    parser.add_argument("--only", metavar="WORKLOAD,…", help="only these; see --list")
    parser.add_argument("--peers", action="store_true", help="leave Millrace out")
    parser.add_argument("--list", action="store_true", help="name the workloads and end")
    options = parser.parse_args()
    if options.list:
        for name, about in workloads.ABOUT.items():
            print(f"{name:20}{about}")
        return
    chosen = options.only.split(",") if options.only else list(workloads.ABOUT)
    unknown = [name for name in chosen if name not in workloads.ABOUT]
    if unknown or options.rounds < 1:
        parser.error(f"unknown workload {', '.join(unknown)}; see --list" if unknown else "--rounds is at least 1")

    payloads.write(OUTPUT)
    kinds = [kind for kind in servers.KINDS if not (options.peers and kind is servers.OURS)]
    if options.peers:
        chosen = [name for name in chosen if name not in workloads.OURS_ALONE]
    unary_works = [work for work in workloads.UNARY if work.name in chosen]
    # What is measured beside grpc-go alone.
    paired = [kind for kind in kinds if kind is servers.OURS or kind.name == streaming.PEER]
    # Everything is built before anything is measured.
    build(*parts(chosen, unary_works, kinds, paired))

    memory = Memory()
    rows: list[Row] = []
    for work in unary_works:
        rows += unary(work, kinds, options.rounds, memory)
    if "stream" in chosen:
        rows += streaming.measure(ROOT, OUTPUT, paired, options.rounds, progress)
    if "watch" in chosen:
        rows += watch.measure(ROOT, OUTPUT, options.rounds, progress)
    if "bursts" in chosen:
        rows += greed.bursts(ROOT, OUTPUT, paired, options.rounds, progress)
    if "unread" in chosen:
        rows += greed.unread(ROOT, OUTPUT, paired, options.rounds, progress)
    if "idle" in chosen:
        rows += growth.idle(ROOT, OUTPUT)
    if "growth" in chosen:
        rows += growth.measure(ROOT, OUTPUT, options.rounds, progress)
    if "codec" in chosen:
        rows += codec(options.rounds)
    if "create-application" in chosen:
        rows += create_application.measure(ROOT, OUTPUT, options.rounds, not options.peers, progress)
    rows += memory.rows()
    print(render(rows))
    if os.getloadavg()[0] > BUSY_LOAD:
        progress(f"The load average is {os.getloadavg()[0]:.1f}: something else runs here, and the ratios mean little.")


main()
