"""gRPC-Web and Connect beside gRPC on one port, by curl, buf and PyPI's connectrpc."""

import base64
import gzip
import json
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from connectrpc.client import ConnectClientSync
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.protocol import ProtocolType
from millrace.enterprise.v1 import enterprise_service_pb2
from millrace.schedule.v1 import schedule_service_pb2
from programs import Program
from pyqwest import HTTPVersion, SyncClient, SyncHTTPTransport
from testing import test_pb2
from web import COMPUTE, COMPUTE_METHOD, GET_ENTERPRISE, INTEREST, JSON, REQUEST, curl, envelopes, framed

BUF = Path(sys.executable).parent / "buf"


@pytest.fixture
def operator(server):
    return {"authorization": f"Bearer {server.token('operator')}"}


def test_json_by_curl(server, operator):
    answer = curl(server.port, COMPUTE, JSON, {"content-type": "application/json", **operator})
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    assert answer.json["totalInterest"] == {"currencyCode": "CNY", "minorUnits": str(INTEREST)}


def test_binary_and_compression_by_curl(server, operator):
    answer = curl(server.port, COMPUTE, gzip.compress(REQUEST.SerializeToString()),
                  {"content-type": "application/proto", "content-encoding": "gzip", "connect-protocol-version": "1", **operator})
    assert answer.status == 200 and answer.headers["content-type"] == "application/proto"
    assert schedule_service_pb2.Schedule.FromString(answer.body).total_interest.minor_units == INTEREST
    unknown = curl(server.port, COMPUTE, b"", {"content-type": "application/proto", "content-encoding": "br", **operator})
    assert (unknown.status, unknown.json["code"]) == (501, "unimplemented")
    broken = curl(server.port, COMPUTE, b"no gzip", {"content-type": "application/proto", "content-encoding": "gzip", **operator})
    assert (broken.status, broken.json["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05CNY", REQUEST.SerializeToString()[:-1]], ids=["tag", "length", "cut"])
def test_malformed_binary_is_a_bad_request(body, server, operator):
    headers = {"content-type": "application/proto", **operator}
    answer = curl(server.port, COMPUTE, body, headers)
    assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), answer.body
    query = f"{COMPUTE}?encoding=proto&base64=1&message={base64.urlsafe_b64encode(body).decode().rstrip('=')}"
    answer = curl(server.port, query, headers=operator)
    assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), answer.body


@pytest.mark.parametrize("body", [framed(b"\xff"), framed(b"\x0a\x05ab"), framed(b"")[:3], b"\x07" + framed(b"")[1:]],
                         ids=["message", "length", "cut", "flag"])
def test_a_malformed_stream_is_a_bad_request(body, interop):
    answer = curl(interop.port, OUTPUT, body, {"content-type": "application/connect+proto"})
    (flag, end), = envelopes(answer.body)
    assert (answer.status, flag, json.loads(end)["error"]["code"]) == (200, 2, "invalid_argument")
    # To gRPC it is an internal error.
    assert curl(interop.port, OUTPUT, body, {"content-type": "application/grpc-web"}).headers["grpc-status"] == "13"


@pytest.mark.parametrize("coding", ["GZIP", "x-gzip", "X-Gzip"])
def test_codings_have_no_case(coding, server, operator):
    body = gzip.compress(REQUEST.SerializeToString())
    answer = curl(server.port, COMPUTE, body, {"content-type": "application/proto", "content-encoding": coding, **operator})
    assert answer.status == 200, answer.body
    message = base64.urlsafe_b64encode(body).decode().rstrip("=")
    answer = curl(server.port, f"{COMPUTE}?encoding=proto&base64=1&compression={coding}&message={message}", headers=operator)
    assert answer.status == 200, answer.body
    body = b"\x01" + framed(body)[1:]
    answer = curl(server.port, COMPUTE, body, {"content-type": "application/grpc-web", "grpc-encoding": coding, **operator})
    assert envelopes(answer.body)[-1][1].startswith(b"grpc-status: 0"), answer.body


def test_several_gzip_members_are_one_message(server, operator):
    message = REQUEST.SerializeToString()
    body = gzip.compress(message[:5]) + gzip.compress(b"") + gzip.compress(message[5:])
    answer = curl(server.port, COMPUTE, body, {"content-type": "application/proto", "content-encoding": "gzip", **operator})
    assert schedule_service_pb2.Schedule.FromString(answer.body).total_interest.minor_units == INTEREST


