"""The service behind TLS: who is let in, which versions and protocols are spoken, certificates that change, and other places to listen."""

import os
import signal
import socket
import ssl
import time

import grpc
import pytest
from certificates import Authority
from grpc_health.v1 import health_pb2, health_pb2_grpc
from programs import Program


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def serve(tmp_path):
    """Starts `millrace serve` with TLS options; several in a test share nothing."""
    running = []

    def start(*arguments):
        program = Program("millrace", "serve", "--listen", "127.0.0.1:0", "--data", tmp_path / f"data{len(running)}",
                          "--log-level", "debug", *arguments)
        running.append(program)
        return program

    yield start
    for program in running:
        program.__exit__()


def check(target, credentials=None, timeout=5):
    """The health of the server at `target`; raises when there is no connection."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    channel = grpc.secure_channel(target, credentials, options) if credentials else grpc.insecure_channel(target, options)
    with channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=timeout).status


def credentials(authority, pair=None):
    certificate, key = pair or (None, None)
    return grpc.ssl_channel_credentials(
        authority.roots.read_bytes(), key and key.read_bytes(), certificate and certificate.read_bytes())


def refused(call):
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code() == grpc.StatusCode.UNAVAILABLE


SERVING = health_pb2.HealthCheckResponse.SERVING


def test_client_certificates(authority, serve, tmp_path):
    certificate, key = authority.issue("server", dns=["localhost"])
    partner = authority.issue("partner", dns=["bank.example"], uris=["spiffe://millrace/bank"])
    stranger = Authority(tmp_path / "other", "Other root").issue("stranger")
    tls = ["--tls-cert", certificate, "--tls-key", key]

    off = serve(*tls)
    assert check(f"localhost:{off.port}", credentials(authority)) == SERVING
    assert refused(lambda: check(f"localhost:{off.port}"))

    required = serve(*tls, "--tls-client-ca", authority.roots)
    target = f"localhost:{required.port}"
    assert check(target, credentials(authority, partner)) == SERVING
    assert "CN=partner" in required.log()
    assert refused(lambda: check(target, credentials(authority)))
    assert refused(lambda: check(target, credentials(authority, stranger)))

    optional = serve(*tls, "--tls-client-ca", authority.roots, "--tls-client-certificates", "optional")
    target = f"localhost:{optional.port}"
    assert check(target, credentials(authority)) == SERVING
    assert check(target, credentials(authority, partner)) == SERVING
    assert refused(lambda: check(target, credentials(authority, stranger)))


def test_versions_and_protocols(authority, serve):
    certificate, key = authority.issue("server", dns=["localhost"])
    server = serve("--tls-cert", certificate, "--tls-key", key)

    def handshake(protocols, version):
        context = ssl.create_default_context(cafile=authority.roots)
        context.set_alpn_protocols(protocols)
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("localhost", server.port), 5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as tls:
                # HTTP/2 begins with the server's SETTINGS, which a peer without h2 must not get.
                return tls.selected_alpn_protocol(), tls.recv(9)

    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        name, first = handshake(["http/1.1", "h2"], version)
        assert name == "h2" and first[3] == 4
        assert handshake(["http/1.1"], version) == (None, b"")
    assert "does not speak h2" in server.log()
    with pytest.warns(DeprecationWarning), pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(["h2"], ssl.TLSVersion.TLSv1_1)


def test_tls_1_2_authenticates_what_it_encrypts(authority, serve):
    """RFC 9113, appendix A, prohibits every suite of TLS 1.2 without ephemeral keys and an AEAD."""
    certificate, key = authority.issue("server", dns=["localhost"])
    server = serve("--tls-cert", certificate, "--tls-key", key)

    def suite(ciphers):
        context = ssl.create_default_context(cafile=authority.roots)
        context.set_alpn_protocols(["h2"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
        with socket.create_connection(("localhost", server.port), 5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as tls:
                return tls.cipher()[0]

    for ciphers in ("ECDHE+AESGCM", "ECDHE+CHACHA20"):
        assert "GCM" in suite(ciphers) or "CHACHA20" in suite(ciphers)
    context = ssl.create_default_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    others = [each["name"] for each in context.get_ciphers() if each["protocol"] != "TLSv1.3"
              and not (each["aead"] and each["kea"] == "kx-ecdhe")]
    assert {"ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-SHA"} <= set(others)
    for name in others:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            suite(f"{name}:@SECLEVEL=0")
    assert check(f"localhost:{server.port}", credentials(authority)) == SERVING


def test_a_handshake_that_does_not_go_on_is_ended(authority, serve):
    certificate, key = authority.issue("server", dns=["localhost"])
    server = serve("--tls-cert", certificate, "--tls-key", key, "--limit", "handshakeTimeoutSeconds=1")
    with socket.create_connection(("localhost", server.port), 5) as silent:
        assert check(f"localhost:{server.port}", credentials(authority)) == SERVING
        silent.settimeout(5)
        assert silent.recv(1) == b""
    assert "handshake took too long" in server.log()


def test_certificates_change_without_a_restart(authority, serve, tmp_path):
    first = authority.issue("changing", dns=["first.example"])
    server = serve("--tls-cert", first[0], "--tls-key", first[1])

    def name():
        context = ssl.create_default_context(cafile=authority.roots)
        context.check_hostname = False
        context.set_alpn_protocols(["h2"])
        with socket.create_connection(("localhost", server.port), 5) as plain, context.wrap_socket(plain) as tls:
            return tls.getpeercert()["subjectAltName"][0][1]

    assert name() == "first.example"
    # Files that do not fit leave the old certificate in use.
    key = first[1].read_bytes()
    _replace(first[1], b"no key")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("the old ones stay")
    assert name() == "first.example"
    _replace(first[1], key)
    authority.issue("changing", dns=["second.example"])
    for path in first:
        os.utime(path, (time.time() + 5, time.time() + 5))
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("certificates reloaded")
    assert name() == "second.example"


def _replace(path, data):
    path.write_bytes(data)
    os.utime(path, (time.time() - 60, time.time() - 60))


def test_several_places_to_listen(serve, tmp_path):
    path = tmp_path / "millrace.sock"
    # What is left of a server that was killed is replaced.
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))
    server = serve("--listen", f"unix:{path}")
    assert check(f"unix:{path}") == SERVING
    assert check(f"127.0.0.1:{server.port}") == SERVING
    # A socket that somebody listens on is not.
    with pytest.raises(AssertionError, match="(?i)in use"):
        serve("--listen", f"unix:{path}")
    assert check(f"unix:{path}") == SERVING
    server.__exit__()
    assert not path.exists()
