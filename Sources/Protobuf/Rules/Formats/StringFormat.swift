/// A form that a text may have to have; the raw value is the end of the rule's name.
public enum StringFormat: String, Sendable {
  case email, hostname, ip, ipv4, ipv6, uri, address, uuid, tuuid, ulid
  case uriReference = "uri_ref"
  case ipWithPrefixLength = "ip_with_prefixlen"
  case ipv4WithPrefixLength = "ipv4_with_prefixlen"
  case ipv6WithPrefixLength = "ipv6_with_prefixlen"
  case ipPrefix = "ip_prefix"
  case ipv4Prefix = "ipv4_prefix"
  case ipv6Prefix = "ipv6_prefix"
  case hostAndPort = "host_and_port"
  case protobufName = "protobuf_fqn"
  case dottedProtobufName = "protobuf_dot_fqn"
  case headerName = "well_known_regex.header_name"
  case headerValue = "well_known_regex.header_value"

  /// Whether the text has the form. `isStrict` is about names and values of headers: otherwise they only lack NUL, CR
  /// and LF.
  public func accepts(_ string: String, isStrict: Bool = true) -> Bool {
    let text = Substring(string).utf8
    return switch self {
    case .email: HostFormats.isEmail(text)
    case .hostname: HostFormats.isHostname(text)
    case .hostAndPort: HostFormats.isHostAndPort(text)
    case .ip: IPFormats.isIPv4(text) || IPFormats.isIPv6(text)
    case .ipv4: IPFormats.isIPv4(text)
    case .ipv6: IPFormats.isIPv6(text)
    case .address: HostFormats.isHostname(text) || IPFormats.isIPv4(text) || IPFormats.isIPv6(text)
    case .ipWithPrefixLength: IPPrefix.ipv4(text) != nil || IPPrefix.ipv6(text) != nil
    case .ipv4WithPrefixLength: IPPrefix.ipv4(text) != nil
    case .ipv6WithPrefixLength: IPPrefix.ipv6(text) != nil
    case .ipPrefix: (IPPrefix.ipv4(text) ?? IPPrefix.ipv6(text))?.isNetwork ?? false
    case .ipv4Prefix: IPPrefix.ipv4(text)?.isNetwork ?? false
    case .ipv6Prefix: IPPrefix.ipv6(text)?.isNetwork ?? false
    case .uri: URIFormats.isURI(text)
    case .uriReference: URIFormats.isReference(text)
    case .uuid: IdentifierFormats.isUUID(text)
    case .tuuid: IdentifierFormats.isTrimmedUUID(text)
    case .ulid: IdentifierFormats.isULID(text)
    case .protobufName: IdentifierFormats.isProtobufName(text)
    case .dottedProtobufName: text.first == UInt8(ascii: ".") && IdentifierFormats.isProtobufName(text.dropFirst())
    case .headerName: HeaderFormats.isName(text, isStrict: isStrict)
    case .headerValue: HeaderFormats.isValue(text, isStrict: isStrict)
    }
  }

  /// Whether emptiness is told apart from other faults.
  fileprivate var namesEmptiness: Bool { self != .uriReference && self != .headerValue }

  fileprivate var noun: String {
    switch self {
    case .email: "an e-mail address"
    case .hostname: "a host name"
    case .hostAndPort: "a host and a port"
    case .ip: "an IP address"
    case .ipv4: "an IPv4 address"
    case .ipv6: "an IPv6 address"
    case .address: "a host name or an IP address"
    case .ipWithPrefixLength: "an IP address with the length of its prefix"
    case .ipv4WithPrefixLength: "an IPv4 address with the length of its prefix"
    case .ipv6WithPrefixLength: "an IPv6 address with the length of its prefix"
    case .ipPrefix: "an IP network"
    case .ipv4Prefix: "an IPv4 network"
    case .ipv6Prefix: "an IPv6 network"
    case .uri: "a URI"
    case .uriReference: "a URI or a reference relative to one"
    case .uuid: "a UUID"
    case .tuuid: "a UUID without hyphens"
    case .ulid: "a ULID"
    case .protobufName: "a full protobuf name"
    case .dottedProtobufName: "a full protobuf name with a dot before it"
    case .headerName: "the name of an HTTP header"
    case .headerValue: "the value of an HTTP header"
    }
  }
}

extension RuleViolations {
  /// For generated code: checks the form of a text.
  public mutating func check(
    _ text: String,
    is format: StringFormat,
    isStrict: Bool = true,
    at field: String = ""
  ) {
    if format.namesEmptiness, text.isEmpty {
      add("string.\(format.rawValue)_empty", "must be \(format.noun), and is empty", at: field)
    } else if !format.accepts(text, isStrict: isStrict) {
      add("string.\(format.rawValue)", "must be \(format.noun)", at: field)
    }
  }
}
