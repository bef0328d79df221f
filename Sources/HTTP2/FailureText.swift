import Glibc
import NIOCore
import NIOSSL

/// Why a connection does not come about, or ends, in words for whoever wanted to call.
enum FailureText {
  static func describe(_ error: any Error) -> String {
    switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
    case ChannelError.connectTimeout(let time): "there was no answer within \(time.nanoseconds / 1_000_000_000) s"
    case ChannelError.eof: "the server closed the connection before HTTP/2 began"
    case NIOSSLError.handshakeFailed(let reason): "the TLS handshake failed: \(describe(reason))"
    case NIOSSLError.uncleanShutdown: "the server closed the connection without ending TLS"
    case let error as NIOSSLExtraError where error == .failedToValidateHostname:
      "the server's certificate is for another name"
    default: "\(error)"
    }
  }

  private static func describe(_ error: BoringSSLError) -> String {
    let stack =
      switch error {
      case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
        stack
      case .zeroReturn, .syscallError: [BoringSSLInternalError.eofDuringHandshake]
      default: [] as NIOBoringSSLErrorStack
      }
    if stack.contains(.eofDuringHandshake) { return "the server closed the connection" }
    // Such as “error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at a file of the library”.
    let reasons = stack.compactMap { entry in
      "\(entry)".split(separator: ":").dropFirst().compactMap { part in
        part.split(separator: " ").first.flatMap {
          $0.allSatisfy { $0.isUppercase || $0 == "_" || $0.isNumber } ? $0 : nil
        }
      }.first { $0.contains("_") }
    }
    guard !reasons.isEmpty else { return "\(error)" }
    return reasons.map { $0.lowercased().replacing("_", with: " ") }.joined(separator: ", ")
  }
}
