import NIOSSL
import RPC

/// How a channel speaks TLS: version 1.2 or newer, with `h2` agreed on by ALPN.
public struct ClientTLS: Sendable, Hashable {
  /// The path of a PEM file: the roots of the server's certificate. Nil is the system's.
  public var rootsFile: String?
  /// The path of a PEM file: the client's certificate, and after it those that lead to a root.
  public var certificateFile: String?
  /// The path of a PEM file: the certificate's private key.
  public var keyFile: String?
  /// The name that the server's certificate must be for, where that is not the host that is called.
  public var serverName: String?

  public init(
    rootsFile: String? = nil,
    certificateFile: String? = nil,
    keyFile: String? = nil,
    serverName: String? = nil
  ) {
    self.rootsFile = rootsFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.serverName = serverName
  }

  /// Reads the files.
  ///
  /// - Throws: `StartError`, which names the file at fault.
  func makeContext() throws(StartError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    configuration.cipherSuiteValues = CipherSuites.standard
    configuration.applicationProtocols = ["h2"]
    if let rootsFile { configuration.trustRoots = .certificates(try PEMFile.certificates(rootsFile)) }
    if let certificateFile {
      configuration.certificateChain = try PEMFile.certificates(certificateFile).map { .certificate($0) }
    }
    if let keyFile { configuration.privateKey = .privateKey(try PEMFile.key(keyFile)) }
    return try NIOSSLContext(configuration, certificateFile: certificateFile, keyFile: keyFile)
  }
}
