"""Envoy and nginx in front of the service, with the configurations of tools/deploy; clients on HTTP/1.1 and HTTP/2."""

import subprocess

import grpc
import pytest
from connectrpc.client import ConnectClientSync
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.protocol import ProtocolType
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from life import TRANSITIONS, Life
from millrace.enterprise.v1 import enterprise_service_pb2
from millrace.schedule.v1 import schedule_service_pb2
from proxies import START, Site, secure_channel, start_envoy, start_nginx
from pyqwest import HTTPVersion, SyncClient, SyncHTTPTransport
from watcher import Watcher
from web import COMPUTE, COMPUTE_METHOD, GET_ENTERPRISE, INTEREST, JSON, REQUEST, curl, envelopes, framed

from conftest import CREDIT_CODES, Caller, details, expect_error

GET = "millrace.enterprise.v1.EnterpriseService/GetEnterprise"
REGISTER = "millrace.enterprise.v1.EnterpriseService/RegisterEnterprise"
APPLICATIONS = "millrace.financing.v1.FinancingService/WatchApplications"
SERVING = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    with site.server:
        yield site


@pytest.fixture(scope="module")
def envoy(site):
    proxy, port = start_envoy(site)
    with proxy:
        yield port


@pytest.fixture(scope="module")
def nginx(site):
    proxy, port = start_nginx(site)
    with proxy:
        yield port


@pytest.fixture(params=["envoy", "nginx"])
def proxy(request):
    return request.param


@pytest.fixture
def channel(proxy, request, site):
    with secure_channel(site, request.getfixturevalue(proxy)) as channel:
        yield channel


def test_grpc_unary(channel, site):
    operator, nobody = Caller(site, "operator", channel=channel), Caller(site, "operator", token="", channel=channel)
    assert operator.schedule.ComputeSchedule(REQUEST).total_interest.minor_units == INTEREST
    expect_error(grpc.StatusCode.UNAUTHENTICATED, lambda: nobody.schedule.ComputeSchedule(REQUEST))
    error = expect_error(grpc.StatusCode.NOT_FOUND, lambda: operator.enterprise.GetEnterprise(
        enterprise_service_pb2.GetEnterpriseRequest(name="enterprises/none")))
    assert details(error, error_details_pb2.ResourceInfo)
    # The service knows the proxy by its certificate.
    assert "CN=proxy" in site.server.log()


def test_grpc_streams(channel, site, proxy):
    life = Life(Caller(site, "operator", channel=channel), Caller(site, "enterprise", channel=channel),
                CREDIT_CODES[proxy == "nginx"])
    life.register()
    watcher = Watcher(Caller(site, "partner", channel=channel), enterprise=life.enterprise.name)
    for step in Life.STEPS[1:]:
        life.run(step)
    life.check_end()
    seen = watcher.take(len(TRANSITIONS))
    assert [(event.from_state, event.to_state) for event in seen] == TRANSITIONS
    # Still open, and ended by the client.
    watcher.nothing_more()


def test_health_watch(channel):
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
    assert next(watch) == SERVING
    watch.cancel()


def test_many_watches(proxy, request, site):
    """More than Envoy has open at a time by default, and more than nginx lets one connection have by default."""
    connections, watches = (3, 400) if proxy == "envoy" else (1, 200)
    channels = [secure_channel(site, request.getfixturevalue(proxy)) for _ in range(connections)]
    try:
        open_watches = [health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
                        for channel in channels for _ in range(watches)]
        assert all(next(watch) == SERVING for watch in open_watches)
    finally:
        for channel in channels:
            channel.close()


def test_connect_through_nginx(nginx, site):
    answer = curl(nginx, COMPUTE, JSON, {"content-type": "application/json", **site.authorization("operator")},
                  site="https://localhost", options=("--http2", "--cacert", site.roots))
    assert answer.status == 200 and answer.json["totalInterest"]["minorUnits"] == str(INTEREST)


@pytest.fixture
def ask(envoy, site):
    """Asks Envoy over HTTP/1.1."""
    def ask(path, body=None, headers=(), role="operator", method=None):
        answer = curl(envoy, path, body, {**dict(headers), **(site.authorization(role) if role else {})}, method,
                      site="https://localhost", options=("--http1.1", "--cacert", site.roots))
        assert answer.version == "HTTP/1.1"
        return answer

    return ask


PLAIN_JSON = {"content-type": "application/json"}


def test_plain_json(ask):
    answer = ask(COMPUTE, JSON, PLAIN_JSON)
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    assert answer.json["totalInterest"] == {"currencyCode": "CNY", "minorUnits": str(INTEREST)}
    assert ask("grpc.health.v1.Health/Check", "{}", PLAIN_JSON, role=None).json == {"status": "SERVING"}


@pytest.mark.parametrize("path,body,role,status,code,detail", [
    (GET, '{"name": "enterprises/none"}', "operator", 404, 5, "ResourceInfo"),
    (REGISTER, '{"enterprise": {}}', "enterprise", 400, 3, "BadRequest"),
    (COMPUTE, JSON, None, 401, 16, None),
    (REGISTER, '{"enterprise": {}}', "partner", 403, 7, None),
])
def test_errors_in_plain_json(path, body, role, status, code, detail, ask):
    answer = ask(path, body, PLAIN_JSON, role)
    assert (answer.status, answer.json["code"]) == (status, code), answer.body
    assert answer.json["message"]
    assert detail is None or any(one["@type"].endswith(f"google.rpc.{detail}") for one in answer.json["details"])


