"""The standard health protocol, asked by grpcio's own client."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conftest import expect_error

SERVING = health_pb2.HealthCheckResponse.SERVING


def test_check_needs_no_token(server):
    stub = health_pb2_grpc.HealthStub(server.caller("operator", token="").channel)
    for service in ("", "millrace.financing.v1.FinancingService"):
        assert stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5).status == SERVING
    expect_error(grpc.StatusCode.NOT_FOUND,
                 lambda: stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=5))


def test_watch_tells_of_the_shutdown(server):
    stub = health_pb2_grpc.HealthStub(server.caller("operator", token="").channel)
    unknown = stub.Watch(health_pb2.HealthCheckRequest(service="nobody"), timeout=20)
    assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    unknown.cancel()
    watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=20)
    assert next(watch).status == SERVING
    assert server.stop() == 0
    assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
