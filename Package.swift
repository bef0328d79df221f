// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "millrace",
  products: [],
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

    .target(name: "Protobuf", dependencies: ["CProtobufC"]),
    .target(name: "RPC", dependencies: ["Protobuf", .product(name: "Logging", package: "swift-log")]),
    .target(
      name: "Store",
      dependencies: [
        "CSQLite", "Protobuf", "RPC",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: [.strictMemorySafety()]
    ),
    .executableTarget(
      name: "bench-store",
      dependencies: ["Protobuf", "RPC", "Store", .product(name: "Logging", package: "swift-log")],
      path: "tools/bench/store"
    ),

    .testTarget(name: "ProtobufTests", dependencies: ["Protobuf"], path: "Tests/Protobuf"),
    .testTarget(name: "StoreTests", dependencies: ["Store"], path: "Tests/Store"),
  ],
  swiftLanguageModes: [.v6]
)
