"""What a greedy client does to others: bursts of computing, and large responses that it does not read."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import bench_pb2 as bench
from google.type import date_pb2
from hpack import Encoder
from hyperframe.frame import DataFrame, HeadersFrame, SettingsFrame
from millrace.catalog.v1 import catalog_service_pb2
from millrace.schedule.v1 import schedule_service_pb2
from millrace.type.v1 import money_pb2, terms_pb2

from . import create_application, loads, payloads, servers, workloads
from .table import Row, Target

PEER = "grpc-go"
SMALL = "/bench.Bench/Small"
COMPUTE = "/bench.Computing/Compute"
FILL = "/bench.Fill/Fill"
SCHEDULE = "/millrace.schedule.v1.ScheduleService/ComputeSchedule"
PRODUCTS = "/millrace.catalog.v1.CatalogService/ListProducts"
SETTLE_SECONDS = 3.0


def bursts(root: Path, output: Path, kinds: list[servers.Kind], rounds: int, progress: Callable[[str], None]) -> list[Row]:
    """The 99th percentile of another client's calls while four connections have much computed."""
    program, compute, schedule = output / "clients/bursts", output / "compute.bin", output / "schedule.bin"
    compute.write_bytes(payloads.framed(bench.ComputeRequest(rounds=workloads.BURST_ROUNDS).SerializeToString()))
    schedule.write_bytes(payloads.framed(schedule_request().SerializeToString()))
    products = output / "products.bin"
    products.write_bytes(payloads.framed(catalog_service_pb2.ListProductsRequest().SerializeToString()))
    rows = [Row("bursts, another's p99", "ms", PEER, workloads.BURSTS)]
    limit = Row("bursts of schedules, another's p99", "ms", "the limit", Target(1, at_most=True))
    limit.theirs = [workloads.BURST_MILLISECONDS]
    running: list[servers.Server] = []
    try:
        for kind in kinds:
            running.append(servers.start(kind, root, output))
        for turn in range(rounds):
            for server in running:
                seen = loads.bursts(program, server.port, COMPUTE, compute, SMALL, output / "small.bin")
                (rows[0].ours if server.name == servers.OURS.name else rows[0].theirs).append(seen["p99_ms"])
                progress(f"bursts {turn + 1}/{rounds} {server.name}: {seen}")
    finally:
        for server in running:
            server.stop()
    if servers.OURS in kinds:
        platform = servers.Platform(root, output)
        try:
            token = create_application.tokens(platform.data)["operator"]
            for turn in range(rounds):
                seen = loads.bursts(program, platform.port, SCHEDULE, schedule, PRODUCTS, products, token)
                limit.ours.append(seen["p99_ms"])
                progress(f"bursts {turn + 1}/{rounds} of schedules: {seen}")
        finally:
            platform.stop()
        rows.append(limit)
    return rows


def schedule_request() -> schedule_service_pb2.ComputeScheduleRequest:
    """1 200 monthly installments: a response of some 20 KB."""
    return schedule_service_pb2.ComputeScheduleRequest(
        principal=money_pb2.Money(currency_code="CNY", minor_units=100_000_000_00),
        annual_rate_e8=4_900_000,
        installment_count=1_200,
        repayment_method=terms_pb2.EQUAL_INSTALLMENT,
        day_count=terms_pb2.ACTUAL_365_FIXED,
        start_date=date_pb2.Date(year=2024, month=1, day=1),
    )


def unread(root: Path, output: Path, kinds: list[servers.Kind], rounds: int, progress: Callable[[str], None]) -> list[Row]:
    """The most memory of a server that is asked for 100 responses of 12 MiB by a client which reads none of them."""
    row = Row("unread responses, peak memory", "MiB", PEER, workloads.UNREAD)
    for turn in range(rounds):
        for kind in kinds:
            server = servers.start(kind, root, output)
            try:
                ask(server.port)
                peak = server.peak_mib()
            finally:
                server.stop()
            (row.ours if kind is servers.OURS else row.theirs).append(peak)
            progress(f"unread {turn + 1}/{rounds} {kind.name}: {peak:.0f} MiB")
    return [row]


def ask(port: int) -> None:
    message = payloads.framed(bench.FillRequest(byte_count=workloads.UNREAD_BYTES).SerializeToString())
    encoder = Encoder()
    parts = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", SettingsFrame(settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}).serialize()]
    for number in range(workloads.UNREAD_CALLS):
        fields = [(":method", "POST"), (":scheme", "http"), (":path", FILL), (":authority", "127.0.0.1"),
                  ("te", "trailers"), ("content-type", "application/grpc")]
        headers = HeadersFrame(2 * number + 1, encoder.encode(fields), flags=["END_HEADERS"])
        parts += [headers.serialize(), DataFrame(2 * number + 1, message, flags=["END_STREAM"]).serialize()]
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"".join(parts))
        time.sleep(SETTLE_SECONDS)
