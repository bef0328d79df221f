import ArgumentParser
import HTTP2

/// How `millrace serve` speaks TLS.
struct TLSOptions: ParsableArguments {
  @Option(help: "A PEM file with the server's certificate and those that lead to its root; TLS is spoken then.")
  var tlsCert: String?

  @Option(help: "A PEM file with the certificate's private key.")
  var tlsKey: String?

  @Option(help: "A PEM file with the roots of client certificates.")
  var tlsClientCa: String?

  @Option(help: "Whether clients show a certificate: off, optional, required. Required with --tls-client-ca, else off.")
  var tlsClientCertificates: ServerTLS.ClientCertificates?

  func validate() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key go together.") }
    guard tlsCert != nil || (tlsClientCa == nil && tlsClientCertificates == nil) else {
      throw ValidationError("--tls-client-ca and --tls-client-certificates need --tls-cert and --tls-key.")
    }
    guard tlsClientCa != nil || (tlsClientCertificates ?? .off) == .off else {
      throw ValidationError("--tls-client-certificates needs --tls-client-ca.")
    }
  }

  /// Nil without TLS.
  var configuration: ServerTLS? {
    guard let tlsCert, let tlsKey else { return nil }
    return ServerTLS(
      certificateFile: tlsCert,
      keyFile: tlsKey,
      clientCertificates: tlsClientCertificates ?? (tlsClientCa == nil ? .off : .required),
      clientRootsFile: tlsClientCa
    )
  }
}

extension ServerTLS.ClientCertificates: ExpressibleByArgument {}
