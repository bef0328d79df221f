"""Responses whose header fields or trailers are too large to be sent: the call ends, and says why; nothing hangs."""

import json

import grpc
import pytest

from .peer import Peer, message
from .test_slow_peers import RESOURCE_EXHAUSTED
from .test_streams import STREAMING_OUTPUT, responses, varint

guards, setting = pytest.mark.guards, pytest.mark.setting

pytestmark = setting(program="interop-server")

EMPTY = "/grpc.testing.TestService/EmptyCall"
UNARY = "/grpc.testing.TestService/UnaryCall"
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
LOGGED = "header fields of the response over the limit"


def failing(text, field=7):
    """A request whose response is FAILED_PRECONDITION with this message."""
    status = b"\x08\x09\x12" + varint(len(text)) + text.encode()
    return bytes([field << 3 | 2]) + varint(len(status)) + status


@guards(maxResponseHeaderBytes=1_000)
@pytest.mark.parametrize("path, body, extra", [
    (EMPTY, b"", (INITIAL, "x" * 1_000)),
    (EMPTY, b"", (TRAILING, "x" * 1_000)),
    (UNARY, failing("x" * 1_000), None),
    (UNARY, failing("\n" * 400), None),  # three bytes each on the wire
    (STREAMING_OUTPUT, responses(3, 10), (INITIAL, "x" * 1_000)),
    (STREAMING_OUTPUT, responses(3, 10), (TRAILING, "x" * 1_000)),
    (STREAMING_OUTPUT, responses(0, 0), (TRAILING, "x" * 1_000)),
    (STREAMING_OUTPUT, failing("x" * 1_000), None),
], ids=["headers", "trailers", "message", "encoded-message", "stream-headers", "stream-trailers", "empty-stream",
        "stream-message"])
def test_too_large_for_the_limit(target, path, body, extra):
    with target.serving_others(), Peer(target.port) as peer:
        for _ in range(2):
            response = peer.answer(peer.call(path, body, extra=[extra] if extra else []))
            assert response.status == RESOURCE_EXHAUSTED and response.reset in (None, 0)
            assert "over the limit of 1000 bytes" in response.headers["grpc-message"]
        # The connection stays as it is.
        assert peer.answer(peer.call(EMPTY)).status == 0 and not peer.goaways
    assert LOGGED in target.log() and path in target.log()


@guards(maxResponseHeaderBytes=1_000)
def test_the_limit_is_exact(target):
    """Fields count as HTTP/2 says: names, values, and 32 each."""
    rest = len("grpc-status") + 1 + 32 + len(TRAILING) + 32
    with Peer(target.port) as peer:
        for size, status in [(1_000 - rest, 0), (1_000 - rest + 1, RESOURCE_EXHAUSTED)]:
            # Whole groups, and two or three characters more: base64 without padding.
            assert size % 4 != 1
            response = peer.answer(peer.call(EMPTY, extra=[(TRAILING, "A" * size)]))
            assert response.status == status and (TRAILING in response.headers) == (status == 0)


@guards(maxResponseHeaderBytes=1_000)
@pytest.mark.parametrize("path, body, content_type, name", [
    (EMPTY, message(b""), "application/grpc-web+proto", INITIAL),
    (STREAMING_OUTPUT, message(responses(3, 10)), "application/grpc-web+proto", INITIAL),
    (EMPTY, b"", "application/proto", INITIAL),
    (EMPTY, b"", "application/proto", TRAILING),
    (STREAMING_OUTPUT, message(responses(3, 10)), "application/connect+proto", INITIAL),
])
def test_other_protocols(target, path, body, content_type, name):
    """Where these send trailers as a message, there is no limit on them."""
    with target.serving_others(), Peer(target.port) as peer:
        stream, headers = peer.request(peer.fields(path, content_type=content_type, extra=[(name, "x" * 1_000)]))
        peer.send(headers, *peer.data(stream, body))
        response = peer.answer(stream)
        if "grpc-web" in content_type:
            assert response.status == RESOURCE_EXHAUSTED
        elif "connect" in content_type:
            assert response.body[0] == 2 and json.loads(response.body[5:])["error"]["code"] == "resource_exhausted"
        else:
            assert response.headers[":status"] == "429" and json.loads(response.body)["code"] == "resource_exhausted"
        assert peer.answer(peer.call(EMPTY)).status == 0 and not peer.goaways
    assert LOGGED in target.log()


@pytest.mark.parametrize("size, code", [(60_000, grpc.StatusCode.FAILED_PRECONDITION),
                                        (70_000, grpc.StatusCode.RESOURCE_EXHAUSTED),
                                        (3_000_000, grpc.StatusCode.RESOURCE_EXHAUSTED)])
def test_status_messages_under_default_limits(start, size, code):
    """nghttp2 by itself drops more than 64 KiB without a word."""
    target = start({}, program="interop-server")
    with target.serving_others(), target.channel(("grpc.max_metadata_size", 1 << 20),
                                                 ("grpc.absolute_max_metadata_size", 1 << 20)) as channel:
        for _ in range(2):
            with pytest.raises(grpc.RpcError) as failure:
                channel.unary_unary(UNARY)(failing("x" * size), timeout=20)
            assert failure.value.code() == code
        assert channel.unary_unary(EMPTY)(b"", timeout=20) == b""


@pytest.mark.parametrize("metadata", [[(INITIAL, "x" * 65_500)], [(TRAILING, b"x" * 30_000)] * 3],
                         ids=["headers", "trailers"])
@pytest.mark.parametrize("path, body", [(EMPTY, b""), (STREAMING_OUTPUT, responses(3, 10))], ids=["unary", "stream"])
def test_metadata_under_default_limits(start, metadata, path, body):
    target = start({"maxHeaderBytes": 1 << 20, "maxContinuationFrames": 100}, program="interop-server")
    with target.serving_others(), target.channel() as channel:
        with pytest.raises(grpc.RpcError) as failure:
            list(channel.unary_stream(path)(body, metadata=metadata, timeout=20))
        assert failure.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert channel.unary_unary(EMPTY)(b"", timeout=20) == b""
