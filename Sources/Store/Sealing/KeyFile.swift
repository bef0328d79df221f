import Crypto
import RPC

/// The file that holds the key ring: lines of purpose, key id and 64 hexadecimal digits. A new sealing key is a new
/// line; the last one seals, and all of them open.
enum KeyFile {
  private static let keyBytes = 32

  /// Reads the ring, after making the file with new keys where there is none.
  ///
  /// - Throws: `StartError` when the file cannot be used or others than its owner may read it.
  static func load(_ path: String) throws -> KeyRing {
    if let text = try PrivateFile.read(path) { return try parse(text, path) }
    let text = ["seal", "digest", "sign"].map { "\($0) 1 \(newKey())\n" }.joined()
    try PrivateFile.create(path, text)
    return try parse(text, path)
  }

  /// Adds a sealing key, which is used from the next start on. Returns its id.
  static func addSealingKey(_ path: String) throws -> UInt32 {
    guard let text = try PrivateFile.read(path) else { throw StartError("there is no key file at \(path)") }
    let ids = text.split(separator: "\n").compactMap { line -> UInt32? in
      let parts = line.split(separator: " ")
      return parts.first == "seal" && parts.count > 1 ? UInt32(parts[1]) : nil
    }
    let id = (ids.max() ?? 0) + 1
    try PrivateFile.replace(path, text + "seal \(id) \(newKey())\n")
    return id
  }

  private static func newKey() -> String {
    var random = SystemRandomNumberGenerator()
    return Hex.encode((0..<keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }

  private static func parse(_ text: String, _ path: String) throws -> KeyRing {
    var sealing: [UInt32: SymmetricKey] = [:]
    var activeId: UInt32?
    var digesting: SymmetricKey?
    var signing: SymmetricKey?
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ")
      guard parts.count == 3, let id = UInt32(parts[1]), let bytes = Hex.decode(parts[2]), bytes.count == keyBytes
      else { throw damaged(path, "has a line that is not: purpose, id, 64 hexadecimal digits") }
      let key = SymmetricKey(data: bytes)
      switch parts[0] {
      case "seal":
        guard sealing.updateValue(key, forKey: id) == nil else {
          throw damaged(path, "has sealing key \(id) twice")
        }
        activeId = id
      case "digest": digesting = key
      case "sign": signing = key
      default: throw damaged(path, "has a key of unknown purpose")
      }
    }
    guard let activeId, let digesting, let signing else {
      throw damaged(path, "lacks a seal, digest or sign key")
    }
    return KeyRing(sealing: sealing, activeId: activeId, digesting: digesting, signing: signing)
  }

  private static func damaged(_ path: String, _ fault: String) -> StartError {
    StartError("the key file \(path) is damaged: it \(fault); restore it from a backup")
  }
}
