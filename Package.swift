// swift-tools-version: 6.2
import PackageDescription

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "millrace", targets: ["millrace"]),
    .executable(name: "protoc-gen-millrace", targets: ["protoc-gen-millrace"]),
    .executable(name: "bench-server", targets: ["bench-server"]),
    // For another package that generates and serves its own contracts.
    .library(name: "Protobuf", targets: ["Protobuf"]),
    .library(name: "RPC", targets: ["RPC"]),
    .library(name: "HTTP2", targets: ["HTTP2"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    // The system's C libraries: module maps only.
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    // What every service stands on.
    .target(name: "Protobuf", dependencies: ["CProtobufC"]),

    // The generator: `protoc --millrace_out`. It reads its requests with the code that it generates.
    .executableTarget(name: "protoc-gen-millrace", dependencies: ["Protobuf"], path: "tools/protoc-gen-millrace"),

    // Tests mirror the sources.
    .testTarget(name: "EnterpriseTests", dependencies: ["Enterprise", "FinancialMath"], path: "Tests/Enterprise"),
    .testTarget(name: "FinancialMathTests", dependencies: ["BigInt", "FinancialMath"], path: "Tests/FinancialMath"),
    .testTarget(name: "FinancingTests", dependencies: ["FinancialMath", "Financing"], path: "Tests/Financing"),
    .testTarget(name: "HTTP2Tests", dependencies: ["HTTP2", nioPosix], path: "Tests/HTTP2"),
    .testTarget(name: "LedgerTests", dependencies: ["FinancialMath", "Ledger"], path: "Tests/Ledger"),
    .testTarget(
      name: "GeneratorTests", dependencies: ["protoc-gen-millrace"], path: "Tests/Generator", exclude: ["Golden"]),
    .testTarget(name: "ProtobufTests", dependencies: ["Protobuf"], path: "Tests/Protobuf", exclude: ["codec_test.proto"]),
  ],
  swiftLanguageModes: [.v6]
)
