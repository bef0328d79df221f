"""What is measured, and what it has to reach."""

from dataclasses import dataclass

from .table import Target


@dataclass(frozen=True)
class Unary:
    """Unary calls of bench.Bench by h2load."""

    name: str
    about: str
    method: str
    body: str
    connections: int
    streams: int
    # By peer; None is measured and has nothing to reach.
    targets: dict[str, Target | None]
    tls: bool = False


UNARY = [
    Unary(
        "small-unary", "25-byte unary calls, 8 connections × 64 streams", "Small", "small.bin", 8, 64,
        {
            "nghttpd": Target(0.65), "grpc-go": Target(3), "gRPC C++": Target(4), "grpc-swift-2": Target(30),
        },
    ),
    Unary(
        "echo-985", "985-byte nested message echoed, 8 connections × 64 streams", "Echo", "application.bin", 8, 64,
        {
            "nghttpd": None, "grpc-go": Target(3), "gRPC C++": Target(3), "grpc-swift-2": Target(12),
        },
    ),
    Unary(
        "small-64x1", "25-byte unary calls, 64 connections × 1 stream", "Small", "small.bin", 64, 1,
        {
            "nghttpd": Target(0.85), "grpc-go": Target(1.5), "gRPC C++": None, "grpc-swift-2": None,
        },
    ),
    Unary(
        "small-tls", "25-byte unary calls over TLS, 8 connections × 64 streams", "Small", "small.bin", 8, 64,
        {"nghttpd": Target(0.8)}, tls=True,
    ),
]

# Messages of 100 bytes on one stream, of grpc-go's.
STREAM = Target(3)
STREAM_MESSAGES = 2_000_000

# Watches that are open and idle, and one event for all of them.
WATCH_CONNECTIONS = 100
WATCH_STREAMS = 100
WATCH_KIB = 4.0
# Of the time that a plain loop takes to write the same frames to the same sockets.
FAN_OUT = Target(2, at_most=True)
# Events a round; their median counts.
FAN_OUT_EVENTS = 11

# Bursts of 256 calls on each of four connections, some 15 ms of computing a call.
BURST_ROUNDS = 6_000_000
# Of grpc-go's 99th percentile, and what a call may take in any case.
BURSTS = Target(1, at_most=True)
BURST_MILLISECONDS = 100.0

# Large responses that are asked for and not read; of grpc-go's peak memory.
UNREAD_CALLS = 100
UNREAD_BYTES = 12 << 20
UNREAD = Target(0.25, at_most=True)

# An idle server's resident memory.
IDLE_MIB = 30.0

# Of the calls a second with 64 connections.
GROWTH_CONNECTIONS = 1_000
GROWTH = Target(0.8)
# What a call costs after so many calls, of what it costs after the first so many.
CALL_COUNTS = (100_000, 1_000_000, 10_000_000)
STEADY = Target(1.1, at_most=True)

# Of SwiftProtobuf's time in the same process.
CODEC = {
    "decode": Target(0.45, at_most=True),
    "encode": Target(0.35, at_most=True),
    "decode + read": Target(0.45, at_most=True),
    "build + encode": Target(0.33, at_most=True),
    "to JSON": Target(1.2, at_most=True),
    "from JSON": Target(0.8, at_most=True),
}

# Of raw SQLite with as many requests a commit as there are callers.
CREATE_APPLICATION = Target(0.5)
CALLERS = 64

# What tools/benchmark/build makes for them besides the servers of bench.Bench.
PARTS = {
    "stream": ["clients"],
    "watch": ["clients", "millrace"],
    "bursts": ["clients", "millrace"],
    "idle": ["bench-server", "millrace"],
    "growth": ["bench-server"],
    "codec": ["codec"],
    "create-application": ["inserts", "clients", "millrace"],
}
# They have no peer that could be measured without Millrace.
OURS_ALONE = {"watch", "idle", "growth", "codec"}

OTHERS = {
    "stream": "one stream of 100-byte messages from the server, beside grpc-go",
    "watch": "10 000 idle watches on 100 connections: their memory, and one event for all, beside a plain loop",
    "bursts": "another client's p99 while four connections have much computed, beside grpc-go",
    "unread": "peak memory with 100 responses of 12 MiB that nobody reads, beside grpc-go",
    "idle": "resident memory of idle servers",
    "growth": "1000 connections beside 64, and 10 million calls beside the first 100 000",
    "codec": "the 985-byte message decoded, encoded, read, built, to and from JSON, beside SwiftProtobuf",
    "create-application": "durable CreateApplication from 64 concurrent callers, beside raw SQLite inserts",
}

ABOUT = {work.name: work.about for work in UNARY} | OTHERS
