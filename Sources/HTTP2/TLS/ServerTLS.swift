import NIOSSL
import RPC

/// How a listener speaks TLS: version 1.2 or newer, with `h2` agreed on by ALPN.
public struct ServerTLS: Sendable, Hashable {
  /// What is asked of clients.
  public enum ClientCertificates: String, Sendable, Hashable, CaseIterable {
    /// None is asked for.
    case off
    /// Who shows one must show one that can be verified.
    case optional
    /// Who shows none is not let in.
    case required
  }

  /// The path of a PEM file: the server's certificate, and after it those that lead to a root.
  public var certificateFile: String
  /// The path of a PEM file: the certificate's private key.
  public var keyFile: String
  public var clientCertificates: ClientCertificates
  /// The path of a PEM file: the roots of client certificates. Nil is the system's, which is rarely meant.
  public var clientRootsFile: String?

  public init(
    certificateFile: String,
    keyFile: String,
    clientCertificates: ClientCertificates = .off,
    clientRootsFile: String? = nil
  ) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.clientCertificates = clientCertificates
    self.clientRootsFile = clientRootsFile
  }

  /// The files that make up the configuration.
  var files: [String] { [certificateFile, keyFile] + (clientRootsFile.map { [$0] } ?? []) }

  /// Reads the files.
  ///
  /// - Throws: `StartError`, which names the file at fault.
  func makeContext() throws(StartError) -> NIOSSLContext {
    let chain = try PEMFile.certificates(certificateFile).map { NIOSSLCertificateSource.certificate($0) }
    let key = try PEMFile.key(keyFile)
    var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = CipherSuites.standard
    configuration.applicationProtocols = ["h2"]
    configuration.certificateVerification =
      switch clientCertificates {
      case .off: .none
      case .optional: .optionalVerification
      case .required: .noHostnameVerification
      }
    if let clientRootsFile { configuration.trustRoots = .certificates(try PEMFile.certificates(clientRootsFile)) }
    return try NIOSSLContext(configuration, certificateFile: certificateFile, keyFile: keyFile)
  }
}
