import NIOSSL
import RPC
import X509

extension Peer.Certificate {
  /// What a certificate says of its holder; nil when it cannot be read.
  init?(_ certificate: NIOSSLCertificate) {
    guard let bytes = try? certificate.toDERBytes(), let parsed = try? X509.Certificate(derEncoded: bytes) else {
      return nil
    }
    self.init(subject: parsed.subject.description)
    guard let names = try? parsed.extensions.subjectAlternativeNames else { return }
    for name in names {
      switch name {
      case .dnsName(let name): dnsNames.append(name)
      case .uniformResourceIdentifier(let uri): uris.append(uri)
      case .rfc822Name(let address): emailAddresses.append(address)
      default: break
      }
    }
  }
}
