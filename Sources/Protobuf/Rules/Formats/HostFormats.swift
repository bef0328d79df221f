/// E-mail addresses, host names, and hosts with ports.
enum HostFormats {
  /// As the HTML standard defines what a browser takes for an address, which is stricter and simpler than RFC 5322.
  static func isEmail(_ text: TextBytes) -> Bool {
    guard let (local, domain) = text.cut(at: "@") else { return false }
    return !local.isEmpty && local.allSatisfy { $0.isAlphanumeric || $0.isOne(of: ".!#$%&'*+/=?^_`{|}~-") }
      && domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
  }

  /// Labels between dots, of which the last is not a number, and possibly a dot at the end.
  static func isHostname(_ text: TextBytes) -> Bool {
    let name = text.last == UInt8(ascii: ".") ? text.dropLast() : text
    guard name.count <= 253 else { return false }
    let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy(isLabel) && labels.last?.allSatisfy(\.isDigit) == false
  }

  /// `example.com:80`, `192.0.2.1:80`, `[2001:db8::1]:80`
  static func isHostAndPort(_ text: TextBytes) -> Bool {
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return false }
    var host = text[..<colon]
    guard text[text.index(after: colon)...].number(upTo: 65_535) != nil else { return false }
    if host.skip("[") {
      return host.last == UInt8(ascii: "]") && IPFormats.isIPv6(host.dropLast())
    }
    return isHostname(host) || IPFormats.isIPv4(host)
  }

  /// Up to 63 letters, digits and hyphens, without a hyphen at either end.
  private static func isLabel(_ label: TextBytes) -> Bool {
    (1...63).contains(label.count) && label.first?.isAlphanumeric == true && label.last?.isAlphanumeric == true
      && label.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
  }
}
