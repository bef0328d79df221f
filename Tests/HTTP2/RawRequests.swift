import NIOConcurrencyHelpers

/// What a `RawServer` got on its streams, in the order in which they began.
final class RawRequests: Sendable {
  private struct Request {
    let connection: Int
    let stream: Int
    var body: [UInt8] = []
  }

  private let requests = NIOLockedValueBox<[Request]>([])

  /// The bytes of each request so far.
  var bodies: [[UInt8]] { requests.withLockedValue { $0.map(\.body) } }
  /// The connection of each request.
  var connections: [Int] { requests.withLockedValue { $0.map(\.connection) } }

  /// A script that calls `answer` at the end of each request, with its number from 0.
  func script(
    _ answer: @escaping @Sendable (_ connection: RawConnection, _ stream: Int, _ request: Int) -> Void
  ) -> RawServer.Script {
    { connection, frame in
      let number = self.note(connection, frame)
      if frame.endsStream, let number { answer(connection, frame.stream, number) }
    }
  }

  /// Notes a frame; gives the number of its request.
  func note(_ connection: RawConnection, _ frame: RawFrame) -> Int? {
    requests.withLockedValue { requests in
      switch frame.kind {
      case .headers:
        requests.append(Request(connection: connection.number, stream: frame.stream))
        return requests.count - 1
      case .data:
        let index = requests.lastIndex { $0.connection == connection.number && $0.stream == frame.stream }
        if let index { requests[index].body += frame.payload }
        return index
      default: return nil
      }
    }
  }
}

extension RawConnection {
  /// Answers a call with a message.
  func reply(_ stream: Int, _ reply: Reply = Reply(name: "done")) {
    send(.response(stream), .message(stream, reply.serializedBytes()), .trailers(stream))
  }
}
