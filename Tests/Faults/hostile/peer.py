"""A peer that says anything: HTTP/2 frames on a raw socket, well-formed or not, in any order."""

import socket
import struct
import time

from hpack import Decoder, Encoder
from hyperframe import frame as frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
CHECK = "/grpc.health.v1.Health/Check"
WATCH = "/grpc.health.v1.Health/Watch"
SMALL = "/bench.Bench/Small"
ECHO = "/bench.Bench/Echo"
FILL = "/bench.Fill/Fill"
COMPUTE = "/bench.Computing/Compute"
REFLECT = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"

NO_ERROR, PROTOCOL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, REFUSED_STREAM = 0x0, 0x1, 0x4, 0x5, 0x7
FRAME_SIZE_ERROR = 0x6
CANCEL, COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 0x8, 0x9, 0xB


def raw(kind, flags=0, stream=0, payload=b""):
    """A frame as bytes; nothing about it is checked."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 0x1, 0x1, 0x4, 0x8


def message(body, flag=0):
    """A gRPC message with its prefix."""
    return struct.pack(">BI", flag, len(body)) + body


def varint(value):
    """A number as protobuf writes it."""
    digits = b""
    while value > 0x7F:
        digits += bytes([value & 0x7F | 0x80])
        value >>= 7
    return digits + bytes([value])


def window_update(stream, increment):
    return raw(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def settings(**values):
    ids = dict(header_table_size=1, enable_push=2, max_concurrent_streams=3, initial_window_size=4, max_frame_size=5)
    return raw(SETTINGS, 0, 0, b"".join(struct.pack(">HI", ids[name], value) for name, value in values.items()))


class Silence(AssertionError):
    """The server said nothing for as long as the test was willing to wait."""


class Response:
    """What came on a stream: every header block merged into `headers`, the body, and how it ended."""

    def __init__(self):
        self.headers, self.body, self.ended, self.reset = {}, b"", False, None

    @property
    def status(self):
        """The gRPC status as a number, None while there is none."""
        return int(self.headers["grpc-status"]) if "grpc-status" in self.headers else None


class Peer:
    def __init__(self, port, preface=True, greet=True, receive_buffer=None, **own_settings):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.encoder, self.decoder = Encoder(), Decoder()
        self.buffer = b""
        self.answers_settings = self.answers_pings = True
        self.responses, self.goaways, self.seen, self.server_settings = {}, [], [], {}
        self.block = None
        self.next_stream = 1
        self.is_closed = False
        if preface:
            self.send(PREFACE + settings(**own_settings))
        if preface and greet:
            self.read(lambda: self.is_greeted)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def is_greeted(self):
        return "SettingsFrame" in self.seen

    # What it says

    def send(self, *parts):
        """Sends what the server still takes; False when it takes nothing any more."""
        try:
            self.socket.sendall(b"".join(parts))
            return True
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return False

    def flood(self, frame, count):
        """The same bytes again and again."""
        at_a_time = max(1, 16_384 // len(frame))
        while count > 0 and self.send(frame * min(at_a_time, count)):
            count -= at_a_time

    def fields(self, path, method="POST", content_type="application/grpc", extra=(), scheme="http", te=True):
        fields = [(":method", method), (":scheme", scheme), (":path", path), (":authority", "127.0.0.1")]
        if te:
            fields.append(("te", "trailers"))
        if content_type is not None:
            fields.append(("content-type", content_type))
        return fields + list(extra)

    def request(self, fields, flags=END_HEADERS, stream=None):
        """The HEADERS frame of a request, and its stream."""
        if stream is None:
            stream = self.next_stream
            self.next_stream += 2
        self.responses[stream] = Response()
        return stream, raw(HEADERS, flags, stream, self.encoder.encode(fields, huffman=False))

    def call(self, path=CHECK, body=b"", **rest):
        """Sends a whole unary call; gives its stream."""
        stream, headers = self.request(self.fields(path, **rest))
        self.send(headers, *self.data(stream, message(body)))
        return stream

    def data(self, stream, body, end=True):
        """The DATA frames of a body."""
        pieces = [body[start:start + 16_384] for start in range(0, len(body), 16_384)] or [b""]
        return [raw(DATA, END_STREAM if end and piece is pieces[-1] else 0, stream, piece) for piece in pieces]

    # What it hears

    def read(self, until, patience=5):
        """Reads frames until `until()` holds or the server has closed; Silence when nothing comes for too long."""
        deadline = time.monotonic() + patience
        while not until() and not self.is_closed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence(f"nothing for {patience} s; GOAWAYs: {self.goaways}")
            self.socket.settimeout(left)
            try:
                received = self.socket.recv(1 << 16)
            except TimeoutError:
                continue
            except ConnectionResetError:
                received = b""
            self.socket.settimeout(10)
            if received:
                self.buffer += received
                self._parse()
            else:
                self.is_closed = True

    def _parse(self):
        while len(self.buffer) >= 9:
            frame, length = frames.Frame.parse_frame_header(memoryview(self.buffer[:9]))
            if len(self.buffer) < 9 + length:
                return
            frame.parse_body(memoryview(self.buffer[9:9 + length]))
            self.buffer = self.buffer[9 + length:]
            self._hear(frame)

    def _hear(self, frame):
        self.seen.append(type(frame).__name__)
        response = self.responses.setdefault(frame.stream_id, Response())
        if isinstance(frame, frames.SettingsFrame) and "ACK" not in frame.flags:
            self.server_settings |= frame.settings
            if self.answers_settings:
                self.send(raw(SETTINGS, ACK))
        elif isinstance(frame, frames.PingFrame) and "ACK" not in frame.flags and self.answers_pings:
            self.send(raw(PING, ACK, 0, frame.opaque_data))
        elif isinstance(frame, frames.GoAwayFrame):
            self.goaways.append((frame.error_code, frame.additional_data.decode()))
        elif isinstance(frame, frames.HeadersFrame):
            for name, value in self.decoder.decode(frame.data):
                response.headers[name.decode() if isinstance(name, bytes) else name] = (
                    value.decode() if isinstance(value, bytes) else value)
        elif isinstance(frame, frames.DataFrame):
            response.body += frame.data
        elif isinstance(frame, frames.RstStreamFrame):
            response.reset = frame.error_code
        if "END_STREAM" in frame.flags:
            response.ended = True

    def answer(self, stream, patience=5):
        """The response of a stream, once it has ended or been reset."""
        response = self.responses[stream]
        self.read(lambda: response.ended or response.reset is not None, patience)
        return response

    def goaway(self, patience=5):
        """The first GOAWAY, as error code and reason; the server must say one."""
        self.read(lambda: self.goaways, patience)
        assert self.goaways, "the server closed without a GOAWAY"
        return self.goaways[0]

    def wait_closed(self, patience=5):
        self.read(lambda: False, patience)
