// swift-tools-version: 6.2
import PackageDescription

// A package of its own that generates and serves its own contract with Millrace's libraries: what others would do.
let package = Package(
  name: "greenhouse",
  dependencies: [.package(name: "millrace", path: "../..")],
  targets: [
    .executableTarget(
      name: "greenhouse",
      dependencies: [
        .product(name: "HTTP2", package: "millrace"),
        .product(name: "Protobuf", package: "millrace"),
        .product(name: "RPC", package: "millrace"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
