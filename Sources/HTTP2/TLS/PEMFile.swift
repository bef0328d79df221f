import FoundationEssentials
import NIOSSL
import RPC

/// Certificates and keys in PEM files.
enum PEMFile {
  /// The certificates in a file, at least one.
  ///
  /// - Throws: `StartError`.
  static func certificates(_ path: String) throws(StartError) -> [NIOSSLCertificate] {
    let bytes = try read(path)
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
      throw StartError("\(path) holds no certificate in PEM format that can be read; name a file that does")
    }
    return certificates
  }

  /// The private key in a file.
  ///
  /// - Throws: `StartError`.
  static func key(_ path: String) throws(StartError) -> NIOSSLPrivateKey {
    let bytes = try read(path)
    // An encrypted one would have NIOSSL ask on the terminal.
    if String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") {
      throw StartError("the private key in \(path) is encrypted; decrypt it, for example with openssl pkey")
    }
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw StartError("\(path) holds no private key in PEM format that can be read; name a file that does")
    }
    return key
  }

  private static func read(_ path: String) throws(StartError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw StartError(cannot: "read \(path)", error)
    }
  }
}

extension NIOSSLContext {
  /// A context of a configuration whose files could be read.
  ///
  /// - Throws: `StartError`, which names the certificate's and the key's file when they do not go together.
  convenience init(_ configuration: TLSConfiguration, certificateFile: String?, keyFile: String?) throws(StartError) {
    do {
      try self.init(configuration: configuration)
    } catch NIOSSLError.failedToLoadPrivateKey {
      throw StartError(
        "the private key in \(keyFile ?? "") does not belong to the certificate in \(certificateFile ?? ""); "
          + "name two that go together")
    } catch {
      throw StartError(
        "the certificate in \(certificateFile ?? "") cannot be used for TLS: \(FailureText.describe(error))")
    }
  }
}
