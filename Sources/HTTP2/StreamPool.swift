/// A loop's streams that are closed, for the connections of a server to use again. Only touched on the loop.
final class StreamPool: @unchecked Sendable {
  /// Closed streams that are kept.
  private static let capacity = 512

  @exclusivity(unchecked) private var streams: [ServerStream] = []

  func take() -> ServerStream? { streams.popLast() }

  func put(_ stream: ServerStream) {
    if streams.count < Self.capacity { streams.append(stream) }
  }
}
