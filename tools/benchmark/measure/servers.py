"""The servers that are measured: how each is started, checked and stopped."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import bench_pb2_grpc
import grpc

from . import payloads

SERVER_PROCESSOR = "0"
START_SECONDS = 20


def executable(name: str) -> str:
    """Debian keeps some servers where a user's PATH does not look."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        raise SystemExit(f"tools/bench: {name} is missing")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server on the processor that is set aside for it."""

    def __init__(self, name: str, command: list[str], port: int, log: Path):
        self.name = name
        self.port = port
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                ["taskset", "-c", SERVER_PROCESSOR, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise SystemExit(f"tools/bench: {name} does not listen; see {log}") from None
                time.sleep(0.05)

    def resident_mib(self) -> float:
        return self._mib("VmRSS:")

    def peak_mib(self) -> float:
        """The most resident memory so far."""
        return self._mib("VmHWM:")

    def _mib(self, name: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1024
        return 0.0

    def processor_seconds(self) -> float:
        """Time that processors have spent on it, in itself and in the system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Platform(Server):
    """`millrace serve` on an empty database."""

    def __init__(self, root: Path, output: Path):
        self.data = output / "data"
        shutil.rmtree(self.data, ignore_errors=True)
        port = free_port()
        command = [str(root / ".build/release/millrace"), "serve"]
        command += ["--listen", f"127.0.0.1:{port}", "--data", str(self.data)]
        super().__init__("millrace serve", command, port, output / "millrace.log")

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self.data, ignore_errors=True)


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that signs itself, and its key, as PEM files."""

    certificate: Path
    key: Path

    @staticmethod
    def make(output: Path) -> "Certificate":
        made = Certificate(output / "certificate.pem", output / "key.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "30"]
        command += ["-out", str(made.certificate), "-keyout", str(made.key)]
        subprocess.run(command, check=True, capture_output=True)
        return made


@dataclass(frozen=True)
class Kind:
    """A server of bench.Bench; `part` is what tools/benchmark/build makes for it."""

    name: str
    part: str | None
    speaks_grpc: bool = True


OURS = Kind("millrace", "bench-server")
KINDS = [
    OURS,
    Kind("nghttpd", None, speaks_grpc=False),
    Kind("grpc-go", "go"),
    Kind("gRPC C++", "cpp"),
    Kind("grpc-swift-2", "swift"),
]


def start(
    kind: Kind, root: Path, output: Path, reply_bytes: int = 0, certificate: Certificate | None = None
) -> Server:
    """Starts a server of bench.Bench, and checks it. With a certificate, which millrace and nghttpd take, over TLS."""
    server = run(kind, root, output, reply_bytes, certificate)
    if kind.speaks_grpc:
        check(server, certificate)
    return server


def run(
    kind: Kind, root: Path, output: Path, reply_bytes: int = 0, certificate: Certificate | None = None
) -> Server:
    port = free_port()
    commands = {
        "millrace": [str(root / ".build/release/bench-server"), "--port", str(port)],
        "grpc-go": [str(output / "go/server"), str(port)],
        "gRPC C++": [str(output / "cpp/server"), str(port)],
        "grpc-swift-2": [str(output / "swift/release/peer"), str(port)],
    }
    if kind.name == "nghttpd":
        # Raw nghttp2, the limit: it answers every request by a file of the reply's size.
        pages = output / "pages"
        pages.mkdir(exist_ok=True)
        (pages / "index.html").write_bytes(b"x" * reply_bytes)
        tls = [str(certificate.key), str(certificate.certificate)] if certificate else []
        commands["nghttpd"] = [executable("nghttpd"), "-d", str(pages), *([] if tls else ["--no-tls"]), str(port), *tls]
    if certificate:
        files = ["--tls-cert", str(certificate.certificate), "--tls-key", str(certificate.key)]
        commands["millrace"] += files
    return Server(kind.name, commands[kind.name], port, output / f"{kind.part or kind.name}.log")


def channel(server: Server, certificate: Certificate | None) -> grpc.Channel:
    address = f"127.0.0.1:{server.port}"
    if certificate is None:
        return grpc.insecure_channel(address)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(certificate.certificate.read_bytes()))


def check(server: Server, certificate: Certificate | None) -> None:
    """What is fast must also be right: grpcio calls both methods before anything is measured."""
    small, application = payloads.small(), payloads.application()
    with channel(server, certificate) as opened:
        stub = bench_pb2_grpc.BenchStub(opened)
        try:
            reply = stub.Small(small, timeout=5)
            echo = stub.Echo(application, timeout=5)
        except grpc.RpcError as error:
            raise SystemExit(f"tools/bench: {server.name} fails: {error}") from None
    if reply != payloads.small_reply() or echo != application:
        raise SystemExit(f"tools/bench: {server.name} answers wrongly")
