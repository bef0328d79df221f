"""Field rules as callers meet them: whatever the protocol, a request that breaks rules of its contract gets all of them
in one google.rpc.BadRequest, and no handler sees it."""

import base64
import json
import threading

import grpc
import pytest
from conftest import details, expect_error
from golden_rules import rules_pb2, violations
from google.protobuf import empty_pb2, json_format, wrappers_pb2
from google.rpc import error_details_pb2
from programs import Program
from web import curl, envelopes, framed

Count = wrappers_pb2.Int64Value


@pytest.fixture(scope="module")
def contract():
    return rules_pb2()


@pytest.fixture(scope="module")
def port():
    with Program("rules-server") as server:
        yield server.port


@pytest.fixture
def channel(port):
    """Before a test, nothing has been handled."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        handled(channel)
        yield channel


def handled(channel):
    """How many requests handlers have seen since it was asked last."""
    ask = channel.unary_unary("/golden.Names/Count", empty_pb2.Empty.SerializeToString, Count.FromString)
    return ask(empty_pb2.Empty(), timeout=10).value


@pytest.fixture
def wrong(contract):
    """Breaks rules of many kinds, and keeps some."""
    message = contract.Presence(text="there", optional_number=3, chosen_number=-1, optional_flag=False)
    assert len(violations(message)) > 8
    return message


@pytest.fixture
def right(contract):
    message = contract.Presence(
        text="x", optional_text="x", number=1, optional_number=10, real=1, flag=True, level=1, data=b"x", list=["x"],
        map={"x": "y"}, message=contract.Plain(text="x"), chosen_text="x", optional_flag=True)
    assert violations(message) == []
    return message


@pytest.fixture
def names(contract):
    """Three messages of a stream, of which the second breaks a rule."""
    return [contract.Named(name="first"), contract.Named(name="2"), contract.Named(name="third")]


def told(bad_requests):
    """What errors say is wrong, as `violations` has it."""
    return sorted((violation.field, violation.reason) for bad in bad_requests for violation in bad.field_violations)


# Connect

CODECS = {
    "json": lambda message: json_format.MessageToJson(message).encode(),
    "proto": lambda message: message.SerializeToString(),
}
codecs = pytest.mark.parametrize("codec", CODECS)


def call(port, method, codec, message):
    return curl(port, f"golden.Names/{method}", CODECS[codec](message), {"content-type": f"application/{codec}"})


def stream(port, method, codec, messages):
    """The counts that came back, and the error at the end."""
    body = b"".join(framed(CODECS[codec](message)) for message in messages)
    answer = curl(port, f"golden.Names/{method}", body, {"content-type": f"application/connect+{codec}"})
    assert answer.status == 200
    *counts, (flag, end) = envelopes(answer.body)
    assert flag == 2
    read = (lambda body: json_format.Parse(body, Count())) if codec == "json" else Count.FromString
    return [read(count).value for _, count in counts], json.loads(end).get("error")


def told_in_json(error):
    """The same of an error in Connect's form."""
    assert error["code"] == "invalid_argument"
    packed = [detail["value"] for detail in error["details"] if detail["type"] == "google.rpc.BadRequest"]
    return told(error_details_pb2.BadRequest.FromString(base64.b64decode(value + "==")) for value in packed)


@codecs
def test_connect(codec, port, channel, wrong, right):
    answer = call(port, "Give", codec, wrong)
    assert answer.status == 400 and told_in_json(answer.json) == violations(wrong)
    assert handled(channel) == 0
    assert call(port, "Give", codec, right).status == 200
    assert handled(channel) == 1


@codecs
def test_a_response_that_streams_over_connect(codec, port, channel, wrong, right):
    counts, error = stream(port, "Follow", codec, [wrong])
    assert counts == [] and told_in_json(error) == violations(wrong)
    assert handled(channel) == 0
    assert stream(port, "Follow", codec, [right]) == ([1], None)


@codecs
@pytest.mark.parametrize("method, counts", [("Gather", []), ("Exchange", [1])])
def test_a_request_that_streams_over_connect(method, counts, codec, port, channel, names):
    found, error = stream(port, method, codec, names)
    assert found == counts and told_in_json(error) == violations(names[1])
    assert handled(channel) == 1  # not the third
    found, error = stream(port, method, codec, [names[0], names[2]])
    assert found[-1] == 2 and error is None


# gRPC

def test_grpc(channel, wrong, right):
    for kind, method in ((channel.unary_unary, "Give"), (channel.unary_stream, "Follow")):
        ask = kind(f"/golden.Names/{method}", type(wrong).SerializeToString, Count.FromString)
        run = (lambda request: ask(request, timeout=10)) if method == "Give" else (lambda request: list(ask(request, timeout=10)))
        error = expect_error(grpc.StatusCode.INVALID_ARGUMENT, lambda: run(wrong), reason="INVALID_FIELD")
        assert told(details(error, error_details_pb2.BadRequest)) == violations(wrong)
        assert handled(channel) == 0
        run(right)
        assert handled(channel) == 1


@pytest.mark.parametrize("method, counts", [("Gather", []), ("Exchange", [1])])
def test_a_request_that_streams_over_grpc(method, counts, channel, names):
    ended = threading.Event()

    def requests():
        yield from names[:2]
        # The client has not ended: the server ends the call by itself.
        ended.wait(10)
        yield names[2]

    kind = channel.stream_unary if method == "Gather" else channel.stream_stream
    ask = kind(f"/golden.Names/{method}", type(names[0]).SerializeToString, Count.FromString)
    found = []

    def run():
        answer = ask(requests(), timeout=10)
        if method == "Exchange":
            found.extend(count.value for count in answer)

    error = expect_error(grpc.StatusCode.INVALID_ARGUMENT, run, reason="INVALID_FIELD")
    ended.set()
    assert told(details(error, error_details_pb2.BadRequest)) == violations(names[1])
    assert found == counts and handled(channel) == 1
