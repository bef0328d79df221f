"""gRPC's own interoperability cases: grpcio's client with our server, and our client with grpcio's server."""

import subprocess

import grpc
import interop_peer
import pytest
from certificates import Authority
from programs import BINARIES, Program
from testing import test_pb2_grpc as services


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module", params=["plaintext", "TLS"])
def channel(request, authority):
    """grpcio's channel to a running interop-server."""
    arguments, credentials = [], None
    if request.param == "TLS":
        certificate, key = authority.issue("server", dns=["localhost"])
        arguments = ["--tls-cert", certificate, "--tls-key", key]
        credentials = grpc.ssl_channel_credentials(authority.roots.read_bytes())
    with Program("interop-server", "--port", "0", *arguments) as server:
        target = f"localhost:{server.port}"
        with grpc.secure_channel(target, credentials) if credentials else grpc.insecure_channel(target) as channel:
            yield channel


@pytest.mark.parametrize("case", interop_peer.CASES, ids=lambda case: case.__name__)
def test_grpcio_with_our_server(case, channel):
    case(channel, services.TestServiceStub(channel))


@pytest.fixture(scope="module", params=["plaintext", "TLS"])
def grpcio_server(request, authority):
    """What interop-client is told to find grpcio's running server."""
    credentials, arguments = None, []
    if request.param == "TLS":
        certificate, key = authority.issue("server", dns=["localhost"])
        credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
        arguments = ["--tls-ca", authority.roots]
    server, port = interop_peer.start_server(credentials)
    yield ["--host", "localhost", "--port", str(port), *map(str, arguments)]
    server.stop(None)


@pytest.mark.parametrize("case", interop_peer.CASES, ids=lambda case: case.__name__)
def test_our_client_with_grpcios_server(case, grpcio_server):
    done = subprocess.run([BINARIES / "interop-client", *grpcio_server, "--test-case", case.__name__],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and f"{case.__name__}: passed" in done.stdout, done.stdout + done.stderr


def test_our_client_with_our_server():
    with Program("interop-server", "--port", "0") as server:
        done = subprocess.run([BINARIES / "interop-client", "--port", str(server.port), "--test-case", "all"],
                              capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    # Our server sees how messages come, so that no case passes with a note.
    assert done.returncode == 0 and len(lines) == 18 and all(line.endswith(": passed") for line in lines), done.stdout


def test_our_client_does_not_trust_anybody(authority, tmp_path):
    certificate, key = authority.issue("stranger", dns=["stranger.example"])
    with Program("interop-server", "--port", "0", "--tls-cert", certificate, "--tls-key", key) as server:
        for arguments in (["--tls-ca", authority.roots],
                          ["--tls-ca", Authority(tmp_path).roots, "--server-host-override", "stranger.example"]):
            done = subprocess.run(
                [BINARIES / "interop-client", "--host", "localhost", "--port", str(server.port), *arguments],
                capture_output=True, text=True, timeout=30)
            assert done.returncode != 0 and "UNAVAILABLE" in done.stdout, done.stdout
        done = subprocess.run(
            [BINARIES / "interop-client", "--host", "localhost", "--port", str(server.port),
             "--tls-ca", authority.roots, "--server-host-override", "stranger.example"],
            capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