@pytest.mark.parametrize("milliseconds", ["+5", "-5", "5.0", "0x5", "5s"])
def test_a_timeout_has_digits_only(milliseconds, server, operator):
    answer = curl(server.port, COMPUTE, JSON, {"content-type": "application/json", "connect-timeout-ms": milliseconds, **operator})
    assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), answer.body


def test_two_credentials_are_refused(server, operator):
    """Whoever checks one of them, and passes both on, must not be gone around."""
    health = "grpc.health.v1.Health/Check"
    for path, body in ((COMPUTE, JSON), (health, "{}")):
        for more in (operator["authorization"], "Bearer other", "Basic YTpi"):
            answer = curl(server.port, path, body, {"content-type": "application/json", **operator},
                          options=("--http2-prior-knowledge", "-H", f"Authorization: {more}"))
            assert (answer.status, answer.json["code"]) == (401, "unauthenticated"), (path, more)
    assert curl(server.port, COMPUTE, JSON, {"content-type": "application/json", **operator}).status == 200


def test_get_of_what_has_no_side_effects(server, operator):
    packed = base64.urlsafe_b64encode(gzip.compress(REQUEST.SerializeToString())).decode().rstrip("=")
    for query in (f"encoding=json&message={urllib.parse.quote(JSON)}", f"connect=v1&encoding=json&message={urllib.parse.quote_plus(JSON)}",
                  f"message={packed}&base64=1&compression=gzip&encoding=proto"):
        answer = curl(server.port, f"{COMPUTE}?{query}", headers=operator)
        assert answer.status == 200, answer.body
    for query in ("", "encoding=json", "encoding=xml&message=%7B%7D", "encoding=json&message=%7B%7D&connect=v2",
                  "encoding=json&message=%7", f"encoding=json&message=%+9{urllib.parse.quote(JSON)}",
                  "encoding=proto&base64=1&message=a"):
        answer = curl(server.port, f"{COMPUTE}?{query}", headers=operator)
        assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), query
    changing = curl(server.port, "millrace.enterprise.v1.EnterpriseService/RegisterEnterprise?encoding=json&message=%7B%7D", headers=operator)
    assert (changing.status, changing.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path,body,headers,status,code", [
    (COMPUTE, "{", {}, 400, "invalid_argument"),
    (COMPUTE, '{"noSuchField": 1}', {}, 400, "invalid_argument"),
    (COMPUTE, JSON, {"authorization": ""}, 401, "unauthenticated"),
    (COMPUTE, JSON, {"connect-timeout-ms": "12345678901"}, 400, "invalid_argument"),
    (COMPUTE, JSON, {"connect-timeout-ms": "0"}, 504, "deadline_exceeded"),
    ("millrace.schedule.v1.ScheduleService/NoSuch", JSON, {}, 501, "unimplemented"),
    ("millrace.enterprise.v1.EnterpriseService/GetEnterprise", '{"name": "enterprises/none"}', {}, 404, "not_found"),
])
def test_errors(path, body, headers, status, code, server, operator):
    answer = curl(server.port, path, body, {"content-type": "application/json", **operator, **headers})
    assert (answer.status, answer.json["code"]) == (status, code), answer.body
    assert answer.json["message"] and answer.headers["content-type"] == "application/json"


def test_what_is_not_spoken(server, operator):
    for kind in ("text/plain", "application/connect+json", "application/xml"):
        assert curl(server.port, COMPUTE, JSON, {"content-type": kind, **operator}).status == 415, kind
    watch = "millrace.financing.v1.FinancingService/WatchApplications"
    assert curl(server.port, watch, "{}", {"content-type": "application/json", **operator}).status == 415
    assert curl(server.port, COMPUTE, None, operator).status == 405
    assert curl(server.port, COMPUTE, JSON, operator, method="DELETE").status == 405


@pytest.fixture(scope="module")
def interop():
    with Program("interop-server", "--port", "0") as server:
        yield server


OUTPUT = "grpc.testing.TestService/StreamingOutputCall"


