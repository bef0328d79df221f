import Crypto
import Foundation
import RPC

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

  /// The callers in a file; at the first start the file is made, readable by its owner alone, with one caller a role.
  ///
  /// - Throws: `CallersError` when the file cannot be read, parsed or made.
  public static func load(file: URL) throws(CallersError) -> Callers {
    do {
      if !FileManager.default.fileExists(atPath: file.path) { try make(file) }
      let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
      guard entries.allSatisfy({ $0.token.utf8.count >= Self.tokenBytes }) else {
        throw CallersError("\(file.path): a token needs at least \(Self.tokenBytes) characters")
      }
      return Callers(entries)
    } catch let error as CallersError {
      throw error
    } catch {
      throw CallersError("\(file.path): \(error)")
    }
  }

  /// The token of the first caller with a role, for tools on the server's own machine.
  ///
  /// - Throws: `CallersError` when the file cannot be read or has no such caller.
  public static func token(of role: Role, file: URL) throws(CallersError) -> String {
    do {
      let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: file))
      if let entry = entries.first(where: { $0.roles.contains(role) }) { return entry.token }
    } catch {
      throw CallersError("\(file.path): \(error)")
    }
    throw CallersError("\(file.path): no caller is \(role.rawValue)")
  }

  /// Who holds a token; nil where nobody does.
  public func principal(token: some Collection<UInt8>) -> Principal? {
    principals[SHA256.hash(data: Array(token))]
  }

  private static func make(_ file: URL) throws {
    let entries = Role.allCases.map { role in
      Entry(subject: "users/\(role.rawValue)", roles: [role], token: randomToken())
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let contents = try encoder.encode(entries)
    let made = FileManager.default.createFile(
      atPath: file.path, contents: contents, attributes: [.posixPermissions: 0o600])
    guard made else { throw CallersError("\(file.path): cannot be written") }
  }

  private static func randomToken() -> String {
    var randomness = SystemRandomNumberGenerator()
    return (0..<tokenBytes).map { _ in
      let byte = UInt8.random(in: .min ... .max, using: &randomness)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

/// Why the callers could not be read, in words for the operator.
public struct CallersError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
