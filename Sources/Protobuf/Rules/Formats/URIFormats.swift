/// URIs of RFC 3986. Two things go beyond it: an IPv6 address may have a zone (RFC 6874), and percent-encoded bytes of a
/// host's name or of a zone are UTF-8.
enum URIFormats {
  /// `scheme ":" hier-part [ "?" query ] [ "#" fragment ]`
  static func isURI(_ text: TextBytes) -> Bool {
    guard let (scheme, rest) = text.cut(at: ":"), isScheme(scheme) else { return false }
    return isRest(rest, allowsColonInFirstSegment: true)
  }

  /// A URI, or what is left of one when it is told relative to another.
  static func isReference(_ text: TextBytes) -> Bool {
    isURI(text) || isRest(text, allowsColonInFirstSegment: false)
  }

  /// `[ "//" authority ] path [ "?" query ] [ "#" fragment ]`
  private static func isRest(_ text: TextBytes, allowsColonInFirstSegment: Bool) -> Bool {
    var path = text
    if let (before, fragment) = path.cut(at: "#") {
      guard isMade(fragment, also: ":@/?") else { return false }
      path = before
    }
    if let (before, query) = path.cut(at: "?") {
      guard isMade(query, also: ":@/?") else { return false }
      path = before
    }
    if path.starts(with: "//".utf8) {
      path = path.dropFirst(2)
      let authority = path.prefix { $0 != UInt8(ascii: "/") }
      guard isAuthority(authority) else { return false }
      path = path.dropFirst(authority.count)
    } else if !allowsColonInFirstSegment {
      guard !path.prefix(while: { $0 != UInt8(ascii: "/") }).contains(UInt8(ascii: ":")) else { return false }
    }
    return isMade(path, also: ":@/")
  }

  private static func isScheme(_ text: TextBytes) -> Bool {
    text.first?.isLetter == true && text.allSatisfy { $0.isAlphanumeric || $0.isOne(of: "+-.") }
  }

  /// `[ userinfo "@" ] host [ ":" port ]`
  private static func isAuthority(_ text: TextBytes) -> Bool {
    var rest = text
    if let (user, after) = rest.cut(at: "@") {
      guard isMade(user, also: ":") else { return false }
      rest = after
    }
    if rest.skip("[") {
      guard let (literal, after) = rest.cut(at: "]"), isLiteral(literal) else { return false }
      rest = after
      return rest.isEmpty || (rest.skip(":") && rest.allSatisfy(\.isDigit))
    }
    let (name, port) = rest.cut(at: ":") ?? (rest, rest.prefix(0))
    return isMade(name, also: "") && isEncodedUTF8(name) && port.allSatisfy(\.isDigit)
  }

  /// What stands between the brackets: `IPv6address` or `IPvFuture`, and a zone.
  private static func isLiteral(_ text: TextBytes) -> Bool {
    var address = text
    if let zone = text.firstRange(of: "%25".utf8) {
      let name = text[zone.upperBound...]
      guard !name.isEmpty, isMade(name, withDelimiters: false, also: ""), isEncodedUTF8(name) else { return false }
      address = text[..<zone.lowerBound]
    }
    guard address.skip("v") || address.skip("V") else { return IPFormats.ipv6(address) != nil }
    guard let (version, rest) = address.cut(at: ".") else { return false }
    return !version.isEmpty && version.allSatisfy(\.isHexDigit)
      && !rest.isEmpty && !rest.contains(UInt8(ascii: "%")) && isMade(rest, also: ":")
  }

  /// Whether the text is made of `unreserved`, `pct-encoded`, `sub-delims` and some characters more.
  private static func isMade(_ text: TextBytes, withDelimiters: Bool = true, also others: StaticString) -> Bool {
    var rest = text
    while let character = rest.popFirst() {
      if character == UInt8(ascii: "%") {
        guard rest.popFirst()?.isHexDigit == true, rest.popFirst()?.isHexDigit == true else { return false }
      } else {
        guard
          character.isAlphanumeric || character.isOne(of: "-._~") || character.isOne(of: others)
            || (withDelimiters && character.isOne(of: "!$&'()*+,;="))
        else { return false }
      }
    }
    return true
  }

  /// Whether what `pct-encoded` stands for is UTF-8, the text being well made.
  private static func isEncodedUTF8(_ text: TextBytes) -> Bool {
    guard text.contains(UInt8(ascii: "%")) else { return true }
    var bytes: [UInt8] = []
    var rest = text
    while let character = rest.popFirst() {
      if character == UInt8(ascii: "%") {
        bytes.append(UInt8(Substring(rest.prefix(2)), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(character)
      }
    }
    return String(validating: bytes, as: UTF8.self) != nil
  }
}