def test_a_stream_in_json(interop):
    message = b'{"responseParameters": [{"size": 3}, {"size": 2}]}'
    answer = curl(interop.port, OUTPUT, framed(message), {"content-type": "application/connect+json"})
    assert answer.status == 200
    assert envelopes(answer.body) == [(0, b'{"payload":{"body":"AAAA"}}'), (0, b'{"payload":{"body":"AAA="}}'), (2, b"{}")]
    message = b'{"responseStatus": {"code": 9, "message": "not yet"}}'
    answer = curl(interop.port, OUTPUT, framed(message), {"content-type": "application/connect+json"})
    (flag, end), = envelopes(answer.body)
    assert (answer.status, flag, json.loads(end)["error"]) == (200, 2, {"code": "failed_precondition", "message": "not yet"})


@pytest.mark.parametrize("kind, answered", [
    ("application/grpc+json", "application/grpc+json"), ("application/grpc+json; charset=utf-8", "application/grpc+json"),
])
def test_grpc_in_json(kind, answered, interop):
    def ask(path, *messages):
        return curl(interop.port, path, b"".join(map(framed, messages)), {"content-type": kind, "te": "trailers"})

    answer = ask(OUTPUT, b'{"responseParameters": [{"size": 3}, {"size": 2}]}')
    assert (answer.status, answer.headers["content-type"]) == (200, answered)
    body, _, trailers = answer.body.rpartition(b"}")
    assert envelopes(body + b"}") == [(0, b'{"payload":{"body":"AAAA"}}'), (0, b'{"payload":{"body":"AAA="}}')]
    assert trailers.strip() == b"grpc-status: 0"
    # Many messages both ways, of which one is empty in every sense.
    both = ask("grpc.testing.TestService/FullDuplexCall", b'{"responseParameters": [{"size": 1}]}', b"")
    assert b'{"payload":{"body":"AA=="}}' in both.body and both.body.strip().endswith(b"grpc-status: 0")
    # What is refused, by a handler, by the runtime and before there is a call.
    for path, body, status in (
            (OUTPUT, b'{"responseStatus": {"code": 9, "message": "not yet"}}', "9"), (OUTPUT, b"{", "13"),
            (OUTPUT, b'{"noSuchField": 1}', "13"), ("grpc.testing.TestService/NoSuch", None, "12")):
        # Without a call nothing is read of a body, and curl 7.88 may lose an answer that comes before it is sent: none there.
        answer = ask(path, *([] if body is None else [body]))
        assert (answer.status, answer.headers["content-type"]) == (200, answered)
        assert answer.headers["grpc-status"] == status, answer.headers


def test_grpc_web(interop):
    message = test_pb2.StreamingOutputCallRequest(response_parameters=[test_pb2.ResponseParameters(size=3)])
    request = framed(message.SerializeToString())
    answer = curl(interop.port, OUTPUT, request, {"content-type": "application/grpc-web+proto"})
    assert answer.headers["content-type"] == "application/grpc-web+proto"
    (_, first), (flag, trailers) = envelopes(answer.body)
    assert test_pb2.StreamingOutputCallResponse.FromString(first).payload.body == bytes(3)
    assert (flag, trailers) == (0x80, b"grpc-status: 0\r\n")

    # Text arrives in parts, each with its own padding, and cut anywhere.
    text = base64.b64encode(request[:4]) + base64.b64encode(request[4:])
    answer = curl(interop.port, OUTPUT, text, {"content-type": "application/grpc-web-text"})
    parts = b"".join(base64.b64decode(part) for part in split_padded(answer.body))
    assert [flag for flag, _ in envelopes(parts)] == [0, 0x80]
    broken = curl(interop.port, OUTPUT, b"$$$$", {"content-type": "application/grpc-web-text"})
    assert broken.headers["grpc-status"] == "13"

    unknown = curl(interop.port, "grpc.testing.TestService/NoSuch", request, {"content-type": "application/grpc-web"})
    assert unknown.status == 200 and unknown.headers["grpc-status"] == "12"


def test_grpc_web_in_json(interop):
    message = framed(b'{"responseParameters": [{"size": 3}]}')
    for kind in ("application/grpc-web+json", "application/grpc-web-text+json", "Application/gRPC-Web+JSON; charset=utf-8"):
        is_text = "text" in kind
        answer = curl(interop.port, OUTPUT, base64.b64encode(message) if is_text else message, {"content-type": kind})
        assert (answer.status, answer.headers["content-type"]) == (200, kind.lower().split(";")[0])
        body = b"".join(base64.b64decode(part) for part in split_padded(answer.body)) if is_text else answer.body
        assert envelopes(body) == [(0, b'{"payload":{"body":"AAAA"}}'), (0x80, b"grpc-status: 0\r\n")]
    for body in (b"{", b'{"noSuchField": 1}'):
        answer = curl(interop.port, OUTPUT, framed(body), {"content-type": "application/grpc-web+json"})
        assert answer.headers["grpc-status"] == "13"