def test_plain_json_that_is_wrong(ask):
    for body in ("{", '{"noSuchField": 1}', '{"installmentCount": "many"}'):
        assert ask(COMPUTE, body, PLAIN_JSON).status == 400, body


def test_a_stream_that_is_refused_in_plain_json(ask):
    answer = ask(APPLICATIONS, '{"resumeToken": "garbage"}', PLAIN_JSON)
    assert (answer.status, answer.json["code"]) == (400, 3)


@pytest.mark.parametrize("kind,body,first", [
    ("application/json", b"{}", b'{"status":"SERVING"}\n'),
    ("application/connect+json", framed(b"{}"), framed(b'{"status":"SERVING"}')),
    ("application/connect+proto", framed(b""), framed(SERVING.SerializeToString())),
    ("application/grpc-web", framed(b""), framed(SERVING.SerializeToString())),
])
def test_a_watch_over_http_1(kind, body, first, envoy, site):
    """Its first message comes while it goes on."""
    watch = subprocess.Popen(
        ["curl", "-sN", "--http1.1", "--cacert", site.roots, "--max-time", "20", "-H", f"content-type: {kind}",
         "--data-binary", "@-", f"https://localhost:{envoy}/grpc.health.v1.Health/Watch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        watch.stdin.write(body)
        watch.stdin.close()
        assert watch.stdout.read(len(first)) == first
        assert watch.poll() is None
    finally:
        watch.kill()
        watch.wait()
        watch.stdout.close()


@pytest.mark.parametrize("protocol,codec", [
    (ProtocolType.CONNECT, google_protobuf_json_codec), (ProtocolType.CONNECT, google_protobuf_binary_codec),
    (ProtocolType.GRPC_WEB, google_protobuf_binary_codec),
], ids=["Connect JSON", "Connect", "gRPC-Web"])
def test_connectrpc(protocol, codec, envoy, site):
    operator = site.authorization("operator")
    http = SyncClient(SyncHTTPTransport(http_version=HTTPVersion.HTTP1, tls_ca_cert=site.roots.read_bytes()))
    with ConnectClientSync(f"https://localhost:{envoy}", codec=codec(), protocol=protocol, http_client=http) as client:
        schedule = client.execute_unary(request=REQUEST, method=COMPUTE_METHOD, headers=operator)
        assert schedule.total_interest.minor_units == INTEREST
        if protocol == ProtocolType.CONNECT:
            assert client.execute_unary(request=REQUEST, method=COMPUTE_METHOD, headers=operator, use_get=True) == schedule
        with pytest.raises(ConnectError) as raised:
            client.execute_unary(request=enterprise_service_pb2.GetEnterpriseRequest(name="enterprises/none"),
                                 method=GET_ENTERPRISE, headers=operator)
        assert raised.value.code == Code.NOT_FOUND
        assert any(detail.type_name.endswith("google.rpc.ResourceInfo") for detail in raised.value.details)


def test_connect_errors_are_connects_own(ask):
    answer = ask(COMPUTE, JSON, {**PLAIN_JSON, "connect-protocol-version": "1"}, role=None)
    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("kind", ["application/grpc-web", "application/grpc-web+proto"])
def test_grpc_web(kind, ask):
    request = framed(REQUEST.SerializeToString())
    answer = ask(COMPUTE, request, {"content-type": kind})
    (_, schedule), (flag, trailers) = envelopes(answer.body)
    assert schedule_service_pb2.Schedule.FromString(schedule).total_interest.minor_units == INTEREST
    assert flag == 0x80 and b"grpc-status:0" in trailers.replace(b" ", b"")
    refused = ask(COMPUTE, request, {"content-type": kind}, role=None)
    assert refused.status == 200 and refused.headers["grpc-status"] == "16"


def test_pages_of_allowed_origins(ask):
    wish = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type,x-grpc-web"}
    mine = ask(COMPUTE, None, {"origin": "http://localhost:3000", **wish}, role=None, method="OPTIONS")
    assert mine.status == 200 and mine.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert {"authorization", "x-grpc-web"} <= set(mine.headers["access-control-allow-headers"].replace(" ", "").split(","))
    answer = ask(COMPUTE, JSON, {"origin": "http://localhost:3000", **PLAIN_JSON})
    assert answer.status == 200 and "grpc-status" in answer.headers["access-control-expose-headers"]
    for origin in ("https://evil.example", "http://localhost.evil.example"):
        other = ask(COMPUTE, None, {"origin": origin, **wish}, role=None, method="OPTIONS")
        assert not any(name.startswith("access-control") for name in other.headers), other.headers


def test_the_service_goes_and_comes_back(proxy, tmp_path):
    site = Site(tmp_path)
    with site.server as server:
        running, port = START[proxy](site)
        with running, secure_channel(site, port) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=20)
            assert next(watch) == SERVING
            server.process.kill()
            server.process.wait()
            # A stream cut in the middle is reset, whatever the client makes of that.
            with pytest.raises(grpc.RpcError):
                list(watch)
            expect_error(grpc.StatusCode.UNAVAILABLE, lambda: health.Check(health_pb2.HealthCheckRequest(), timeout=10))
            with site.serve(server.port):
                assert health.Check(health_pb2.HealthCheckRequest(), timeout=10) == SERVING
