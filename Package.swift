// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "protoc-gen-millrace", targets: ["protoc-gen-millrace"])
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

    .target(
      name: "HTTP2",
      dependencies: [
        "CNghttp2", "RPC",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]
    ),
    .target(name: "Protobuf", dependencies: ["CProtobufC"]),
    .target(name: "RPC", dependencies: ["Protobuf", .product(name: "Logging", package: "swift-log")]),

    // The generator: `protoc --millrace_out`. It reads its requests with the code that it generates.
    .executableTarget(name: "protoc-gen-millrace", dependencies: ["Protobuf"], path: "tools/protoc-gen-millrace"),

    // What the generator makes of its golden contracts, compiled.
    .target(name: "GoldenContracts", dependencies: ["Protobuf", "RPC"], path: "Tests/Generator/Golden/Swift"),
    .testTarget(
      name: "GeneratorTests", dependencies: ["GoldenContracts", "Protobuf", "RPC", "protoc-gen-millrace"],
      path: "Tests/Generator", exclude: ["Golden"]),
    .testTarget(
      name: "HTTP2Tests", dependencies: ["HTTP2", .product(name: "NIOPosix", package: "swift-nio")], path: "Tests/HTTP2"),
    .testTarget(name: "ProtobufTests", dependencies: ["Protobuf"], path: "Tests/Protobuf", exclude: ["codec_test.proto"]),
    .testTarget(name: "RPCTests", dependencies: ["RPC"], path: "Tests/RPC"),
  ],
  swiftLanguageModes: [.v6]
)
