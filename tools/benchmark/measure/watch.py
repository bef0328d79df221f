"""Open watches of `millrace serve`: the memory of each, and the time until one event has reached all."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from millrace.financing.v1 import financing_service_pb2

from . import create_application, loads, payloads, servers, workloads
from .table import Row, Target

PATH = "/millrace.financing.v1.FinancingService/WatchApplications"
# How the plain loop writes: a frame at a time as the watchers come, or all of a connection at once.
LOOPS = {"stream": "a write a watcher", "connection": "a write a connection"}


def plain(output: Path, frame_bytes: int, loop: str) -> servers.Server:
    port = servers.free_port()
    command = [str(output / "clients/plain"), str(port), str(workloads.WATCH_STREAMS), str(frame_bytes), loop]
    return servers.Server("plain loop", command, port, output / "plain.log")


def watch(output: Path, server: servers.Server, calls: list[str] | None = None) -> loads.Watchers:
    program = output / "clients/watchers"
    return loads.Watchers(program, server.port, workloads.WATCH_CONNECTIONS, workloads.WATCH_STREAMS, calls)


def milliseconds(watchers: loads.Watchers) -> float:
    return median(watchers.event()["seconds"] for _ in range(workloads.FAN_OUT_EVENTS)) * 1000


def measure(root: Path, output: Path, rounds: int, progress: Callable[[str], None]) -> list[Row]:
    watch_body, cause_body = output / "watch.bin", output / "create-application.bin"
    memory = Row("watch, idle, each", "KiB", "the limit", Target(1, at_most=True), theirs=[workloads.WATCH_KIB])
    rows = {
        "stream": Row("watch, event to all", "ms", f"plain loop, {LOOPS['stream']}", workloads.FAN_OUT),
        "connection": Row("watch, event to all", "ms", f"plain loop, {LOOPS['connection']}"),
    }
    running: list[servers.Server | loads.Watchers] = []
    try:
        server = servers.Platform(root, output)
        running.append(server)
        enterprise, product, token = create_application.prepare(server)
        cause_body.write_bytes(create_application.request(enterprise, product))
        request = financing_service_pb2.WatchApplicationsRequest(only_new=True)
        watch_body.write_bytes(payloads.framed(request.SerializeToString()))
        operator = create_application.tokens(server.data)["operator"]
        before = server.resident_mib()
        calls = [PATH, str(watch_body), operator, create_application.PATH, str(cause_body), token]
        watchers = watch(output, server, calls)
        running.append(watchers)
        count = workloads.WATCH_CONNECTIONS * workloads.WATCH_STREAMS
        memory.ours = [(server.resident_mib() - before) * 1024 / count]
        progress(f"watch: {memory.ours[0]:.2f} KiB each")
        frame_bytes = watchers.event()["frame_bytes"]
        loops = {}
        for loop in LOOPS:
            other = plain(output, frame_bytes, loop)
            running.append(other)
            loops[loop] = watch(output, other)
            running.append(loops[loop])
        for turn in range(rounds):
            ours = milliseconds(watchers)
            for loop, row in rows.items():
                row.ours.append(ours)
                row.theirs.append(milliseconds(loops[loop]))
            plainly = ", ".join(f"{row.theirs[-1]:.1f} ms by {LOOPS[loop]}" for loop, row in rows.items())
            progress(f"watch {turn + 1}/{rounds}: {ours:.1f} ms to all, beside {plainly}")
    finally:
        for part in reversed(running):
            part.stop()
    return [memory, *rows.values()]
