"""What the tests with other people's clients share: a real server on its own data, and callers with their tokens."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import grpc
import pytest

from google.rpc import error_details_pb2
from grpc_status import rpc_status
from millrace.catalog.v1 import catalog_service_pb2, catalog_service_pb2_grpc, product_pb2
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2, enterprise_service_pb2_grpc
from millrace.financing.v1 import (
    application_pb2, business_day_service_pb2_grpc, financing_service_pb2, financing_service_pb2_grpc,
    policy_service_pb2_grpc)
from millrace.ledger.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from millrace.schedule.v1 import schedule_service_pb2_grpc
from millrace.type.v1 import money_pb2, terms_pb2

BINARIES = Path(os.environ.get("MILLRACE_BINARIES", ".build/debug"))
START_SECONDS = 30
CREDIT_CODES = ["914403001922038216", "9144030071526726XG", "91330100799655058B", "91110000802100433B"]


class Server:
    """`millrace serve` on a data folder; it can be killed and started again on the same data and port."""

    def __init__(self, data):
        self.data = Path(data)
        self.process = None
        self.port = 0

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        log_path = self.data.parent / (self.data.name + ".log")
        offset = log_path.stat().st_size if log_path.exists() else 0
        self.log_path = log_path
        log = open(log_path, "ab")
        self.process = subprocess.Popen(
            [str(BINARIES / "millrace"), "serve", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)],
            stdout=log, stderr=subprocess.STDOUT)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with open(log_path, "rb") as file:
                file.seek(offset)
                said = re.search(rb"listening on 127\.0\.0\.1:(\d+)", file.read(), re.IGNORECASE)
            if said:
                self.port = int(said.group(1))
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError("the server did not start:\n" + log_path.read_text())

    def kill(self):
        """As a power cut would: no signal handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=20):
        """As an operator would; gives the exit status."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(timeout)
        return self.process.returncode if self.process else None

    def token(self, role):
        callers = json.loads((self.data / "callers.json").read_text())
        return next(caller["token"] for caller in callers if role in caller["roles"])

    def caller(self, role, **options):
        return Caller(self, role, **options)


class Caller:
    """A client with one caller's token and a stub a service."""

    def __init__(self, server, role, token=None, channel=None):
        self.channel = channel or grpc.insecure_channel(
            f"127.0.0.1:{server.port}",
            options=[("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50),
                     ("grpc.max_reconnect_backoff_ms", 200), ("grpc.enable_retries", 0),
                     ("grpc.use_local_subchannel_pool", 1)])
        token = server.token(role) if token is None else token
        self.metadata = [("authorization", f"Bearer {token}")] if token else []
        self.enterprise = _Calls(enterprise_service_pb2_grpc.EnterpriseServiceStub(self.channel), self.metadata)
        self.catalog = _Calls(catalog_service_pb2_grpc.CatalogServiceStub(self.channel), self.metadata)
        self.schedule = _Calls(schedule_service_pb2_grpc.ScheduleServiceStub(self.channel), self.metadata)
        self.financing = _Calls(financing_service_pb2_grpc.FinancingServiceStub(self.channel), self.metadata)
        self.policies = _Calls(policy_service_pb2_grpc.PolicyServiceStub(self.channel), self.metadata)
        self.days = _Calls(business_day_service_pb2_grpc.BusinessDayServiceStub(self.channel), self.metadata)
        self.ledger = _Calls(ledger_service_pb2_grpc.LedgerServiceStub(self.channel), self.metadata)

    def close(self):
        self.channel.close()


class _Calls:
    """A stub whose every call carries the caller's metadata, and a deadline unless it is given or None."""

    def __init__(self, stub, metadata):
        self._stub, self._metadata = stub, metadata

    def __getattr__(self, method):
        call = getattr(self._stub, method)
        return lambda request, timeout=20, **rest: call(request, metadata=self._metadata, timeout=timeout, **rest)


@pytest.fixture
def data():
    with tempfile.TemporaryDirectory(prefix="millrace-test-") as folder:
        yield Path(folder) / "data"


@pytest.fixture
def server(data):
    server = Server(data).start()
    yield server
    server.stop()


def request_id():
    return str(uuid.uuid4())


def cny(minor_units):
    return money_pb2.Money(currency_code="CNY", minor_units=minor_units)


def product(**changes):
    """A year's working capital loan at 4.35 %, repaid in equal installments."""
    terms = dict(
        display_name="Working capital, one year", annual_rate_e8=4_350_000, min_installment_count=1, max_installment_count=36,
        min_amount=cny(10_000_00), max_amount=cny(5_000_000_00), repayment_method=terms_pb2.EQUAL_INSTALLMENT,
        day_count=terms_pb2.THIRTY_360_US, rounding=terms_pb2.Rounding(mode=terms_pb2.HALF_UP, multiple_of=1),
        frequency=terms_pb2.PaymentFrequency(every_months=1))
    terms.update(changes)
    return product_pb2.Product(**terms)


def expect_error(code, call, reason=None, field=None):
    """Runs the call, which must fail so; gives the error for further questions."""
    with pytest.raises(grpc.RpcError) as raised:
        call()
    error = raised.value
    assert error.code() == code, (error.code(), error.details())
    if reason is not None:
        assert [info.reason for info in details(error, error_details_pb2.ErrorInfo)] == [reason], error.details()
    if field is not None:
        violations = [v.field for bad in details(error, error_details_pb2.BadRequest) for v in bad.field_violations]
        assert field in violations, (violations, error.details())
    return error


def details(error, kind):
    """The error's google.rpc details of one kind."""
    status = rpc_status.from_call(error)
    found = []
    for packed in status.details if status else []:
        if packed.Is(kind.DESCRIPTOR):
            unpacked = kind()
            packed.Unpack(unpacked)
            found.append(unpacked)
    return found
