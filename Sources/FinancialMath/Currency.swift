/// A currency of ISO 4217 that amounts can be held in, with the number of decimals of its minor unit.
///
/// Codes without a minor unit (precious metals, units of account, test codes) are not currencies of a loan and are
/// refused. The value is eight bytes and trivially copied, so that each amount can carry it.
public struct Currency: Sendable, Hashable, CustomStringConvertible {
  /// The three letters, one a byte, first letter highest.
  private let packed: UInt32
  /// Number of decimals of the minor unit: 0 for JPY, 2 for CNY, 3 for KWD.
  public let decimals: UInt8

  /// - Throws: `MoneyError.unknownCurrency` unless `code` is a listed upper-case code.
  public init(_ code: String) throws(MoneyError) {
    guard let packed = Currency.pack(code), let decimals = CurrencyTable.decimals[packed] else {
      throw .unknownCurrency(String(code.prefix(16)))
    }
    self.packed = packed
    self.decimals = decimals
  }

  private init(packed: UInt32, decimals: UInt8) {
    self.packed = packed
    self.decimals = decimals
  }

  /// Chinese yuan (renminbi).
  public static let cny = Currency(packed: 0x43_4E_59, decimals: 2)

  /// The three-letter code.
  public var code: String {
    String(decoding: [UInt8(packed >> 16 & 0xFF), UInt8(packed >> 8 & 0xFF), UInt8(packed & 0xFF)], as: UTF8.self)
  }

  public var description: String { code }

  /// All currencies of the table, by code.
  public static var all: [Currency] {
    CurrencyTable.decimals.sorted { $0.key < $1.key }.map { Currency(packed: $0.key, decimals: $0.value) }
  }

  static func pack(_ code: String) -> UInt32? {
    var packed: UInt32 = 0
    var count = 0
    for byte in code.utf8 {
      count += 1
      guard count <= 3, byte >= 0x41, byte <= 0x5A else { return nil }
      packed = packed << 8 | UInt32(byte)
    }
    return count == 3 ? packed : nil
  }
}
