import Foundation
import Testing

/// Golden/Protos has a contract a feature; Golden/Swift is what the generator makes of them, read and approved by people.
/// MILLRACE_RECORD=1 writes it anew.
@Suite struct GoldenTests {
  @Test func outputIsWhatWasApproved() throws {
    let contracts = try Protoc.files(below: Protoc.contracts).keys.filter { $0.hasSuffix(".proto") }.sorted()
    let result = try Protoc.generate(contracts)
    try #require(result.status == 0, "\(result.messages)")
    if ProcessInfo.processInfo.environment["MILLRACE_RECORD"] == "1" {
      try record(result.files)
      return
    }
    let expected = try Protoc.files(below: Protoc.expected)
    #expect(result.files.keys.sorted() == expected.keys.sorted())
    for (path, text) in result.files.sorted(by: { $0.key < $1.key }) {
      guard let approved = expected[path] else { continue }
      let difference = firstDifference(text, approved)
      #expect(difference == nil, "\(path): \(difference ?? ""); MILLRACE_RECORD=1 records it if it is meant")
    }
  }

  @Test func outputDoesNotDependOnTheRun() throws {
    let files = ["golden/maps.proto", "golden/recursion.proto", "golden/services.proto"]
    let first = try Protoc.generate(files)
    let second = try Protoc.generate(files)
    #expect(first.files == second.files)
    #expect(first.files.count == 5)
  }

  /// Swift wants the names of a module's files to differ, whatever their directories.
  @Test func filesOfTheSameNameTakeTheirPathIntoIt() throws {
    let files = [
      "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto",
    ]
    let result = try Protoc.generate(files)
    #expect(
      result.files.keys.sorted() == [
        "Namespaces.swift",
        "grpc/health/v1/health.pb.swift",
        "grpc/health/v1/health.rpc.swift",
        "grpc/reflection/v1/grpc_reflection_v1_reflection.pb.swift",
        "grpc/reflection/v1/grpc_reflection_v1_reflection.rpc.swift",
        "grpc/reflection/v1alpha/grpc_reflection_v1alpha_reflection.pb.swift",
        "grpc/reflection/v1alpha/grpc_reflection_v1alpha_reflection.rpc.swift",
      ]
    )
  }

  private func record(_ files: [String: String]) throws {
    try FileManager.default.removeItem(at: Protoc.expected)
    for (path, text) in files {
      let file = Protoc.expected.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
  }

  private func firstDifference(_ new: String, _ old: String) -> String? {
    guard new != old else { return nil }
    let newLines = new.split(separator: "\n", omittingEmptySubsequences: false)
    let oldLines = old.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, pair) in zip(newLines, oldLines).enumerated() where pair.0 != pair.1 {
      return "line \(index + 1) is “\(pair.0)”, not “\(pair.1)”"
    }
    return "\(newLines.count) lines, not \(oldLines.count)"
  }
}
