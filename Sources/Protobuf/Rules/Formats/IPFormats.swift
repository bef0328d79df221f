/// IP addresses as text.
enum IPFormats {
  static func isIPv4(_ text: TextBytes) -> Bool { ipv4(text) != nil }

  /// With or without a zone, `fe80::1%eth0`, which may be anything without NUL.
  static func isIPv6(_ text: TextBytes) -> Bool {
    guard let (address, zone) = text.cut(at: "%") else { return ipv6(text) != nil }
    return !zone.isEmpty && !zone.contains(0) && ipv6(address) != nil
  }

  /// Four decimal numbers without leading zeros.
  static func ipv4(_ text: TextBytes) -> UInt32? {
    let octets = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard octets.count == 4 else { return nil }
    var address: UInt32 = 0
    for octet in octets {
      guard let value = octet.number(upTo: 255) else { return nil }
      address = address << 8 | UInt32(value)
    }
    return address
  }

  /// Eight groups of RFC 4291: `::` stands for one group of zeros or more, an IPv4 address for the last two.
  static func ipv6(_ text: TextBytes) -> UInt128? {
    var groups: [UInt16] = []
    var gap: Int?
    var rest = text
    if rest.starts(with: "::".utf8) {
      rest = rest.dropFirst(2)
      gap = 0
    }
    while !rest.isEmpty {
      guard groups.count < 8 else { return nil }
      let piece = rest.prefix { $0 != UInt8(ascii: ":") }
      if piece.count == rest.count, piece.contains(UInt8(ascii: ".")) {
        guard let address = ipv4(piece) else { return nil }
        groups += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
        break
      }
      guard let group = group(piece) else { return nil }
      groups.append(group)
      rest = rest.dropFirst(piece.count)
      if rest.isEmpty { break }
      rest = rest.dropFirst()
      if rest.skip(":") {
        guard gap == nil else { return nil }
        gap = groups.count
      } else if rest.isEmpty {
        return nil
      }
    }
    guard gap == nil ? groups.count == 8 : groups.count < 8 else { return nil }
    if let gap { groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap) }
    return groups.reduce(0) { $0 << 16 | UInt128($1) }
  }

  private static func group(_ text: TextBytes) -> UInt16? {
    guard (1...4).contains(text.count), text.allSatisfy(\.isHexDigit) else { return nil }
    return UInt16(Substring(text), radix: 16)
  }
}

/// An IP address with the length of its prefix: `192.0.2.0/24`. The address has no zone.
struct IPPrefix {
  /// Whether the bits after the prefix are zero.
  let isNetwork: Bool

  static func ipv4(_ text: TextBytes) -> IPPrefix? {
    guard let (before, after) = text.cut(at: "/"), let address = IPFormats.ipv4(before),
      let length = after.number(upTo: 32)
    else { return nil }
    return IPPrefix(isNetwork: address << UInt32(length) == 0)
  }

  static func ipv6(_ text: TextBytes) -> IPPrefix? {
    guard let (before, after) = text.cut(at: "/"), let address = IPFormats.ipv6(before),
      let length = after.number(upTo: 128)
    else { return nil }
    return IPPrefix(isNetwork: address << UInt128(length) == 0)
  }
}
