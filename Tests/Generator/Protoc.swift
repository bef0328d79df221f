import Foundation

/// Runs protoc with the plugin that was built along with the tests.
enum Protoc {
  struct Result {
    let status: Int32
    /// What protoc and the plugin wrote to standard error.
    let messages: String
    /// Generated files by their path.
    let files: [String: String]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
  static let golden = folder.appending(path: "Golden")
  static let contracts = golden.appending(path: "Protos")
  static let expected = golden.appending(path: "Swift")
  static let root = folder.deletingLastPathComponent().deletingLastPathComponent()
  static let options =
    "module=GoldenContracts,modules=buf/:Protobuf,google/protobuf/:Protobuf,google/rpc/:RPC,millrace/options/:RPC"

  private static var plugin: URL {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "protoc-gen-millrace")
  }

  /// Generates code for `files`, which lie below `directory`.
  static func generate(_ files: [String], in directory: URL = contracts, options: String = options) throws -> Result {
    let output = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: output) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [
        "protoc", "--plugin=\(plugin.path)", "-I", directory.path, "-I", root.appending(path: "Protos").path,
        "--millrace_out=\(output.path)", "--millrace_opt=\(options)",
      ] + files
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let messages = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(status: process.terminationStatus, messages: messages, files: try Self.files(below: output))
  }

  /// Generates code for a contract given as text, as the file `path`.
  static func generate(_ contract: String, as path: String, options: String = options) throws -> Result {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(contract.utf8).write(to: file)
    return try generate([path], in: directory, options: options)
  }

  /// `protoc --encode` (text to bytes) or `--decode` (bytes to text) of a message of a golden contract.
  static func convert(_ way: String, _ message: String, in contract: String, _ input: [UInt8]) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(input).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "protoc", "-I", contracts.path, "-I", root.appending(path: "Protos").path, "--\(way)=\(message)", contract,
    ]
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.coderInvalidValue) }
    return Array(bytes)
  }

  /// The serialized FileDescriptorSet with just this file.
  static func descriptorSet(of path: String) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "protoc", "-I", contracts.path, "-I", root.appending(path: "Protos").path, "-o", file.path, path,
    ]
    try process.run()
    process.waitUntilExit()
    return Array(try Data(contentsOf: file))
  }

  /// Texts of all files below a directory by their path within it.
  static func files(below directory: URL) throws -> [String: String] {
    var files: [String: String] = [:]
    for path in FileManager.default.enumerator(atPath: directory.path)?.compactMap({ $0 as? String }) ?? [] {
      guard let data = FileManager.default.contents(atPath: directory.appending(path: path).path),
        path.contains(".")
      else { continue }
      files[path] = String(decoding: data, as: UTF8.self)
    }
    return files
  }

  private static func temporaryDirectory() throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }
}
