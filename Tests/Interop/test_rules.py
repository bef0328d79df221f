"""Field rules: a message is accepted here exactly when PyPI's protovalidate accepts it under the same contract, and what
is wrong with it has the same place and the same rule."""

import os
import random
import struct
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import grpc_tools
import protovalidate
import pytest
from google.protobuf import descriptor
from grpc_tools import protoc

from conftest import BINARIES

TOP = Path(__file__).resolve().parents[2]
LONG = os.environ.get("MILLRACE_LONG") == "1"
MESSAGES = 4_000 if LONG else 250
Field = descriptor.FieldDescriptor


@pytest.fixture(scope="module")
def contract(tmp_path_factory):
    """The stubs of the contract with every rule."""
    folder = tmp_path_factory.mktemp("stubs")
    status = protoc.main([
        "protoc", f"-I{TOP}/Protos", f"-I{TOP}/Tests/Generator/Golden/Protos",
        f"-I{Path(grpc_tools.__file__).parent}/_proto", f"--python_out={folder}", "golden/rules.proto"])
    assert status == 0
    sys.path.insert(0, str(folder))
    try:
        from golden import rules_pb2
        yield rules_pb2
    finally:
        sys.path.remove(str(folder))


# What the two implementations say, each as a sorted list of (rule, whether it is on a key, field).

def ours(messages):
    """What Millrace finds wrong with each of the messages."""
    request = b"".join(
        struct.pack(f">I{len(name)}sI{len(body)}s", len(name), name, len(body), body)
        for name, body in ((m.DESCRIPTOR.full_name.encode(), m.SerializeToString()) for m in messages))
    answer = subprocess.run([BINARIES / "rules-check"], input=request, capture_output=True, check=True, timeout=300)
    results, current = [], []
    for line in answer.stdout.decode().split("\n")[:-1]:
        if line:
            rule, place, field = line.split("\t")
            current.append((rule, place == "key", field))
        else:
            results.append(sorted(current))
            current = []
    assert len(results) == len(messages)
    return results


def theirs(message):
    """What protovalidate finds wrong with a message."""
    try:
        violations = protovalidate.collect_violations(message)
    except protovalidate.EvaluationError as error:
        # Bytes that are no text cannot be held against a pattern, which refuses the message as well.
        assert "UTF-8" in str(error)
        return None
    return sorted((v.proto.rule_id, v.proto.for_key, path(v.proto.field)) for v in violations)


def path(field):
    text = ""
    for element in field.elements if field else ():
        text += ("." if text else "") + element.field_name
        subscript = element.subscript
        if subscript is not None:
            text += f"[{key(subscript.value)}]"
    return text


