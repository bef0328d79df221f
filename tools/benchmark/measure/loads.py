"""The programs that make load, each on the processor that is set aside for it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

LOAD_PROCESSOR = "1"
WARM_UP_REQUESTS = 8192
# Long enough to even out the scheduler, short enough for many rounds.
MEASURE_SECONDS = 2.0
BURST_SECONDS = 10


def run(processor: str, command: list[str]) -> str:
    done = subprocess.run(["taskset", "-c", processor, *command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"tools/bench: {command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def h2load_once(url: str, body: Path, connections: int, streams: int, requests: int, reply_bytes: int) -> float:
    command = ["h2load", "-t1", f"-c{connections}", f"-m{streams}", f"-n{requests}", "-d", str(body)]
    command += ["-H", "content-type: application/grpc", "-H", "te: trailers", url]
    text = run(LOAD_PROCESSOR, command)
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", text)
    succeeded = re.search(r"status codes: (\d+) 2xx", text)
    data = re.search(r"\((\d+)\) data", text)
    # A call that fails has HTTP status 200 too, but no message: the bytes tell.
    complete = succeeded and data and int(succeeded[1]) == requests and int(data[1]) == requests * reply_bytes
    if not rate or not complete:
        raise SystemExit(f"tools/bench: {url}: not every request was answered in full\n{text}")
    return float(rate[1])


def h2load(url: str, body: Path, connections: int, streams: int, reply_bytes: int) -> float:
    """Requests a second, after a warm-up that also says how many requests make a measurement."""
    warm = h2load_once(url, body, connections, streams, WARM_UP_REQUESTS, reply_bytes)
    step = connections * streams
    requests = max(1, int(warm * MEASURE_SECONDS) // step) * step
    return h2load_once(url, body, connections, streams, requests, reply_bytes)


def callers(program: Path, port: int, path: str, body: Path, token: str, calls: int) -> float:
    """Calls a second of 64 concurrent callers on 8 connections, every call with a request id of its own."""
    command = [str(program), str(port), path, str(body), token, str(calls), "8", "8"]
    return json.loads(run(LOAD_PROCESSOR, command))["calls_per_second"]


def counter(program: Path, port: int, path: str, body: Path, messages: int, message_bytes: int) -> float:
    """Messages a second of one streamed response."""
    command = [str(program), str(port), path, str(body), str(messages), str(message_bytes)]
    return json.loads(run(LOAD_PROCESSOR, command))["messages_per_second"]


class Watchers:
    """Open watches, to which `event` brings one event each. Given no calls, of a plain server."""

    def __init__(self, program: Path, port: int, connections: int, streams: int, calls: list[str] | None = None):
        command = ["taskset", "-c", LOAD_PROCESSOR, str(program), str(port), str(connections), str(streams)]
        self.process = subprocess.Popen(
            command + (calls or []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.read("open")

    def read(self, expected: str) -> str:
        line = self.process.stdout.readline()
        if not line.startswith(expected):
            raise SystemExit(f"tools/bench: {self.process.args[3]} failed")
        return line

    def event(self) -> dict[str, float]:
        """Seconds from the cause until the first and the last watcher had the event, and the bytes of its frame."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.read("{"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def bursts(
    program: Path, port: int, burst_path: str, burst_body: Path, calm_path: str, calm_body: Path, token: str | None = None
) -> dict[str, float]:
    """How long one client's calls took while four connections sent bursts of 256 calls."""
    command = [str(program), str(port), "4", "256", str(BURST_SECONDS), burst_path, str(burst_body), calm_path, str(calm_body)]
    return json.loads(run(LOAD_PROCESSOR, command + ([token] if token else [])))


def inserts(program: Path, directory: Path, processor: str, requests: int, batch: int) -> float:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    rate = float(run(processor, [str(program), str(directory / "raw.db"), str(requests), str(batch)]))
    shutil.rmtree(directory)
    return rate


def codec(program: Path, message: Path, processor: str) -> dict[str, dict[str, float]]:
    """Nanoseconds a message by work and library, as `{"decode": {"millrace": 1.0, "SwiftProtobuf": 2.0}}`."""
    return json.loads(run(processor, [str(program), str(message)]))
