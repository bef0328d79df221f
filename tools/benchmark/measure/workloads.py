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
    targets: dict[str, Target | None]


UNARY = [
    Unary(
        "small-unary", "25-byte unary calls, 8 connections × 64 streams", "Small", "small.bin", 8, 64,
        {
            "nghttpd": None, "grpc-go": Target(2), "gRPC C++": None, "grpc-swift-2": Target(20),
        },
    ),
    Unary(
        "echo-985", "985-byte nested message echoed, 8 connections × 64 streams", "Echo", "application.bin", 8, 64,
        {
            "nghttpd": None, "grpc-go": None, "gRPC C++": Target(2), "grpc-swift-2": None,
        },
    ),
    Unary(
        "small-64x1", "25-byte unary calls, 64 connections × 1 stream", "Small", "small.bin", 64, 1,
        {
            "nghttpd": None, "grpc-go": None, "gRPC C++": None, "grpc-swift-2": None,
        },
    ),
]

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

OTHERS = {
    "codec": "the 985-byte message decoded, encoded, read, built, to and from JSON, beside SwiftProtobuf",
    "create-application": "durable CreateApplication from 64 concurrent callers, beside raw SQLite inserts",
}

ABOUT = {work.name: work.about for work in UNARY} | OTHERS