def key(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = ("\\" + c if c in '"\\' else f"\\u{ord(c):04x}" if c < " " else c for c in value)
        return '"' + "".join(escaped) + '"'
    return str(value)


def agree(messages):
    """Asserts that both find the same; gives how many messages are right and how many wrong."""
    right = wrong = 0
    for message, mine in zip(messages, ours(messages)):
        judged = theirs(message)
        if judged is None:
            assert mine, message
        else:
            assert mine == judged, f"{message.DESCRIPTOR.full_name}: {message}"
        right, wrong = right + (not mine), wrong + bool(mine)
    return right, wrong


# Random messages: every field of every kind from values near the rules.

TEXTS = [
    "", "a", "ab", "abc", "abcd", "abcdefgh", "one", "two", "on", "é", "e\u0301", "été", "e\u0301te\u0301", "été!",
    "pré", "pre", "préx", "pr", 'x"\\suf', '"\\suf', "suf", "a\0b", "AB", "_x1", "Ä12", "Ä", "ǅ1", "K", "\u212a", "ſ",
    "a\nb", "abx", "xab", "aab", "日本", "𝄞", "𝄞𝄞", "a@b.c", "a.b", "x@y", "type.googleapis.com/a.B", "x/c.D", "b.c",
    "b.c.d", "b.cd", "b", "a.", " ", "\t", "aa@b",
]
BLOBS = [
    b"", b"\x01", b"\x01\xff", b"\x01\x02", b"\x00\x01\x02", b"abc", b"a", b"b", b"\xff\xfe", "é".encode(), "aÿ".encode(),
    b"\x01\x01\x02", bytes(4), bytes(5), bytes(15), bytes(16), bytes(17),
]
REALS = [
    0.0, -0.0, 1.0, -1.0, 1.5, -1.5, 2.0, 0.1, 0.2, 0.3, 5.0, -5.0, 4.9999999, 100.0, 1e30, 1.1e30, 1e-300, 1e-310,
    float("inf"), float("-inf"), float("nan"),
]
SMALL = list(range(-12, 14))
EDGES = [2**31 - 1, 2**31 - 2, 2**32 - 1, 2**32 - 2, 2**63 - 1, 2**63 - 2, 2**64 - 1, 2**64 - 2, -2**31, -2**63, 60, 61,
         1_000_000_000, 1_600_000_000, 1_600_000_001, 1_700_000_000, 253402300799, -62135596800, -62135596801]


class Maker:
    """Fills messages at random, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def message(self, kind, depth=0):
        message = kind()
        for field in kind.DESCRIPTOR.fields:
            if self.random.random() < (0.75 if depth < 3 else 0.1):
                self.fill(message, field, depth)
        return message

    def fill(self, message, field, depth):
        if field.message_type and field.message_type.GetOptions().map_entry:
            keys, values = field.message_type.fields
            target = getattr(message, field.name)
            for _ in range(self.random.randrange(4)):
                key = self.scalar(keys)
                if isinstance(key, str):
                    # Swift's dictionaries take canonically equivalent keys for one.
                    key = unicodedata.normalize("NFC", key)
                if values.message_type:
                    target[key].CopyFrom(self.submessage(values, depth))
                else:
                    target[key] = self.scalar(values)
        elif field.is_repeated:
            for _ in range(self.random.randrange(4)):
                value = self.submessage(field, depth) if field.message_type else self.scalar(field)
                getattr(message, field.name).append(value)
        elif field.message_type:
            getattr(message, field.name).CopyFrom(self.submessage(field, depth))
        else:
            setattr(message, field.name, self.scalar(field))

    def submessage(self, field, depth):
        message = self.message(field.message_type._concrete_class, depth + 1)
        if field.message_type.full_name == "google.protobuf.Timestamp" and self.random.random() < 0.5:
            # Near the present, but never so near that the clock decides.
            message.seconds = int(time.time()) + self.random.choice([-7200, -1800, 1800, 7200])
            message.nanos = self.random.choice([0, 999_999_999])
        return message

    def scalar(self, field):
        kind = field.type
        if kind == Field.TYPE_STRING:
            return self.random.choice(TEXTS)
        if kind == Field.TYPE_BYTES:
            return self.random.choice(BLOBS)
        if kind in (Field.TYPE_FLOAT, Field.TYPE_DOUBLE):
            return self.random.choice(REALS)
        if kind == Field.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == Field.TYPE_ENUM:
            return self.random.choice([0, 0, 1, 2, 3, 5, 9, -1])
        low, high = RANGES[field.cpp_type]
        pool = SMALL if self.random.random() < 0.6 else EDGES
        return self.random.choice([number for number in pool if low <= number <= high])


RANGES = {
    Field.CPPTYPE_INT32: (-2**31, 2**31 - 1), Field.CPPTYPE_UINT32: (0, 2**32 - 1),
    Field.CPPTYPE_INT64: (-2**63, 2**63 - 1), Field.CPPTYPE_UINT64: (0, 2**64 - 1),
}
KINDS = [
    "Presence", "Ignoring", "Strings", "Formats", "Blobs", "Numbers", "Reals", "Enums", "Lists", "Maps", "WellKnown",
    "Wrappers", "Oneofs", "Exclusive", "Outer", "Recursive", "Plain",
]


@pytest.mark.parametrize("kind", KINDS)
def test_random_messages(contract, kind):
    maker = Maker(seed=kind)
    messages = [maker.message(getattr(contract, kind)) for _ in range(MESSAGES)]
    right, wrong = agree([getattr(contract, kind)()] + messages)
    assert (wrong > 0) == (kind != "Plain")


# Each value alone in a message without other faults, so that rightness is reached too.

def fault_free(contract, kind):
    """A message that breaks no rule, from where single fields are changed."""
    maker = Maker(seed=kind)
    message = getattr(contract, kind)()
    for _ in range(60):
        judged = theirs(message)
        if judged == []:
            return message
        for name in {field.split(".")[0].split("[")[0] for _, _, field in judged or []}:
            field = message.DESCRIPTOR.fields_by_name.get(name)
            if not field:
                continue
            best = message
            for _ in range(200):
                changed = getattr(contract, kind)()
                changed.CopyFrom(message)
                changed.ClearField(name)
                maker.fill(changed, field, 0)
                found = theirs(changed)
                if found is not None and len(found) < len(theirs(best) or judged):
                    best = changed
            message = best
    raise AssertionError(f"{kind}: nothing is free of faults: {judged}")


@pytest.mark.parametrize("kind", ["Presence", "Ignoring", "Enums", "Lists", "Maps", "WellKnown", "Wrappers"])
def test_single_faults(contract, kind):
    maker = Maker(seed=kind)
    base = fault_free(contract, kind)
    messages = [base]
    for field in base.DESCRIPTOR.fields:
        for _ in range(MESSAGES // 8):
            changed = type(base)()
            changed.CopyFrom(base)
            changed.ClearField(field.name)
            if maker.random.random() < 0.95:
                maker.fill(changed, field, 0)
            messages.append(changed)
    right, wrong = agree(messages)
    assert right > 0 and wrong > 0
