import CNghttp2
import NIOCore
import RPC
import Testing

@testable import HTTP2

/// What nghttp2 does not send is never lost in silence.
@Suite struct SessionTests {
  private final class Stream: SessionStream {
    var ending: HeaderList?
    var refusals: [Int32] = []

    override func produce(into buffer: UnsafeMutableRawBufferPointer) -> Session.Production {
      .last(0, trailers: ending)
    }

    override func didNotSend(_ libraryError: Int32) { refusals.append(libraryError) }
  }

  /// A server's session with one request on it.
  private final class Owner: SessionOwner {
    let stream = Stream()

    func sessionOpensStream(_ id: Int32) -> Unmanaged<SessionStream>? {
      stream.id = id
      return .passUnretained(stream)
    }

    func session(_ session: Session, didReceive frame: Session.ControlFrame) {}

    /// Sends what `submit` submits; gives what nghttp2 does not take of it.
    func refusals(of submit: (Session, Stream) -> Void) throws -> [Int32] {
      let session = try #require(
        Session(role: .server, limits: Limits(), maxSentHeaderBytes: 64 << 10, owner: self))
      let request = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "x")].map {
        (name: $0.0, value: $0.1)
      }
      let frames = RawFrame.settings([]).bytes + RawFrame.headers(1, request, end: true).bytes
      let said = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frames
      #expect(said.withUnsafeBytes { session.receive($0) } == nil)
      submit(session, stream)
      var buffer = ByteBuffer()
      #expect(session.send(into: &buffer, limit: .max))
      return stream.refusals
    }
  }

  private static let large: Metadata = ["x-large": String(repeating: "x", count: 100_000)]

  @Test func headersThatAreTooLarge() throws {
    let refusals = try Owner().refusals { session, stream in
      session.submitResponse(stream, HeaderList(.response(.protobuf), Self.large), hasBody: true)
    }
    #expect(refusals == [NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue])
  }

  @Test func trailersThatAreTooLarge() throws {
    let refusals = try Owner().refusals { session, stream in
      stream.ending = HeaderList(.okTrailers, Self.large)
      session.submitResponse(stream, HeaderList(.response(.protobuf)), hasBody: true)
    }
    #expect(refusals == [NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue])
  }

  @Test func headersOfAStreamThatIsNone() throws {
    let refusals = try Owner().refusals { session, stream in
      stream.id = 0
      session.submitResponse(stream, HeaderList(.response(.protobuf)), hasBody: true)
    }
    #expect(refusals == [NGHTTP2_ERR_INVALID_ARGUMENT.rawValue])
  }

  @Test func nothingIsSaidOfAStreamThatIsOver() throws {
    let refusals = try Owner().refusals { session, stream in
      session.submitResponse(stream, HeaderList(.response(.protobuf)), hasBody: true)
      session.reset(stream, errorCode: NGHTTP2_CANCEL)
    }
    #expect(refusals.isEmpty)
  }
}
