"""Our client's retries and its balance between servers, with grpcio's servers."""

import json
import socket
import ssl
import subprocess
from concurrent import futures

import grpc
import pytest
from certificates import Authority
from programs import BINARIES
from testing import test_pb2 as messages
from testing import test_pb2_grpc as services

RETRY = {"methodConfig": [{"name": [{"service": "grpc.testing.TestService"}], "retryPolicy": {
    "maxAttempts": 4, "initialBackoff": "0.01s", "maxBackoff": "0.1s", "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"]}}]}
ROUND_ROBIN = {"loadBalancingConfig": [{"round_robin": {}}]}


class Server(services.TestServiceServicer):
    """Fails its first calls, ends at one of them, and notes what came with each."""

    def __init__(self, failures=0, pushback=None, last=None):
        self.failures, self.pushback, self.last, self.calls = failures, pushback, last, []
        self.server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        services.add_TestServiceServicer_to_server(self, self.server)
        self.port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()

    def EmptyCall(self, request, context):
        self.calls.append(dict(context.invocation_metadata()))
        if len(self.calls) == self.last:
            self.server.stop(20)
        if len(self.calls) <= self.failures:
            if self.pushback is not None:
                context.set_trailing_metadata([("grpc-retry-pushback-ms", self.pushback)])
            context.abort(grpc.StatusCode.UNAVAILABLE, "not yet")
        return messages.Empty()


def client(servers, config, *arguments):
    target = "ipv4:" + ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return subprocess.Popen([BINARIES / "interop-client", "--target", target, "--service-config", json.dumps(config),
                             "--test-case", "empty_unary", *arguments], stdout=subprocess.PIPE, text=True)


def outcome(process):
    output, _ = process.communicate(timeout=30)
    return process.returncode, output


@pytest.fixture
def start():
    servers = []

    def start(*arguments, **options):
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.server.stop(None)


def test_a_server_that_fails_twice_is_called_thrice(start):
    server = start(failures=2)
    code, output = outcome(client([server], RETRY))
    assert code == 0, output
    assert [call.get("grpc-previous-rpc-attempts") for call in server.calls] == [None, "1", "2"]


def test_without_a_policy_the_first_failure_counts(start):
    server = start(failures=2)
    code, output = outcome(client([server], {}))
    assert code != 0 and "UNAVAILABLE" in output and len(server.calls) == 1, output


@pytest.mark.parametrize("pushback, calls", [("5", 3), ("-1", 1)])
def test_the_server_says_whether_to_try_again(start, pushback, calls):
    server = start(failures=2, pushback=pushback)
    code, output = outcome(client([server], RETRY))
    assert (code == 0) == (calls == 3) and len(server.calls) == calls, output


@pytest.mark.parametrize("ciphers, reason", [
    ("ECDHE+AESGCM", None), ("ECDHE+CHACHA20", None),
    # Prohibited for HTTP/2 by RFC 9113, appendix A.
    ("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", "the TLS handshake failed: "),
])
def test_suites_of_tls_1_2(tmp_path, ciphers, reason):
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("server", dns=["localhost"]))
    context.set_alpn_protocols(["h2"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen([BINARIES / "interop-client", "--port", str(port), "--tls-ca", authority.roots,
                                    "--server-host-override", "localhost"], stdout=subprocess.PIPE, text=True)
        listener.settimeout(20)
        plain, _ = listener.accept()
        with plain:
            if reason is None:
                with context.wrap_socket(plain, server_side=True) as tls:
                    assert tls.recv(24).startswith(b"PRI * HTTP/2.0")
                expected = "the server closed the connection"
            else:
                with pytest.raises(ssl.SSLError, match="(?i)no.shared.cipher"):
                    context.wrap_socket(plain, server_side=True)
                expected = reason
    code, output = outcome(process)
    assert code != 0 and f"cannot connect to 127.0.0.1:{port}: {expected}" in output, output


def test_a_certificate_that_nobody_vouches_for_is_named(tmp_path):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(tmp_path / "other", "Other root").issue("server", dns=["localhost"]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen([BINARIES / "interop-client", "--port", str(port), "--tls-ca", Authority(tmp_path).roots,
                                    "--server-host-override", "localhost"], stdout=subprocess.PIPE, text=True)
        listener.settimeout(20)
        plain, _ = listener.accept()
        with plain, pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(plain, server_side=True)
    code, output = outcome(process)
    assert code != 0 and "the TLS handshake failed: certificate verify failed" in output, output


def test_calls_go_on_when_one_of_two_servers_ends(start):
    # It ends within a call, and the client makes one at a time. Otherwise a call may be on its way when grpcio ends, which
    # that answers with CANCELLED, to any client: it has not read the GOAWAY yet and cannot know that no handler saw the call.
    servers = [start(last=5), start()]
    code, output = outcome(client(servers, ROUND_ROBIN, "--iterations", "3000"))
    assert code == 0, output
    # No call failed, none was made twice, and the one that was under way has ended well.
    assert [len(server.calls) for server in servers] == [5, 2995]


def test_the_next_address_is_called_when_the_first_does_not_answer(start):
    servers = [start(), start()]
    servers[0].server.stop(None).wait()
    code, output = outcome(client(servers, {}))
    assert code == 0 and len(servers[1].calls) == 1, output
