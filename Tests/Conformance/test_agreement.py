"""JSON and the wire format, as Millrace and PyPI's protobuf write and read them: random messages, and texts picked by hand."""

import os
import random
import struct
import subprocess
from pathlib import Path

import conformance_pb2 as conformance
import everything_pb2 as everything
import groups_pb2 as groups
import pytest
from google.protobuf import json_format, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor import FieldDescriptor as Field

BINARIES = Path(os.environ.get("MILLRACE_BINARIES", ".build/debug")).absolute()
LONG = os.environ.get("MILLRACE_LONG") == "1"
SEEDS = range(40 if LONG else 4)
MESSAGES_PER_SEED = 500


class Peer:
    """The program under test, asked as Protobuf's conformance runner asks."""

    def __init__(self):
        self.process = subprocess.Popen([BINARIES / "conformance-peer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, payload, output, message_type, category=conformance.JSON_TEST):
        request = conformance.ConformanceRequest(
            requested_output_format=output, message_type=message_type, test_category=category)
        if isinstance(payload, bytes):
            request.protobuf_payload = payload
        else:
            request.json_payload = payload
        data = request.SerializeToString()
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()
        size, = struct.unpack("<I", self.process.stdout.read(4))
        return conformance.ConformanceResponse.FromString(self.process.stdout.read(size))


@pytest.fixture(scope="module")
def peer():
    peer = Peer()
    yield peer
    peer.process.stdin.close()
    assert peer.process.wait(10) == 0


# Random messages

INTEGERS = [0, 1, -1, 127, 128, 2**31 - 1, -2**31, 2**31, 2**32 - 1, 2**53 + 1, 2**63 - 1, -2**63, 2**64 - 1]
DOUBLES = [0.0, -0.0, 1.0, -1.5, 0.1, 1e-7, 1e16, 1.7976931348623157e308, 5e-324, float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "a", "ü", "☺", "😈", "\u2028", '"\\/\b\f\n\r\t', "\x00", "\x7f", "line\nbreak", "<&>"]
BOUNDS = {Field.CPPTYPE_INT32: (-2**31, 2**31 - 1), Field.CPPTYPE_UINT32: (0, 2**32 - 1),
          Field.CPPTYPE_INT64: (-2**63, 2**63 - 1), Field.CPPTYPE_UINT64: (0, 2**64 - 1)}


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def fill(self, message, depth=0):
        special = getattr(self, message.DESCRIPTOR.full_name.replace(".", "_"), None)
        if special:
            special(message, depth)
            return message
        for field in message.DESCRIPTOR.fields:
            if not field.is_required and (self.random.random() < (0.5 if depth < 2 else 0.8) or depth > 4):
                continue
            if field.message_type and field.message_type.GetOptions().map_entry:
                self.map(getattr(message, field.name), field, depth)
            elif field.is_repeated:
                for _ in range(self.random.randrange(4)):
                    if field.message_type:
                        self.fill(getattr(message, field.name).add(), depth + 1)
                    else:
                        getattr(message, field.name).append(self.scalar(field))
            elif field.message_type:
                getattr(message, field.name).SetInParent()
                self.fill(getattr(message, field.name), depth + 1)
            else:
                setattr(message, field.name, self.scalar(field))
        return message

    def map(self, target, field, depth):
        key, value = field.message_type.fields
        for _ in range(self.random.randrange(4)):
            if value.message_type:
                self.fill(target[self.scalar(key)], depth + 1)
            else:
                target[self.scalar(key)] = self.scalar(value)

    def scalar(self, field):
        pick = self.random.choice
        if field.cpp_type in BOUNDS:
            low, high = BOUNDS[field.cpp_type]
            fitting = [value for value in INTEGERS if low <= value <= high]
            return pick(fitting + [self.random.randint(low, high)])
        if field.cpp_type == Field.CPPTYPE_DOUBLE:
            return pick(DOUBLES + [self.random.uniform(-1e9, 1e9)])
        if field.cpp_type == Field.CPPTYPE_FLOAT:
            value = pick(DOUBLES + [self.random.uniform(-1e9, 1e9)])
            return value if abs(value) < 3e38 or value in (float("inf"), float("-inf")) else 1.5
        if field.cpp_type == Field.CPPTYPE_BOOL:
            return pick([True, False])
        if field.cpp_type == Field.CPPTYPE_ENUM:
            return 0 if field.enum_type.name == "NullValue" else pick([0, 1, 2, -1, 77, -2**31])
        if field.type == Field.TYPE_BYTES:
            return self.random.randbytes(self.random.randrange(6))
        return pick(TEXTS + ["".join(pick(TEXTS) for _ in range(3))])

    def google_protobuf_Timestamp(self, message, depth):
        message.seconds = self.random.choice([0, -62_135_596_800, 253_402_300_799, self.random.randrange(2 * 10**9)])
        message.nanos = self.random.choice([0, 1, 10_000, 250_000_000, 999_999_999])

    def google_protobuf_Duration(self, message, depth):
        sign = self.random.choice([1, -1])
        message.seconds = sign * self.random.choice([0, 1, 315_576_000_000 - 1, self.random.randrange(10**6)])
        message.nanos = sign * self.random.choice([0, 1, 10_000, 500_000_000, 999_999_999])

    def google_protobuf_FieldMask(self, message, depth):
        message.paths.extend(self.random.sample(["name", "display_name", "amount.minor_units", "a_b.c_d"], 2))

    def google_protobuf_Struct(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.google_protobuf_Value(message.fields[self.random.choice(TEXTS)], depth + 1)

    def google_protobuf_ListValue(self, message, depth):
        for _ in range(self.random.randrange(3)):
            self.google_protobuf_Value(message.values.add(), depth + 1)

    def google_protobuf_Value(self, message, depth):
        kind = self.random.randrange(4 if depth > 3 else 6)
        if kind == 0:
            message.null_value = 0
        elif kind == 1:
            message.number_value = self.random.choice([0.0, 1.5, -2.0, 1e300])
        elif kind == 2:
            message.string_value = self.random.choice(TEXTS)
        elif kind == 3:
            message.bool_value = self.random.choice([True, False])
        elif kind == 4:
            message.struct_value.SetInParent()
            self.google_protobuf_Struct(message.struct_value, depth + 1)
        else:
            message.list_value.SetInParent()
            self.google_protobuf_ListValue(message.list_value, depth + 1)

    def google_protobuf_Any(self, message, depth):
        if self.random.random() < 0.7:
            # Nothing with a map, whose order in the bytes is nobody's promise.
            kind = self.random.choice(
                [everything.Scalars, everything.Choice, timestamp_pb2.Timestamp, wrappers_pb2.Int64Value])
            message.Pack(self.fill(kind(), depth + 1))


def same(left, right):
    """Equal, where NaN equals NaN."""
    return left.SerializeToString(deterministic=True) == right.SerializeToString(deterministic=True)


@pytest.mark.parametrize("kind", [everything.Everything, groups.Groups], ids=["everything", "groups"])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_messages(seed, kind, peer):
    maker = Maker(seed)
    name = kind.DESCRIPTOR.full_name
    for _ in range(MESSAGES_PER_SEED):
        message = maker.fill(kind())
        wire = message.SerializeToString()

        read = peer.ask(wire, conformance.PROTOBUF, name, conformance.BINARY_TEST)
        assert same(kind.FromString(read.protobuf_payload), message), message

        # A value that is in no form of Any's, or a mask that has none, is refused by both.
        text = json_format.MessageToJson(message)
        ours = peer.ask(wire, conformance.JSON, name)
        assert ours.WhichOneof("result") == "json_payload", (ours, message)
        assert same(json_format.Parse(ours.json_payload, kind()), message), (ours, message)

        theirs = peer.ask(text, conformance.PROTOBUF, name)
        assert theirs.WhichOneof("result") == "protobuf_payload", (theirs, text)
        assert same(kind.FromString(theirs.protobuf_payload), message), text


# Texts picked by hand. What the specification of the mapping says, and PyPI's protobuf agrees with.

ACCEPTED = [
    ("Scalars", '{"int32Value": 1e2}', {"int32_value": 100}),
    ("Scalars", '{"int32Value": "12"}', {"int32_value": 12}),
    ("Scalars", '{"int32Value": 1.0}', {"int32_value": 1}),
    ("Scalars", '{"int64Value": "-9223372036854775808"}', {"int64_value": -2**63}),
    ("Scalars", '{"uint64Value": 18446744073709551615}', {"uint64_value": 2**64 - 1}),
    ("Scalars", '{"doubleValue": "1.5", "floatValue": "-Infinity"}', {"double_value": 1.5, "float_value": float("-inf")}),
    ("Scalars", '{"double_value": 2}', {"double_value": 2.0}),
    ("Scalars", '{"bytesValue": "-_8"}', {"bytes_value": b"\xfb\xff"}),
    ("Scalars", '{"bytesValue": "+/8="}', {"bytes_value": b"\xfb\xff"}),
    ("Scalars", '{"color": "RED"}', {"color": 1}),
    ("Scalars", '{"color": 2}', {"color": 2}),
    ("Scalars", '{"color": 99}', {"color": 99}),
    ("Scalars", '{"stringValue": "\\ud83d\\ude08\\u0041"}', {"string_value": "😈A"}),
    ("Scalars", '{"stringValue": null, "int32Value": null}', {}),
    ("Scalars", ' {\n"boolValue"\t:\rtrue } ', {"bool_value": True}),
    ("Optionals", '{"int32Value": 0}', {"int32_value": 0}),
    ("Lists", '{"int32s": null}', {}),
    ("Lists", '{"int32s": [1, "2", 3e0]}', {"int32s": [1, 2, 3]}),
    ("Names", '{"somethingElse": "a", "snake_case_name": "b", "camelCaseName": "c"}',
     {"json_name": "a", "snake_case_name": "b", "camelCaseName": "c"}),
    ("Names", '{"json_name": "a"}', {"json_name": "a"}),
    ("Choice", '{"nullValue": null}', {"null_value": 0}),
    ("Choice", '{"stringValue": null, "int32Value": 1}', {"int32_value": 1}),
]

REFUSED = [
    ("Scalars", '{"int32Value": 2147483648}'), ("Scalars", '{"uint32Value": -1}'), ("Scalars", '{"int32Value": 0.5}'),
    ("Scalars", '{"int32Value": "1 "}'), ("Scalars", '{"int32Value": ""}'), ("Scalars", '{"int32Value": true}'),
    ("Scalars", '{"uint64Value": "18446744073709551616"}'), ("Scalars", '{"doubleValue": 1.9e308}'),
    ("Scalars", '{"floatValue": 3.5e38}'), ("Scalars", '{"doubleValue": NaN}'), ("Scalars", '{"boolValue": "true"}'),
    ("Scalars", '{"boolValue": 1}'), ("Scalars", '{"stringValue": 1}'), ("Scalars", '{"bytesValue": "a"}'),
    ("Scalars", '{"bytesValue": "$$$$"}'), ("Scalars", '{"color": "NO_SUCH"}'), ("Scalars", '{"color": 1.5}'),
    ("Scalars", '{"noSuchField": 1}'), ("Scalars", '{"int32Value": 1, "int32Value": 2}'),
    ("Scalars", '{"int32Value": 1, "int32_value": 2}'), ("Scalars", '{"int32Value": 1,}'), ("Scalars", '{"a"}'),
    ("Scalars", "{'int32Value': 1}"), ("Scalars", '{"int32Value": 01}'), ("Scalars", '{"int32Value": +1}'),
    ("Scalars", '{"doubleValue": .5}'), ("Scalars", '{"doubleValue": 5.}'), ("Scalars", '{"stringValue": "\\ud83d"}'),
    ("Scalars", '{"stringValue": "\\x41"}'), ("Scalars", '{"stringValue": "a\nb"}'), ("Scalars", '[]'), ("Scalars", 'null'),
    ("Scalars", ''), ("Scalars", '{} {}'), ("Scalars", '{"int32Value": 1'),
    ("Lists", '{"int32s": [null]}'), ("Lists", '{"int32s": 1}'), ("Lists", '{"strings": ["a",]}'),
    ("Maps", '{"byInt32": {"a": 1}}'), ("Maps", '{"byBool": {"1": true}}'), ("Maps", '{"byString": {"a": null}}'),
    ("Maps", '{"byInt32": {"1": 1, "1": 2}}'),
    ("Choice", '{"int32Value": 1, "stringValue": "a"}'),
    ("WellKnown", '{"timestamp": "2026-01-31"}'), ("WellKnown", '{"timestamp": "0000-01-01T00:00:00Z"}'),
    ("WellKnown", '{"timestamp": "10000-01-01T00:00:00Z"}'), ("WellKnown", '{"timestamp": "2026-01-31T00:00:00"}'),
    ("WellKnown", '{"timestamp": "2026-02-30T00:00:00Z"}'), ("WellKnown", '{"timestamp": "2026-01-31t00:00:00z"}'),
    ("WellKnown", '{"duration": "1"}'), ("WellKnown", '{"duration": "315576000001s"}'), ("WellKnown", '{"duration": 1}'),
    ("WellKnown", '{"fieldMask": "display_name"}'), ("WellKnown", '{"any": {"@type": "type.googleapis.com/no.Such"}}'),
    ("WellKnown", '{"any": {"value": 1}}'), ("WellKnown", '{"int32Wrapper": {"value": 1}}'),
]


@pytest.mark.parametrize("kind,text,fields", ACCEPTED, ids=[row[1] for row in ACCEPTED])
def test_accepted(kind, text, fields, peer):
    expected = getattr(everything, kind)(**fields)
    assert json_format.Parse(text, getattr(everything, kind)()) == expected
    answer = peer.ask(text, conformance.PROTOBUF, f"everything.{kind}")
    assert answer.WhichOneof("result") == "protobuf_payload", answer
    assert getattr(everything, kind).FromString(answer.protobuf_payload) == expected


@pytest.mark.parametrize("kind,text", REFUSED, ids=[row[1] for row in REFUSED])
def test_refused(kind, text, peer):
    answer = peer.ask(text, conformance.PROTOBUF, f"everything.{kind}")
    assert answer.WhichOneof("result") == "parse_error", answer


def test_unknown_fields_are_passed_over_on_request(peer):
    text = '{"noSuchField": {"a": [1, {"b": null}]}, "color": "NO_SUCH", "int32Value": 5}'
    answer = peer.ask(text, conformance.PROTOBUF, "everything.Scalars", conformance.JSON_IGNORE_UNKNOWN_PARSING_TEST)
    assert everything.Scalars.FromString(answer.protobuf_payload) == everything.Scalars(int32_value=5)


def group(number, *contents):
    def varint(value):
        return bytes([value & 0x7F | 0x80]) + varint(value >> 7) if value > 0x7F else bytes([value])

    return varint(number << 3 | 3) + b"".join(contents) + varint(number << 3 | 4)


GROUP_BYTES = {
    "in parts": group(1, b"\x08\x05") + b"\x40\x01" + group(1, b"\x12\x01a", group(3, b"\x08\x02")),
    "in a message": b"\x32\x04" + group(1, b"\x08\x05"),
    "one after the other": group(2, b"\x08\x01") + group(2) + group(2, b"\x12\x00"),
    "cleared by another member": group(3, b"\x0d\x01\x00\x00\x00") + b"\x20\x07",
    "that clears another member": b"\x20\x07" + group(3, b"\x0d\x01\x00\x00\x00"),
    "unknown within it": group(1, group(9, b"\x08\x05"), b"\x50\x01"),
    "behind a length, which is unknown": b"\x0a\x02\x08\x05",
    "unknown": group(90, group(1, b"\x08\x05")),
    "an extension": group(100, b"\x08\x05"),
    "with a long last tag": b"\x0b\x08\x05\x8c\x00",
    "of the largest number in use": group(500_000_000, b"\x0a\x00"),
}


@pytest.mark.parametrize("wire", GROUP_BYTES.values(), ids=GROUP_BYTES)
def test_groups(wire, peer):
    expected = groups.Groups.FromString(wire)
    answer = peer.ask(wire, conformance.PROTOBUF, "groups.Groups", conformance.BINARY_TEST)
    assert groups.Groups.FromString(answer.protobuf_payload) == expected, answer
    assert same(groups.Groups.FromString(answer.protobuf_payload), expected), answer
    text = peer.ask(wire, conformance.JSON, "groups.Groups").json_payload
    known = groups.Groups.FromString(wire)
    known.DiscardUnknownFields()
    assert json_format.Parse(text, groups.Groups()) == known, text


@pytest.mark.parametrize("wire", [
    b"\x0b", b"\x0b\x08\x05", b"\x0c", b"\x0b\x14", b"\x0b\x08\x05\x14", b"\x0b\x08\x0c", b"\x32\x02\x0b\x08\x0c",
    group(1, b"\x12\x01\xff", b"\x12\x02\xff"), b"\x0b" * 5_000 + b"\x0c" * 5_000,
], ids=["open", "open-with-content", "end", "other-end", "other-end-with-content", "cut-value", "open-in-message",
        "cut-text", "too-deep"])
def test_groups_that_are_malformed(wire, peer):
    with pytest.raises(Exception):
        groups.Groups.FromString(wire)
    answer = peer.ask(wire, conformance.PROTOBUF, "groups.Groups", conformance.BINARY_TEST)
    assert answer.WhichOneof("result") == "parse_error", answer


def test_groups_nest_as_deep_as_messages(peer):
    for levels, result in ((100, "protobuf_payload"), (101, "parse_error")):
        wire = b""
        for level in range(levels):
            # Message within group within message and so on.
            wire = b"\x0a" + _length(wire) + wire if level % 2 == 0 else group(500_000_000, wire)
        wire = wire if levels % 2 == 0 else b"\x32" + wire[1:]
        answer = peer.ask(wire, conformance.PROTOBUF, "groups.Groups", conformance.BINARY_TEST)
        assert answer.WhichOneof("result") == result, (levels, answer)


def _length(data):
    size, digits = len(data), b""
    while size > 0x7F:
        digits += bytes([size & 0x7F | 0x80])
        size >>= 7
    return digits + bytes([size])


def test_depth_is_bounded(peer):
    for text in ('{"child":' * 5_000 + "{}" + "}" * 5_000, '{"wellKnown": {"value": ' + "[" * 5_000 + "]" * 5_000 + "}}",
                 '{"noSuchField": ' + "[" * 5_000 + "]" * 5_000 + "}"):
        for category in (conformance.JSON_TEST, conformance.JSON_IGNORE_UNKNOWN_PARSING_TEST):
            answer = peer.ask(text, conformance.PROTOBUF, "everything.Everything", category)
            assert answer.WhichOneof("result") == "parse_error", answer


def test_errors_name_the_place(peer):
    answer = peer.ask('{"lists": {"messages": [{}, {"int32Value": "x"}]}}', conformance.PROTOBUF, "everything.Everything")
    assert answer.parse_error.startswith("lists.messages[1].int32Value: "), answer
