"""Messages at random, seeded: what PyPI's protobuf parses comes back the same, and what it refuses is refused."""

import importlib.util
import os
import random
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from grpc_tools import protoc

from .peer import ECHO

COUNT = 60_000 if os.environ.get("MILLRACE_LONG") == "1" else 3_000
AT_A_TIME = 100
START_GROUP = 3
CONTRACT = Path(__file__).parents[3] / "tools/benchmark/bench.proto"


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """bench.Application, as PyPI's protobuf knows it."""
    out = tmp_path_factory.mktemp("stubs")
    assert protoc.main(["protoc", f"-I{CONTRACT.parent}", f"--python_out={out}", str(CONTRACT)]) == 0
    spec = importlib.util.spec_from_file_location("bench_pb2", out / "bench_pb2.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Application


class Messages:
    def __init__(self, application, seed):
        self.application, self.random = application, random.Random(seed)

    def next(self):
        """The bytes of a message, more often broken than not."""
        if self.random.random() < 0.05:
            return self.random.randbytes(self.random.randrange(30))
        data = bytearray(self.message().SerializeToString())
        for _ in range(self.random.choice([0, 1, 1, 2, 4])):
            self.mutate(data)
        return bytes(data)

    def number(self):
        return self.random.choice([0, 1, -1, 127, 128, 2**31 - 1, -2**31, self.random.randrange(-2**31, 2**31)])

    def text(self):
        return self.random.choice(["", "a", "grüße", "漢字", "\0", "x" * 200])

    def message(self):
        """No map, and text in lists only: of a map's entry with fields that nobody knows, and of text that is not UTF-8
        and is overwritten later in the same message, implementations think differently."""
        message = self.application(term_months=self.number(), mode=self.number(), rate=0.5, digest=self.random.randbytes(3),
                                   expedited=True, version=2**64 - 1,
                                   scores=[self.number() for _ in range(self.random.randrange(5))],
                                   document_ids=[self.text() for _ in range(self.random.randrange(3))])
        message.amount.units = self.number()
        for _ in range(self.random.randrange(3)):
            message.schedule.add(number=self.number(), due_date=self.number()).principal.units = self.number()
        if self.random.random() < 0.5:
            message.approved.nanos = self.number()
        return message

    def mutate(self, data):
        place = self.random.randrange(len(data) + 1)
        kind = self.random.randrange(5)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << self.random.randrange(8)
        elif kind == 1 and place < len(data):
            data[place] = self.random.choice([0x00, 0x7F, 0x80, 0xFF, 0x0B, 0x0C])
        elif kind == 2:
            del data[place:place + self.random.randrange(4)]
        elif kind == 3:
            end = min(len(data), place + self.random.randrange(12))
            data[place:place] = data[place:end]
        else:
            data[place:place] = self.random.choice([b"\x80" * 9 + b"\x01", b"\xff" * 10 + b"\x01", b"\x9b\x06\x9c\x06",
                                                    b"\x9b\x06", b"\x08\x96\x01", b"\x00", self.random.randbytes(4)])


def unknown(fields):
    """Unknown fields by their meaning: a tag may be written longer than it needs to be."""
    return [(field.field_number, field.wire_type, unknown(field.data) if field.wire_type == START_GROUP else field.data)
            for field in fields]


def has_field_zero(fields):
    """Field 0 does not exist; PyPI's protobuf looks for it everywhere but in groups that it does not know."""
    return any(number == 0 or kind == START_GROUP and has_field_zero(data) for number, kind, data in fields)


def meaning(application, data):
    """What the bytes say, or None when they are no message."""
    try:
        message = application.FromString(data)
    except DecodeError:
        return None
    rest = unknown(UnknownFieldSet(message))
    if has_field_zero(rest):
        return None
    message.DiscardUnknownFields()
    return message.SerializeToString(deterministic=True), rest


@pytest.mark.parametrize("seed", range(2))
def test_messages_at_random(start, application, seed):
    messages = Messages(application, seed)
    target = start({})
    differences = []
    parsed = 0
    with target.serving_others(), target.channel() as channel:
        echo = channel.unary_unary(ECHO)
        for _ in range(COUNT // AT_A_TIME):
            batch = [messages.next() for _ in range(AT_A_TIME)]
            for data, call in [(data, echo.future(data, timeout=30)) for data in batch]:
                wanted = meaning(application, data)
                parsed += wanted is not None
                if call.code() == grpc.StatusCode.OK:
                    got = meaning(application, call.result())
                else:
                    assert call.code() == grpc.StatusCode.INTERNAL, call.details()
                    got = None
                if got != wanted:
                    differences.append((data.hex(), wanted, got))
    assert not differences, f"{len(differences)} differ; the first: {differences[0]}"
    assert COUNT / 5 < parsed < COUNT * 4 / 5, "neither kind is to be rare"
