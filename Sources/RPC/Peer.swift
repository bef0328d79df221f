/// Who is at the other end of a connection.
public struct Peer: Sendable, Hashable, CustomStringConvertible {
  /// What a verified client certificate says of its holder.
  public struct Certificate: Sendable, Hashable {
    /// The subject's distinguished name, as RFC 4514 writes it.
    public var subject: String
    /// The DNS names among the subject's alternative names.
    public var dnsNames: [String]
    /// The URIs among them, such as SPIFFE ids.
    public var uris: [String]
    /// The e-mail addresses among them.
    public var emailAddresses: [String]

    public init(subject: String, dnsNames: [String] = [], uris: [String] = [], emailAddresses: [String] = []) {
      self.subject = subject
      self.dnsNames = dnsNames
      self.uris = uris
      self.emailAddresses = emailAddresses
    }
  }

  /// Such as `127.0.0.1:50312`, `[::1]:50312`, `unix:` or `in-process`.
  public let address: String
  /// Whose limits the peer shares: its host, or the network of a host that has a network to itself.
  public let origin: String
  /// Nil without TLS, and when the client showed no certificate.
  public let certificate: Certificate?

  /// Without an `origin` it is what the address says before its last colon, or all of it.
  public init(address: String, origin: String? = nil, certificate: Certificate? = nil) {
    self.address = address
    self.origin = origin ?? String(address.lastIndex(of: ":").map { address[..<$0] } ?? address[...])
    self.certificate = certificate
  }

  public var description: String { certificate.map { "\(address) (\($0.subject))" } ?? address }
}
