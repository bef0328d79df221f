import Crypto
import Foundation
import RPC
import Store

/// The callers of an installation and their bearer tokens, kept in a file until accounts can be registered.
public struct Callers: Sendable {
  /// One entry of the file.
  struct Entry: Codable {
    var subject: String
    var roles: [Role]
    var token: String
  }

  /// Bytes of randomness in a token.
  public static let tokenBytes = 32

  /// Principals by the digest of their token, so that a look-up tells nothing of a token by the time it takes.
  private let principals: [SHA256Digest: Principal]

  init(_ entries: [Entry]) {
    var principals: [SHA256Digest: Principal] = [:]
    for entry in entries {
      principals[SHA256.hash(data: Array(entry.token.utf8))] = Principal(
        subject: entry.subject,
        roles: Set(entry.roles.map(\.rawValue)),
        permissions: entry.roles.reduce(into: []) { $0.formUnion($1.permissions) })
    }
    self.principals = principals
  }

  /// The callers in a file; at the first start the file is made, readable by its owner alone, with one caller for each role.
  ///
  /// - Throws: `StartError` when the file cannot be read, parsed or made.
  public static func load(file: URL) throws(StartError) -> Callers {
    if !FileManager.default.fileExists(atPath: file.path) { try make(file) }
    return Callers(try entries(file))
  }

  /// The token of the first caller with a role, for tools on the server's own machine.
  ///
  /// - Throws: `StartError` when the file cannot be read or has no such caller.
  public static func token(of role: Role, file: URL) throws(StartError) -> String {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw StartError(
        "there is no file \(file.path) with callers' tokens; name a server's data folder, or start the server")
    }
    if let entry = try entries(file).first(where: { $0.roles.contains(role) }) { return entry.token }
    throw StartError("\(file.path): no caller has the role \(role.rawValue)")
  }

  private static func entries(_ file: URL) throws(StartError) -> [Entry] {
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw StartError(cannot: "read \(file.path)", error)
    }
    func damaged(_ fault: String) -> StartError {
      StartError("\(file.path) \(fault); restore it, or remove it and new tokens are made at the next start")
    }
    let entries: [Entry]
    do {
      entries = try JSONDecoder().decode([Entry].self, from: data)
    } catch {
      throw damaged((error as? DecodingError)?.fault ?? "cannot be read as JSON")
    }
    guard !entries.isEmpty else { throw damaged("names no caller") }
    guard entries.allSatisfy({ $0.token.utf8.count >= tokenBytes }) else {
      throw damaged("has a token of less than \(tokenBytes) characters")
    }
    guard Set(entries.map(\.token)).count == entries.count else { throw damaged("has the same token twice") }
    return entries
  }

  /// Who holds a token; nil where nobody does.
  public func principal(token: some Collection<UInt8>) -> Principal? {
    principals[SHA256.hash(data: Array(token))]
  }

  private static func make(_ file: URL) throws(StartError) {
    let entries = Role.allCases.map { role in
      Entry(subject: "users/\(role.rawValue)", roles: [role], token: randomToken())
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let contents = try? encoder.encode(entries) else { return }
    try PrivateFile.create(file.path, String(decoding: contents, as: UTF8.self))
  }

  private static func randomToken() -> String {
    var randomness = SystemRandomNumberGenerator()
    return (0..<tokenBytes).map { _ in
      let byte = UInt8.random(in: .min ... .max, using: &randomness)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

extension DecodingError {
  /// The fault in a file of callers, after the name of the file.
  fileprivate var fault: String {
    switch self {
    case .keyNotFound(let key, let context):
      "lacks “\(key.stringValue)”\(Self.place(context.codingPath))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "has a value of the wrong type\(Self.place(context.codingPath))"
    case .dataCorrupted(let context) where context.codingPath.contains { $0.stringValue == "roles" }:
      "has an unknown role\(Self.place(context.codingPath)); there are "
        + Role.allCases.map(\.rawValue).joined(separator: ", ")
    case .dataCorrupted: "is not JSON"
    @unknown default: "cannot be read as JSON"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard let entry = path.first?.intValue else { return "" }
    let field = path.dropFirst().first { $0.intValue == nil }.map { "“\($0.stringValue)” of " } ?? ""
    return " in \(field)caller \(entry + 1)"
  }
}
