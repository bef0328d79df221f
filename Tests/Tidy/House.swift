import Foundation

/// The repository as the tidy tests see it.
enum House {
  /// The repository's top folder.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Lines that a file of hand-written Swift may have: what one reads in a sitting.
  static let readableLineCount = 400

  /// The modules, and what each may import of the others. Arrows go down only, so the order is the proof.
  static let layers: [(module: String, mayImport: Set<String>)] = [
    ("Protobuf", []),
    ("RPC", ["Protobuf"]),
    ("Contracts", ["Protobuf", "RPC"]),
    ("HTTP2", ["RPC", "Protobuf"]),
    ("Store", ["RPC", "Protobuf"]),
    ("FinancialMath", []),
    ("Terms", ["Contracts", "FinancialMath", "Protobuf", "RPC", "Store"]),
    ("Identity", ["RPC", "Store"]),
    ("Lifecycle", ["Identity", "Protobuf", "RPC", "Store", "Terms"]),
    ("Ledger", ["Contracts", "FinancialMath", "Lifecycle", "RPC", "Store", "Terms"]),
    ("Schedule", ["Contracts", "FinancialMath", "RPC", "Terms"]),
    ("Enterprise", ["Contracts", "FinancialMath", "Identity", "Lifecycle", "Protobuf", "RPC", "Store", "Terms"]),
    (
      "Catalog",
      ["Contracts", "FinancialMath", "Identity", "Lifecycle", "Protobuf", "RPC", "Schedule", "Store", "Terms"]
    ),
    (
      "Financing",
      [
        "Catalog", "Contracts", "Enterprise", "FinancialMath", "Identity", "Ledger", "Lifecycle", "Protobuf", "RPC",
        "Schedule", "Store", "Terms",
      ]
    ),
  ]

  /// The files that belong to the repository: tracked, or new and not ignored. Paths from the top.
  static func files() throws -> [String] {
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = ["git", "-C", root.path, "ls-files", "--cached", "--others", "--exclude-standard"]
    let output = Pipe()
    git.standardOutput = output
    try git.run()
    let listed = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    return String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init).filter {
      FileManager.default.fileExists(atPath: root.appendingPathComponent($0).path)
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  static func lines(_ path: String) throws -> [Substring] {
    try text(path).split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Hand-written Swift, not generated and not expected output of the generator.
  static func handWrittenSwift() throws -> [String] {
    try files().filter { path in
      path.hasSuffix(".swift") && !path.contains("Generated/") && !path.contains("/Golden/")
    }
  }
}
