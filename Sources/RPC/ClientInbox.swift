/// What came back on a call, and who waits for it. Belongs to the loop of the call's transport.
public struct ClientInbox {
  private enum Outcome {
    case ok
    case failed(RPCError)
  }

  private var messages = Queue<ReceivedMessage>()
  private var reader: CheckedContinuation<ReceivedMessage?, any Error>?
  private var metadata: Metadata?
  private var metadataReaders: [CheckedContinuation<Metadata, any Error>] = []
  private var outcome: Outcome?
  /// Bytes of the messages that nobody has taken.
  public private(set) var queuedBytes = 0

  public init() {}

  public var isFinished: Bool { outcome != nil }
  public var isEmpty: Bool { messages.isEmpty }
  /// Why the call failed, once it has.
  public var failure: RPCError? {
    if case .failed(let error) = outcome { error } else { nil }
  }

  /// The response headers are there.
  public mutating func receive(metadata: Metadata) {
    guard self.metadata == nil else { return }
    self.metadata = metadata
    for reader in metadataReaders { reader.resume(returning: metadata) }
    metadataReaders = []
  }

  /// A message is there.
  public mutating func receive(message: ReceivedMessage) {
    guard outcome == nil else { return }
    if let reader {
      self.reader = nil
      reader.resume(returning: message)
    } else {
      messages.append(message)
      queuedBytes += message.bytes.count
    }
  }

  /// The call is over. Messages that are there are still handed out, unless `drop` says otherwise.
  public mutating func finish(_ error: RPCError?, drop: Bool = false) {
    guard outcome == nil else { return }
    outcome = error.map { .failed($0) } ?? .ok
    if drop {
      messages.removeAll()
      queuedBytes = 0
    }
    if let reader {
      self.reader = nil
      if let error { reader.resume(throwing: error) } else { reader.resume(returning: nil) }
    }
    for reader in metadataReaders {
      if let error { reader.resume(throwing: error) } else { reader.resume(returning: Metadata()) }
    }
    metadataReaders = []
  }

  /// Gives the next message, or the end, as soon as it is there.
  public mutating func next(_ continuation: CheckedContinuation<ReceivedMessage?, any Error>) {
    if let message = messages.popFirst() {
      queuedBytes -= message.bytes.count
      continuation.resume(returning: message)
      return
    }
    switch outcome {
    case .ok: continuation.resume(returning: nil)
    case .failed(let error): continuation.resume(throwing: error)
    case nil:
      guard reader == nil else {
        continuation.resume(throwing: RPCError(.internal, "a response has one reader at a time"))
        return
      }
      reader = continuation
    }
  }

  /// Gives the response headers as soon as they are there.
  public mutating func metadata(_ continuation: CheckedContinuation<Metadata, any Error>) {
    if let metadata { return continuation.resume(returning: metadata) }
    switch outcome {
    case .ok: continuation.resume(returning: Metadata())
    case .failed(let error): continuation.resume(throwing: error)
    case nil: metadataReaders.append(continuation)
    }
  }
}
