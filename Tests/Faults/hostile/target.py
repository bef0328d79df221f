"""The server under attack: a real process with chosen limits, its memory, its log, and a client that means well."""

import os
import re
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc


BINARIES = Path(os.environ.get("MILLRACE_BINARIES", ".build/debug"))
START_SECONDS = 30
UNLIMITED = 2**31 - 1


class Target:
    def __init__(self, limits, log_path, max_descriptors=None, program="bench-server", certificate=None):
        """`certificate` is the paths of a certificate and its key; TLS is spoken then."""
        self.log_path = log_path
        arguments = [item for name, value in limits.items() for item in ("--limit", f"{name}={value}")]

        if certificate:
            arguments += ["--tls-cert", certificate[0], "--tls-key", certificate[1]]
        # No code of ours between fork and exec: other clients' threads run by now.
        limited = ["prlimit", f"--nofile={max_descriptors}"] if max_descriptors else []
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                [*limited, BINARIES / program, "--port", "0", *arguments], stdout=log, stderr=subprocess.STDOUT)
        self.port = self._wait_for_port()

    def _wait_for_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = re.search(r"listening on 127\.0\.0\.1:(\d+)", self.log())
            if said:
                return int(said.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.process.kill()
        raise RuntimeError("the server did not start:\n" + self.log())

    def log(self):
        return self.log_path.read_text(errors="replace")

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def channel(self, *options):
        return grpc.insecure_channel(f"127.0.0.1:{self.port}", options=[("grpc.use_local_subchannel_pool", 1), *options])

    @contextmanager
    def serving_others(self, max_growth_mib=48):
        """Another client calls all the time and is served, and the server does not swell."""
        stop, served, failures = threading.Event(), [], []

        def call():
            with self.channel() as channel:
                health = health_pb2_grpc.HealthStub(channel)
                while not stop.is_set():
                    try:
                        health.Check(health_pb2.HealthCheckRequest(), timeout=10)
                        served.append(self.resident_kib())
                    except grpc.RpcError as error:
                        failures.append(error)
                    time.sleep(0.002)

        thread = threading.Thread(target=call)
        thread.start()
        try:
            while not served and not failures:
                time.sleep(0.005)
            before = served[0] if served else 0
            yield
            after = len(served)
            deadline = time.monotonic() + 10
            while len(served) <= after and not failures and time.monotonic() < deadline:
                time.sleep(0.005)
            assert not failures, failures[0]
            assert len(served) > after, "the other client is not served any more"
            growth_mib = (max(served) - before) / 1024
            assert growth_mib < max_growth_mib, f"the server grew by {growth_mib:.0f} MiB"
        finally:
            stop.set()
            thread.join()

    def stop(self):
        """Ends the server, which must not have ended by itself."""
        status = self.process.poll()
        self.process.kill()
        self.process.wait(10)
        return status
