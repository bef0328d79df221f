import Crypto

/// The keys of sealed columns, of keyed digests and of page tokens. Sealed values name the key they were sealed with,
/// so that keys can be added and old values still be opened.
public struct KeyRing: Sendable {
  private static let format: UInt8 = 1
  private static let headerBytes = 5

  private let sealing: [UInt32: SymmetricKey]
  private let activeId: UInt32
  private let digesting: SymmetricKey
  let signing: SymmetricKey

  init(sealing: [UInt32: SymmetricKey], activeId: UInt32, digesting: SymmetricKey, signing: SymmetricKey) {
    self.sealing = sealing
    self.activeId = activeId
    self.digesting = digesting
    self.signing = signing
  }

  /// Seals a value with AES-GCM under the active key.
  ///
  /// - Parameter context: Table, column and row, such as "users.phone/users/0190…"; a value moved to another place
  ///   does not open there.
  public func seal(_ plain: [UInt8], context: String) throws -> [UInt8] {
    guard let key = sealing[activeId] else { throw SealingError.unknownKey(activeId) }
    let header = Self.header(activeId)
    let box = try AES.GCM.seal(plain, using: key, authenticating: header + Array(context.utf8))
    return header + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
  }

  /// Opens a sealed value.
  ///
  /// - Throws: `SealingError` when its key is not in the ring, or when it was changed or moved.
  public func open(_ sealed: [UInt8], context: String) throws -> [UInt8] {
    guard sealed.count >= Self.headerBytes + 28, sealed[0] == Self.format else { throw SealingError.damaged }
    let header = Array(sealed.prefix(Self.headerBytes))
    let id = header.dropFirst().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard let key = sealing[id] else { throw SealingError.unknownKey(id) }
    do {
      let box = try AES.GCM.SealedBox(combined: Array(sealed.dropFirst(Self.headerBytes)))
      return Array(try AES.GCM.open(box, using: key, authenticating: header + Array(context.utf8)))
    } catch {
      throw SealingError.damaged
    }
  }

  /// A digest under a key of its own, to find a sealed value by: the same value and context, the same digest.
  ///
  /// - Parameter context: Table and column, without the row.
  public func digest(_ value: [UInt8], context: String) -> [UInt8] {
    var input: [UInt8] = []
    input.append(lengthPrefixed: context.utf8)
    input.append(contentsOf: value)
    return Array(HMAC<SHA256>.authenticationCode(for: input, using: digesting))
  }

  private static func header(_ id: UInt32) -> [UInt8] {
    [format] + (0..<4).map { UInt8(truncatingIfNeeded: id >> UInt32(24 - $0 * 8)) }
  }
}

/// Why a sealed value did not open.
public enum SealingError: Error, Sendable, Hashable {
  /// The key ring has no key of this id.
  case unknownKey(UInt32)
  /// The value was changed, cut, or belongs to another place.
  case damaged
}
