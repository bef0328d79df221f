import ArgumentParser
import HTTP2

/// How the commands that call a server speak TLS.
struct ClientTLSOptions: ParsableArguments {
  @Option(help: "A PEM file with the roots of the server's certificate; TLS is spoken then.")
  var tlsCa: String?

  @Option(help: "A PEM file with the certificate to show, and those that lead to its root.")
  var tlsCert: String?

  @Option(help: "A PEM file with the certificate's private key.")
  var tlsKey: String?

  @Option(help: "The name that the server's certificate is for, where that is not the host.")
  var tlsServerName: String?

  func validate() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key go together.") }
    guard tlsCa != nil || (tlsCert == nil && tlsServerName == nil) else {
      throw ValidationError("--tls-cert and --tls-server-name need --tls-ca.")
    }
  }

  /// A channel to the server, with TLS or without.
  ///
  /// - Throws: `StartError`.
  func channel(to address: Address) throws -> HTTP2Channel {
    try OpenFileLimit.check()
    guard let tlsCa else { return HTTP2Channel(host: address.host, port: address.port) }
    let tls = ClientTLS(rootsFile: tlsCa, certificateFile: tlsCert, keyFile: tlsKey, serverName: tlsServerName)
    return try HTTP2Channel(host: address.host, port: address.port, tls: tls)
  }
}
