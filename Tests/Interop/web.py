"""Calls by HTTP alone: what is asked, by curl, and what comes back."""

import json
import struct
import subprocess

from connectrpc.method import IdempotencyLevel, MethodInfo
from google.type.date_pb2 import Date
from millrace.enterprise.v1 import enterprise_service_pb2, enterprise_pb2
from millrace.schedule.v1 import schedule_service_pb2
from millrace.type.v1 import money_pb2, terms_pb2

COMPUTE = "millrace.schedule.v1.ScheduleService/ComputeSchedule"
# The worked example: interest of 3.53 on 100.00 at 12 % in six installments.
REQUEST = schedule_service_pb2.ComputeScheduleRequest(
    principal=money_pb2.Money(currency_code="CNY", minor_units=100_00), annual_rate_e8=12_000_000, installment_count=6,
    repayment_method=terms_pb2.EQUAL_INSTALLMENT, day_count=terms_pb2.THIRTY_360_US,
    start_date=Date(year=2024, month=1, day=1))
JSON = ('{"principal": {"currencyCode": "CNY", "minorUnits": "10000"}, "annualRateE8": 12000000, "installmentCount": 6, '
        '"repaymentMethod": "EQUAL_INSTALLMENT", "dayCount": "THIRTY_360_US", '
        '"startDate": {"year": 2024, "month": 1, "day": 1}}')
INTEREST = 353
COMPUTE_METHOD = MethodInfo(name="ComputeSchedule", service_name="millrace.schedule.v1.ScheduleService",
                            input=schedule_service_pb2.ComputeScheduleRequest, output=schedule_service_pb2.Schedule,
                            idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS, stream_type="unary")
GET_ENTERPRISE = MethodInfo(name="GetEnterprise", service_name="millrace.enterprise.v1.EnterpriseService",
                            input=enterprise_service_pb2.GetEnterpriseRequest, output=enterprise_pb2.Enterprise,
                            idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS, stream_type="unary")


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.version, status = lines[0].split()[:2]
        self.status = int(status)
        self.headers = dict(line.split(": ", 1) for line in lines[1:])

    @property
    def json(self):
        return json.loads(self.body)


def curl(port, path, body=None, headers=(), method=None, site="http://127.0.0.1", options=("--http2-prior-knowledge",)):
    command = ["curl", "-s", "-i", *options, "--max-time", "10", f"{site}:{port}/{path}"]
    for name, value in dict(headers).items():
        command += ["-H", f"{name}: {value}"]
    if method:
        command += ["-X", method]
    if body is not None:
        command += ["--data-binary", "@-"]
    done = subprocess.run(command, input=body.encode() if isinstance(body, str) else body, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return Answer(done.stdout)


def framed(message):
    """The message as gRPC, gRPC-Web and Connect's streams write it, with its flags and length before it."""
    return struct.pack(">BI", 0, len(message)) + message


def envelopes(body):
    """Flags and content of each of a body's frames."""
    found = []
    while body:
        flag, size = struct.unpack(">BI", body[:5])
        found.append((flag, body[5:5 + size]))
        body = body[5 + size:]
    return found
