// swift-tools-version: 6.2
import PackageDescription

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let certificates = Target.Dependency.product(name: "X509", package: "swift-certificates")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "millrace", targets: ["millrace"]),
    .executable(name: "protoc-gen-millrace", targets: ["protoc-gen-millrace"]),
    .executable(name: "bench-server", targets: ["bench-server"]),
    .executable(name: "interop-server", targets: ["interop-server"]),
    .executable(name: "interop-client", targets: ["interop-client"]),
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
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    // The system's C libraries: module maps only.
    .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    // What every service stands on.
    .target(name: "Protobuf", dependencies: ["CProtobufC"]),
    .target(name: "RPC", dependencies: ["CZlib", "Protobuf", logging]),
    .target(name: "Contracts", dependencies: ["Protobuf", "RPC"], path: "Generated/Contracts"),
    .target(
      name: "HTTP2",
      dependencies: [
        "CMalloc", "CNghttp2", "RPC", certificates, logging, nioHelpers, nioCore, nioPosix, nioSSL, nioTLS,
      ]),
    .target(
      name: "Store", dependencies: ["CSQLite", "Protobuf", "RPC", crypto, logging],
      swiftSettings: [.strictMemorySafety()]),

    // Rules as pure functions, and the values in which contracts and rules meet.
    .target(name: "FinancialMath", dependencies: ["BigInt"]),
    .target(name: "Terms", dependencies: ["Contracts", "FinancialMath", "Protobuf", "RPC", "Store"]),

    // The domains, each on those above it here.
    .target(name: "Identity", dependencies: ["RPC", "Store", crypto]),
    .target(name: "Lifecycle", dependencies: ["Identity", "Protobuf", "RPC", "Store", "Terms"]),
    .target(
      name: "Ledger", dependencies: ["Contracts", "FinancialMath", "Lifecycle", "RPC", "Store", "Terms", crypto]),
    .target(name: "Schedule", dependencies: ["BigInt", "Contracts", "FinancialMath", "RPC", "Terms"]),
    .target(
      name: "Enterprise",
      dependencies: ["Contracts", "FinancialMath", "Identity", "Lifecycle", "RPC", "Store", "Terms"]),
    .target(
      name: "Catalog",
      dependencies: ["Contracts", "FinancialMath", "Identity", "Lifecycle", "RPC", "Schedule", "Store", "Terms"]),
    .target(
      name: "Financing",
      dependencies: [
        "Catalog", "Contracts", "Enterprise", "FinancialMath", "Identity", "Ledger", "Lifecycle", "RPC", "Schedule",
        "Store", "Terms",
      ]),

    // Programs.
    .executableTarget(
      name: "millrace",
      dependencies: [
        "Catalog", "Contracts", "Enterprise", "FinancialMath", "Financing", "HTTP2", "Identity", "Ledger", "Protobuf",
        "RPC", "Schedule", "Store", "Terms", argumentParser, logging,
      ]),
    .executableTarget(
      name: "protoc-gen-millrace", dependencies: ["Protobuf"], path: "tools/protoc-gen-millrace"),
    .target(name: "BenchContract", dependencies: ["Protobuf", "RPC"], path: "Generated/Bench"),
    .executableTarget(
      name: "bench-server", dependencies: ["BenchContract", "HTTP2", "RPC", argumentParser, logging],
      path: "tools/benchmark/server"),
    .target(name: "InteropContract", dependencies: ["Protobuf", "RPC"], path: "Generated/Interop"),
    .executableTarget(
      name: "interop-server", dependencies: ["HTTP2", "InteropContract", "RPC", argumentParser, logging],
      path: "tools/interop/server"),
    .executableTarget(
      name: "interop-client", dependencies: ["HTTP2", "InteropContract", "RPC", argumentParser],
      path: "tools/interop/client"),

    // Tests mirror the sources.
    .target(name: "TestSupport", path: "Tests/Support"),
    .target(name: "ConformanceContract", dependencies: ["Protobuf"], path: "Generated/Conformance"),
    .executableTarget(
      name: "conformance-peer", dependencies: ["ConformanceContract", "Protobuf"], path: "Tests/Conformance/peer"),
    .testTarget(name: "EnterpriseTests", dependencies: ["Enterprise", "FinancialMath"], path: "Tests/Enterprise"),
    .testTarget(
      name: "FinancialMathTests", dependencies: ["BigInt", "FinancialMath", "TestSupport"], path: "Tests/FinancialMath"),
    .testTarget(
      name: "FinancingTests",
      dependencies: [
        "Contracts", "FinancialMath", "Financing", "Protobuf", "RPC", "Schedule", "Store", "Terms", "TestSupport",
      ],
      path: "Tests/Financing"),
    .testTarget(
      name: "HTTP2Tests",
      dependencies: ["BenchContract", "CNghttp2", "HTTP2", "RPC", "TestSupport", nioCore, nioHelpers, nioPosix],
      path: "Tests/HTTP2"),
    .testTarget(name: "LedgerTests", dependencies: ["FinancialMath", "Ledger", "TestSupport"], path: "Tests/Ledger"),
    .testTarget(
      name: "LifecycleTests",
      dependencies: ["Catalog", "Contracts", "Enterprise", "Financing", "Lifecycle", "Protobuf"],
      path: "Tests/Lifecycle"),
    .testTarget(
      name: "ProtobufTests", dependencies: ["Protobuf", "TestSupport"], path: "Tests/Protobuf",
      exclude: ["codec_test.proto"]),
    .testTarget(name: "RPCTests", dependencies: ["BenchContract", "RPC", logging], path: "Tests/RPC"),
    .testTarget(
      name: "ScheduleTests", dependencies: ["BigInt", "FinancialMath", "Schedule", "TestSupport"],
      path: "Tests/Schedule"),
    .testTarget(name: "StoreTests", dependencies: ["Protobuf", "RPC", "Store"], path: "Tests/Store"),
    .target(name: "GoldenContracts", dependencies: ["Protobuf", "RPC"], path: "Tests/Generator/Golden/Swift"),
    .executableTarget(
      name: "rules-check", dependencies: ["GoldenContracts", "Protobuf"], path: "Tests/Interop/RulesCheck"),
    .executableTarget(
      name: "rules-server", dependencies: ["GoldenContracts", "HTTP2", "Protobuf", "RPC"],
      path: "Tests/Interop/RulesServer"),
    .testTarget(
      name: "GeneratorTests", dependencies: ["GoldenContracts", "Protobuf", "RPC", "protoc-gen-millrace"],
      path: "Tests/Generator", exclude: ["Golden"]),
    .testTarget(name: "TidyTests", path: "Tests/Tidy"),
  ],
  swiftLanguageModes: [.v6]
)

// An async function runs where its caller does unless it says otherwise: a handler and all that it calls stay on the loop
// of their connection without asking at every step.
for target in package.targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
}