def split_padded(text):
    """Groups of four characters, of which each may end a part."""
    return [text[start:start + 4] for start in range(0, len(text), 4)]


def test_only_allowed_origins(data):
    arguments = ["--listen", "127.0.0.1:0", "--data", data, "--allow-origin", "https://app.example"]
    with Program("millrace", "serve", *arguments) as server:
        ask = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,authorization"}
        answer = curl(server.port, COMPUTE, headers={"origin": "https://app.example", **ask}, method="OPTIONS")
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert answer.headers["access-control-allow-headers"] == "content-type,authorization"
        assert "POST" in answer.headers["access-control-allow-methods"]
        other = curl(server.port, COMPUTE, headers={"origin": "https://other.example", **ask}, method="OPTIONS")
        assert other.status == 204 and not any(name.startswith("access-control") for name in other.headers)
        call = {"content-type": "application/json", "origin": "https://app.example"}
        answer = curl(server.port, "grpc.health.v1.Health/Check", "{}", call)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "grpc-status" in answer.headers["access-control-expose-headers"]
        answer = curl(server.port, "grpc.health.v1.Health/Check", "{}", {**call, "origin": "https://other.example"})
        assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("protocol", ["grpc", "grpcweb", "connect"])
def test_buf(protocol, server, operator, interop):
    def call(port, path, body, *more):
        return subprocess.run([BUF, "curl", "--protocol", protocol, "--http2-prior-knowledge", "-d", body, *more,
                               f"http://127.0.0.1:{port}/{path}"], capture_output=True, text=True, timeout=60)

    done = call(server.port, COMPUTE, JSON, "-H", f"authorization: {operator['authorization']}")
    assert done.returncode == 0 and json.loads(done.stdout)["totalInterest"]["minorUnits"] == str(INTEREST), done.stderr
    done = call(interop.port, OUTPUT, '{"responseParameters": [{"size": 3}, {"size": 2}]}')
    assert done.returncode == 0 and done.stdout.count("payload") == 2, done.stderr
    done = call(server.port, "millrace.enterprise.v1.EnterpriseService/GetEnterprise", '{"name": "enterprises/none"}', "-H",
                f"authorization: {operator['authorization']}")
    assert done.returncode != 0 and json.loads(done.stderr)["code"] == "not_found", done.stderr


@pytest.mark.parametrize("protocol,codec", [
    (ProtocolType.CONNECT, google_protobuf_json_codec), (ProtocolType.CONNECT, google_protobuf_binary_codec),
    (ProtocolType.GRPC, google_protobuf_binary_codec), (ProtocolType.GRPC, google_protobuf_json_codec),
    (ProtocolType.GRPC_WEB, google_protobuf_binary_codec), (ProtocolType.GRPC_WEB, google_protobuf_json_codec),
], ids=["Connect JSON", "Connect", "gRPC", "gRPC JSON", "gRPC-Web", "gRPC-Web JSON"])
def test_connectrpc(protocol, codec, server, operator):
    http = SyncClient(SyncHTTPTransport(http_version=HTTPVersion.HTTP2))
    with ConnectClientSync(f"http://127.0.0.1:{server.port}", codec=codec(), protocol=protocol,
                           send_compression=GzipCompression(), http_client=http) as client:
        schedule = client.execute_unary(request=REQUEST, method=COMPUTE_METHOD, headers=operator)
        assert schedule.total_interest.minor_units == INTEREST
        if protocol == ProtocolType.CONNECT:
            assert client.execute_unary(request=REQUEST, method=COMPUTE_METHOD, headers=operator, use_get=True) == schedule
        with pytest.raises(ConnectError) as raised:
            client.execute_unary(request=enterprise_service_pb2.GetEnterpriseRequest(name="enterprises/none"),
                                 method=GET_ENTERPRISE, headers=operator)
        assert raised.value.code == Code.NOT_FOUND
        assert any(detail.type_name.endswith("google.rpc.ResourceInfo") for detail in raised.value.details)
