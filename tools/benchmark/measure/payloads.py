"""Request bodies: the messages of bench.proto that the measurements send."""

import struct
from pathlib import Path

import bench_pb2 as bench

# A streamed message: its content, and two bytes for tag and length.
MESSAGE_BYTES = 100


def framed(message: bytes) -> bytes:
    """A gRPC message as it travels: not compressed, its length, its bytes."""
    return struct.pack(">BI", 0, len(message)) + message


def small() -> bench.SmallRequest:
    """25 bytes."""
    return bench.SmallRequest(name="applications/0190f3b2", id=7)


def small_reply() -> bench.SmallReply:
    small_request = small()
    return bench.SmallReply(name=small_request.name, id=small_request.id, state=3)


def count(messages: int) -> bench.CountRequest:
    """Asks for so many messages of 100 bytes."""
    return bench.CountRequest(count=messages, content=b"x" * (MESSAGE_BYTES - 2))


def application() -> bench.Application:
    """985 bytes with every kind of field: nested, repeated, map, oneof, optional, packed, fixed."""
    message = bench.Application(
        name="applications/0190f3b2-7c1e",
        term_months=12,
        purpose="working capital for spring orders",
        mode=bench.EQUAL_INSTALMENT,
        rate=0.0435,
        memo="first loan",
        digest=bytes(range(32)),
        version=9,
        expedited=True,
        document_ids=[f"doc-{number:04}" for number in range(4)],
        scores=[640, 700, 712, 688, 655],
        amount=bench.Money(currency_code="CNY", units=500_000),
        approved=bench.Money(currency_code="CNY", units=480_000),
        applicant=bench.Party(
            name="Hangzhou Example Trading Co., Ltd.",
            credit_code="91330100MA27XK6H5X",
            address="88 Wensan Road, Xihu District, Hangzhou",
            phone="+8657188887777",
            labels={"industry": "wholesale", "region": "33"},
        ),
    )
    for month in range(12):
        message.schedule.add(
            number=month + 1,
            due_date=20260101 + month * 100,
            principal=bench.Money(currency_code="CNY", units=41_000 + month, nanos=120_000_000),
            interest=bench.Money(currency_code="CNY", units=1_812 - month * 140, nanos=500_000_000),
            outstanding=bench.Money(currency_code="CNY", units=500_000 - 41_000 * month),
        )
    return message


def write(directory: Path) -> None:
    (directory / "small.bin").write_bytes(framed(small().SerializeToString()))
    (directory / "application.bin").write_bytes(framed(application().SerializeToString()))
    (directory / "application.pb").write_bytes(application().SerializeToString())
