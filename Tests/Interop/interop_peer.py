"""grpcio's side of gRPC's interoperability tests: a server, and a client with a function a case."""

import time
from concurrent import futures

import grpc

from testing import test_pb2 as messages
from testing import test_pb2_grpc as services

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"


def payload(size):
    return messages.Payload(body=bytes(size))


class TestService(services.TestServiceServicer):
    def EmptyCall(self, request, context):
        return messages.Empty()

    def UnaryCall(self, request, context):
        _echo(context)
        _fail(request, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return messages.SimpleResponse(payload=payload(request.response_size))

    def StreamingInputCall(self, requests, context):
        return messages.StreamingInputCallResponse(aggregated_payload_size=sum(len(r.payload.body) for r in requests))

    def StreamingOutputCall(self, request, context):
        if any(p.compressed.value for p in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from self._responses(request, context)

    def FullDuplexCall(self, requests, context):
        _echo(context)
        for request in requests:
            _fail(request, context)
            yield from self._responses(request, context)

    def _responses(self, request, context):
        for parameters in request.response_parameters:
            time.sleep(parameters.interval_us / 1e6)
            if not parameters.compressed.value:
                context.disable_next_message_compression()
            yield messages.StreamingOutputCallResponse(payload=payload(parameters.size))


def _echo(context):
    metadata = dict(context.invocation_metadata())
    if INITIAL in metadata:
        context.send_initial_metadata([(INITIAL, metadata[INITIAL])])
    if TRAILING in metadata:
        context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])


def _fail(request, context):
    if request.response_status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def start_server(credentials=None):
    """A running server and its port."""
    server = grpc.server(futures.ThreadPoolExecutor(8))
    services.add_TestServiceServicer_to_server(TestService(), server)
    address = "127.0.0.1:0"
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    return server, port


# The client.

def _large(**fields):
    return messages.SimpleRequest(response_size=314_159, payload=payload(271_828), **fields)


def _fails(code, call, message=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, (error.code(), error.details())
        assert message is None or error.details() == message, error.details()
        return
    raise AssertionError(f"expected {code}")


def _output(*sizes, **fields):
    return messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=size) for size in sizes], **fields)


def empty_unary(channel, stub):
    assert stub.EmptyCall(messages.Empty()) == messages.Empty()


def large_unary(channel, stub):
    assert stub.UnaryCall(_large()).payload.body == bytes(314_159)


def client_compressed_unary(channel, stub):
    packed = _large(expect_compressed=messages.BoolValue(value=True))
    _fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.UnaryCall(packed))
    assert stub.UnaryCall(packed, compression=grpc.Compression.Gzip).payload.body == bytes(314_159)
    plain = _large(expect_compressed=messages.BoolValue(value=False))
    assert stub.UnaryCall(plain).payload.body == bytes(314_159)


def server_compressed_unary(channel, stub):
    for compressed in (True, False):
        response = stub.UnaryCall(_large(response_compressed=messages.BoolValue(value=compressed)))
        assert response.payload.body == bytes(314_159)


def client_streaming(channel, stub):
    requests = [messages.StreamingInputCallRequest(payload=payload(size)) for size in (27_182, 8, 1_828, 45_904)]
    assert stub.StreamingInputCall(iter(requests)).aggregated_payload_size == 74_922


def client_compressed_streaming(channel, stub):
    packed = messages.StreamingInputCallRequest(
        payload=payload(27_182), expect_compressed=messages.BoolValue(value=True))
    _fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.StreamingInputCall(iter([packed])))
    response = stub.StreamingInputCall(iter([packed, packed]), compression=grpc.Compression.Gzip)
    assert response.aggregated_payload_size == 2 * 27_182


def server_streaming(channel, stub):
    sizes = (31_415, 9, 2_653, 58_979)
    assert [len(r.payload.body) for r in stub.StreamingOutputCall(_output(*sizes))] == list(sizes)


def server_compressed_streaming(channel, stub):
    request = messages.StreamingOutputCallRequest(response_parameters=[
        messages.ResponseParameters(size=31_415, compressed=messages.BoolValue(value=True)),
        messages.ResponseParameters(size=92_653, compressed=messages.BoolValue(value=False))])
    assert [len(r.payload.body) for r in stub.StreamingOutputCall(request)] == [31_415, 92_653]


def ping_pong(channel, stub):
    import queue
    requests = queue.Queue()
    responses = stub.FullDuplexCall(iter(requests.get, None))
    for request, response in zip((27_182, 8, 1_828, 45_904), (31_415, 9, 2_653, 58_979)):
        requests.put(_output(response, payload=payload(request)))
        assert len(next(responses).payload.body) == response
    requests.put(None)
    assert list(responses) == []


def empty_stream(channel, stub):
    assert list(stub.FullDuplexCall(iter([]))) == []


def custom_metadata(channel, stub):
    metadata = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]
    calls = [stub.UnaryCall.with_call(_large(), metadata=metadata)[1],
             stub.FullDuplexCall(iter([_output(314_159, payload=payload(271_828))]), metadata=metadata)]
    assert len(list(calls[1])) == 1
    for call in calls:
        assert (INITIAL, "test_initial_metadata_value") in call.initial_metadata()
        assert (TRAILING, b"\xab\xab\xab") in call.trailing_metadata()


def status_code_and_message(channel, stub):
    status = messages.EchoStatus(code=2, message="test status message")
    _fails(grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(messages.SimpleRequest(response_status=status)),
           status.message)
    _fails(grpc.StatusCode.UNKNOWN, lambda: list(stub.FullDuplexCall(iter([_output(response_status=status)]))),
           status.message)


def special_status_message(channel, stub):
    status = messages.EchoStatus(code=2, message=SPECIAL)
    _fails(grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(messages.SimpleRequest(response_status=status)), SPECIAL)


def unimplemented_method(channel, stub):
    _fails(grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(messages.Empty()))


def unimplemented_service(channel, stub):
    other = services.UnimplementedServiceStub(channel)
    _fails(grpc.StatusCode.UNIMPLEMENTED, lambda: other.UnimplementedCall(messages.Empty()))


def cancel_after_begin(channel, stub):
    import threading
    wait = threading.Event()
    call = stub.StreamingInputCall.future(_until(wait))
    call.cancel()
    wait.set()
    assert call.cancelled() and call.code() == grpc.StatusCode.CANCELLED


def cancel_after_first_response(channel, stub):
    import threading
    wait = threading.Event()
    call = stub.FullDuplexCall(_until(wait, _output(31_415, payload=payload(27_182))))
    assert len(next(call).payload.body) == 31_415
    call.cancel()
    wait.set()
    _fails(grpc.StatusCode.CANCELLED, lambda: next(call))


def timeout_on_sleeping_server(channel, stub):
    import threading
    wait = threading.Event()
    request = messages.StreamingOutputCallRequest(payload=payload(27_182))
    _fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: list(stub.FullDuplexCall(_until(wait, request), timeout=0.001)))
    wait.set()


def _until(event, *requests):
    """The requests, and then none until the event, so that the call stays open."""
    yield from requests
    event.wait(10)


CASES = [empty_unary, large_unary, client_compressed_unary, server_compressed_unary, client_streaming,
         client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong, empty_stream,
         custom_metadata, status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
         cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server]
