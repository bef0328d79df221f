import Protobuf

/// The messages of a streamed request, in order. One reader at a time; reading lets the client send more.
public struct RequestStream<Element: Message>: AsyncSequence, Sendable {
  let call: Call

  /// The messages of a call whose method takes many.
  public init(_ call: Call) { self.call = call }

  public struct AsyncIterator: AsyncIteratorProtocol {
    let call: Call

    public mutating func next() async throws -> Element? {
      guard let bytes = try await call.nextRequest() else { return nil }
      return try call.decode(bytes)
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(call: call) }
}
