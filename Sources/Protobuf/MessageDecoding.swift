extension Message {
  /// Decodes a message.
  @inlinable
  public init(serializedBytes: [UInt8], limits: DecodingLimits = .default) throws(MessageDecodingError) {
    self = try serializedBytes.withUnsafeBufferPointer { (bytes) throws(MessageDecodingError) -> Self in
      try Self(serializedBytes: UnsafeRawBufferPointer(bytes), limits: limits)
    }
  }

  /// Decodes a message. Nothing of `serializedBytes` is referred to afterwards.
  @inlinable
  public init(
    serializedBytes: UnsafeRawBufferPointer,
    limits: DecodingLimits = .default
  ) throws(MessageDecodingError) {
    self.init()
    let arena = Arena.acquire()
    defer { arena.release() }
    if let layout = arena.unpackOptimistically(serializedBytes, as: Self._descriptor, limits: limits) {
      _read(layout, arena)
      if arena.isWithoutProblems {
        if Self._descriptor.hasRequired { try RequiredScan.check(serializedBytes, as: Self._descriptor) }
        return
      }
      self = Self()
    }
    let layout = try arena.unpackCarefully(serializedBytes, as: Self._descriptor, limits: limits, isPart: false)
    _read(layout, arena)
    try arena.throwRemainingProblems()
  }

  /// Adds what the bytes hold to this message: set scalars replace, lists, maps and unknown fields append, sub-messages
  /// merge. The bytes may be part of a message: required fields need not be there. On an error the message is as before.
  public mutating func merge(
    serializedBytes: [UInt8],
    limits: DecodingLimits = .default
  ) throws(MessageDecodingError) {
    self = try serializedBytes.withUnsafeBufferPointer { (bytes) throws(MessageDecodingError) -> Self in
      var merged = self
      let arena = Arena.acquire()
      defer { arena.release() }
      let layout = try arena.unpackCarefully(
        UnsafeRawBufferPointer(bytes), as: Self._descriptor, limits: limits, isPart: true)
      merged._read(layout, arena)
      try arena.throwRemainingProblems()
      return merged
    }
  }
}

extension Arena {
  @inlinable
  var isWithoutProblems: Bool { state.pointee.problems.isEmpty }

  /// Hands the bytes to protobuf-c as they are, which is right for nearly all messages. Nil if they need a closer look.
  @usableFromInline
  func unpackOptimistically(
    _ bytes: UnsafeRawBufferPointer,
    as descriptor: MessageDescriptor,
    limits: DecodingLimits
  ) -> UnsafeRawPointer? {
    guard bytes.count <= Self.largestMessage else { return nil }
    let depth = limits.effectiveDepth
    if descriptor.nesting > depth, !DepthScan.isShallow(bytes, as: descriptor, maxDepth: depth) { return nil }
    return unpack(bytes, as: descriptor, budget: limits.arenaBytes)
  }

  /// Goes through the bytes itself, tells what is wrong with them or rewrites them so that protobuf-c takes them.
  ///
  /// - Parameter isPart: The bytes go into a message that is there already, which may have what is required.
  @usableFromInline @inline(never)
  func unpackCarefully(
    _ bytes: UnsafeRawBufferPointer,
    as descriptor: MessageDescriptor,
    limits: DecodingLimits,
    isPart: Bool
  ) throws(MessageDecodingError) -> UnsafeRawPointer {
    if state.pointee.isExhausted || bytes.count > Self.largestMessage {
      throw MessageDecodingError(kind: .budgetExceeded)
    }
    // Of a message with groups this may be the only reading.
    let checksText = problems.contains(.invalidText) || descriptor.hasGroups
    var normalizer = Normalizer(bytes, maxDepth: limits.effectiveDepth, checksText: checksText)
    try normalizer.run(as: descriptor)
    state.pointee.problems = []
    state.pointee.isNormalized = true
    let layout = normalizer.output.withUnsafeBytes { unpack($0, as: descriptor, budget: limits.arenaBytes) }
    guard let layout else {
      throw MessageDecodingError(kind: state.pointee.isExhausted ? .budgetExceeded : .malformed)
    }
    if descriptor.hasRequired, !isPart {
      try normalizer.output.withUnsafeBufferPointer { (bytes) throws(MessageDecodingError) in
        try RequiredScan.check(UnsafeRawBufferPointer(bytes), as: descriptor)
      }
    }
    return layout
  }

  /// What is left after the careful way: only text that a first, optimistic reading did not come to.
  @usableFromInline
  func throwRemainingProblems() throws(MessageDecodingError) {
    if problems.contains(.invalidText) { throw MessageDecodingError(kind: .invalidUTF8) }
    if !problems.isEmpty { throw MessageDecodingError(kind: .malformed) }
  }

  private var problems: Problems { state.pointee.problems }

  /// The format's own limit, 2 GiB less a byte.
  private static let largestMessage = Int(Int32.max)
}
