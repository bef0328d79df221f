"""`millrace call` and `millrace describe`, with our server and with grpcio's."""

import json
import subprocess
from concurrent import futures

import grpc
import interop_peer
import pytest
from grpc_reflection.v1alpha import reflection
from programs import BINARIES
from testing import test_pb2_grpc


def run(command, port, *arguments, text=None):
    return subprocess.run([BINARIES / "millrace", command, "--server", f"127.0.0.1:{port}", *map(str, arguments)],
                          input=text, capture_output=True, text=True, timeout=30)


@pytest.fixture(scope="module")
def grpcio_port():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    test_pb2_grpc.add_TestServiceServicer_to_server(interop_peer.TestService(), server)
    reflection.enable_server_reflection(["grpc.testing.TestService", reflection.SERVICE_NAME], server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None)


def values(output):
    """The JSON values of an output, one after the other."""
    decoder, found = json.JSONDecoder(), []
    while output.strip():
        value, end = decoder.raw_decode(output.strip())
        found.append(value)
        output = output.strip()[end:]
    return found


def test_all_kinds_of_methods_of_another_server(grpcio_port):
    service = "grpc.testing.TestService"
    done = run("call", grpcio_port, f"{service}/UnaryCall", '{"responseSize": 3}')
    assert (done.returncode, values(done.stdout)) == (0, [{"payload": {"body": "AAAA"}}]), done.stderr
    done = run("call", grpcio_port, f"{service}/StreamingOutputCall", '{"responseParameters": [{"size": 3}, {"size": 2}]}')
    assert values(done.stdout) == [{"payload": {"body": "AAAA"}}, {"payload": {"body": "AAA="}}], done.stderr
    two = '{"payload": {"body": "AAAA"}} {"payload": {"body": "AAA="}}'
    done = run("call", grpcio_port, f"{service}/StreamingInputCall", "-", text=two)
    assert values(done.stdout) == [{"aggregatedPayloadSize": 5}], done.stderr
    done = run("call", grpcio_port, f"{service}/FullDuplexCall", '{"responseParameters": [{"size": 1}]}{"responseParameters": []}')
    assert values(done.stdout) == [{"payload": {"body": "AA=="}}], done.stderr


def test_errors_are_told_with_their_details(server, grpcio_port):
    done = run("call", grpcio_port, "grpc.testing.TestService/UnaryCall", '{"responseStatus": {"code": 9, "message": "not yet"}}')
    assert done.returncode == 1 and done.stderr.startswith("FAILED_PRECONDITION: not yet")
    done = run("call", server.port, "--role", "operator", "--data", server.data,
               "millrace.enterprise.v1.EnterpriseService/GetEnterprise", '{"name": "enterprises/none"}')
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("NOT_FOUND: enterprises/none does not exist") and '"resourceName":"enterprises/none"' in done.stderr
    done = run("call", server.port, "millrace.catalog.v1.CatalogService/ListProducts")
    assert done.returncode == 1 and done.stderr.startswith("UNAUTHENTICATED")


@pytest.mark.parametrize("method,text,said", [
    ("no.Such/Method", "{}", "NOT_FOUND"), ("grpc.health.v1.Health/NoSuch", "{}", "has no method NoSuch, but Check"),
    ("grpc.health.v1.Health", "{}", "SERVICE/METHOD"), ("grpc.health.v1.Health/Check", '{"servce": ""}', "no field “servce”"),
    ("grpc.health.v1.Health/Check", "{} {}", "one request"), ("grpc.health.v1.Health/Check", "{", "the text ends early")])
def test_what_cannot_be_called(method, text, said, server):
    done = run("call", server.port, method, text)
    assert done.returncode != 0 and said in done.stderr, done.stderr


def test_metadata_and_deadline(server, grpcio_port):
    token = server.token("operator")
    done = run("call", server.port, "-H", f"authorization: Bearer {token}", "millrace.catalog.v1.CatalogService/ListProducts")
    assert (done.returncode, values(done.stdout)) == (0, [{}]), done.stderr
    done = run("call", server.port, "--token", token, "millrace.catalog.v1.CatalogService/ListProducts")
    assert done.returncode == 0, done.stderr
    done = run("call", grpcio_port, "--timeout", "1", "grpc.testing.TestService/StreamingOutputCall",
               '{"responseParameters": [{"size": 1, "intervalUs": 5000000}]}')
    assert done.returncode == 1 and done.stderr.startswith("DEADLINE_EXCEEDED")


def test_describe(server, grpcio_port):
    services = run("describe", server.port).stdout.splitlines()
    assert "millrace.financing.v1.FinancingService" in services and services == sorted(services)
    assert "grpc.testing.TestService" in run("describe", grpcio_port).stdout.splitlines()
    text = run("describe", grpcio_port, "grpc.testing.TestService").stdout
    assert "  rpc StreamingInputCall(stream grpc.testing.StreamingInputCallRequest) returns (grpc.testing.StreamingInputCallResponse);\n" in text
    text = run("describe", server.port, "grpc.health.v1.Health/Check").stdout
    assert text.startswith("rpc Check(") and "message grpc.health.v1.HealthCheckResponse {\n" in text
    text = run("describe", server.port, "google.rpc.ErrorInfo")
    assert text.returncode == 1 and text.stderr.startswith("NOT_FOUND")
    text = run("describe", server.port, "millrace.financing.v1.Application.State").stdout
    assert text.startswith("enum millrace.financing.v1.Application.State {\n  STATE_UNSPECIFIED = 0;\n  DRAFT = 1;\n")
