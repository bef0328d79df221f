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

    // Rules as pure functions: no clock, no database, no randomness inside.
    .target(name: "Enterprise", dependencies: ["FinancialMath"]),
    .target(name: "FinancialMath", dependencies: ["BigInt"]),
    .target(name: "Financing", dependencies: ["FinancialMath"]),
    .target(name: "Ledger", dependencies: ["FinancialMath"]),
    .target(name: "Schedule", dependencies: ["BigInt", "FinancialMath"]),

    .testTarget(name: "EnterpriseTests", dependencies: ["Enterprise", "FinancialMath"], path: "Tests/Enterprise"),
    .testTarget(name: "FinancialMathTests", dependencies: ["BigInt", "FinancialMath"], path: "Tests/FinancialMath"),
    .testTarget(name: "FinancingTests", dependencies: ["FinancialMath", "Financing"], path: "Tests/Financing"),
    .testTarget(name: "LedgerTests", dependencies: ["FinancialMath", "Ledger"], path: "Tests/Ledger"),
    .testTarget(name: "ScheduleTests", dependencies: ["BigInt", "FinancialMath", "Schedule"], path: "Tests/Schedule"),
  ],
  swiftLanguageModes: [.v6]
)
