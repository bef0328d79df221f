import NIOSSL

/// The cipher suites of TLS 1.2. Those of TLS 1.3 are fixed.
enum CipherSuites {
  /// Ephemeral keys and authenticated encryption: all others are prohibited for HTTP/2 (RFC 9113, appendix A).
  static let standard: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]
}
