"""What clients that know no contract learn from the server: PyPI's reflection client, and buf."""

import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from programs import Program

BUF = Path(sys.executable).parent / "buf"


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield channel


def test_services_are_listed(channel):
    services = set(ProtoReflectionDescriptorDatabase(channel).get_services())
    assert {"millrace.financing.v1.FinancingService", "millrace.schedule.v1.ScheduleService", "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} <= services


def test_a_contract_comes_with_all_that_it_imports(channel):
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    for service in ProtoReflectionDescriptorDatabase(channel).get_services():
        assert pool.FindServiceByName(service).methods
    method = pool.FindMethodByName("millrace.financing.v1.FinancingService.WatchApplications")
    assert method.server_streaming and method.output_type.full_name == "millrace.financing.v1.ApplicationEvent"
    # Declared in a file that only another imports.
    assert pool.FindMessageTypeByName("google.type.Date").fields_by_name["year"]


def ask(channel, **question):
    """One request, and its only response."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    response, = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(**question)]))
    return response


@pytest.mark.parametrize("question", [
    {"file_by_filename": "no/such.proto"}, {"file_containing_symbol": "no.Such"}, {"all_extension_numbers_of_type": "no.Such"},
    {"file_containing_extension": {"containing_type": "google.protobuf.MethodOptions", "extension_number": 1}}], ids=str)
def test_questions_without_an_answer(question, channel):
    response = ask(channel, **question)
    assert response.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert response.original_request == reflection_pb2.ServerReflectionRequest(**question)


def test_extensions(channel):
    extended = "google.protobuf.MethodOptions"
    numbers = ask(channel, all_extension_numbers_of_type=extended).all_extension_numbers_response.extension_number
    assert numbers
    for number in numbers:
        question = {"containing_type": extended, "extension_number": number}
        files = ask(channel, file_containing_extension=question).file_descriptor_response.file_descriptor_proto
        assert descriptor_pb2.FileDescriptorProto.FromString(files[0]).package == "millrace.options.v1"


@pytest.mark.parametrize("symbol", [
    "millrace.financing.v1.Application", "millrace.financing.v1.Application.amount", "millrace.financing.v1.Application.State",
    "millrace.financing.v1.FinancingService", "millrace.financing.v1.FinancingService.SubmitApplication"])
def test_whatever_is_declared_is_found(symbol, channel):
    files = ask(channel, file_containing_symbol=symbol).file_descriptor_response.file_descriptor_proto
    assert descriptor_pb2.FileDescriptorProto.FromString(files[0]).package == "millrace.financing.v1"


def test_buf_calls_by_reflection(server):
    request = {"principal": {"currencyCode": "CNY", "minorUnits": "10000"}, "annualRateE8": "12000000",
               "installmentCount": 6, "repaymentMethod": "EQUAL_INSTALLMENT", "dayCount": "THIRTY_360_US",
               "startDate": {"year": 2024, "month": 1, "day": 1}}
    done = subprocess.run(
        [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "-H",
         f"authorization: Bearer {server.token('operator')}", "-d", json.dumps(request),
         f"http://127.0.0.1:{server.port}/millrace.schedule.v1.ScheduleService/ComputeSchedule"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # The worked example: interest of 3.53 on 100.00 at 12 % in six installments.
    assert json.loads(done.stdout)["totalInterest"]["minorUnits"] == "353"


def test_reflection_can_be_off(data):
    with Program("millrace", "serve", "--listen", "127.0.0.1:0", "--data", data, "--no-reflection") as server:
        with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel, pytest.raises(grpc.RpcError) as raised:
            ProtoReflectionDescriptorDatabase(channel).get_services()
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED
