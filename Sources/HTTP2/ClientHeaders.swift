import RPC

extension Metadata {
  /// The header fields of a request but the first ones, which are the same for all. `timeout` is the time that is left.
  init(
    requestFor method: MethodDescriptor,
    options: CallOptions,
    authority: String,
    timeout: Duration?,
    previousAttempts: Int
  ) {
    self.init()
    append(":path", method.path)
    append(":authority", authority)
    if let timeout {
      let (seconds, attoseconds) = timeout.components
      let whole = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
      let nanoseconds = whole.overflow ? .max : whole.partialValue &+ UInt64(clamping: attoseconds / 1_000_000_000)
      append("grpc-timeout", Timeout.format(nanoseconds: nanoseconds))
    }
    append("te", "trailers")
    append("content-type", "application/grpc")
    if options.compression != .identity { append("grpc-encoding", "\(options.compression.name)") }
    append("grpc-accept-encoding", "\(Compression.acceptable)")
    append("user-agent", "grpc-swift-millrace/0.1")
    if previousAttempts > 0 { append("grpc-previous-rpc-attempts", "\(previousAttempts)") }
    append(contentsOf: options.metadata)
  }

  private mutating func append(_ name: String, _ value: String) {
    let name = Array(name.utf8)
    let value = Array(value.utf8)
    append(name: name.span, value: value.span)
  }
}

/// The header fields of a response, or its trailers, as they come in.
struct ResponseHead {
  /// Nil in trailers.
  private(set) var status: Int?
  private(set) var isGRPC = false
  /// How response messages may be packed; nil if by an encoding that is not known here.
  private(set) var encoding: Compression? = .identity
  private(set) var fields = Metadata()
  /// As HTTP/2 counts them: names, values, and 32 for each field.
  private(set) var byteCount = 0
  /// More is counted, but not kept, whatever the limit says.
  private static let maxKeptBytes = 1 << 20

  mutating func receive(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    byteCount += name.count + value.count + 32
    if name.equals(":status") {
      var number = 0
      for index in value.indices where value[index] >= 0x30 && value[index] <= 0x39 && number < 1_000 {
        number = number * 10 + Int(value[index] - 0x30)
      }
      status = number
    } else if name.equals("content-type") {
      isGRPC = value.hasPrefix("application/grpc")
    } else if name.equals("grpc-encoding") {
      encoding = Compression(name: value)
    } else if byteCount <= ResponseHead.maxKeptBytes {
      fields.append(name: name, value: value)
    }
  }
}
