import Protobuf

/// What a server offers: generated protocols refine it, and domains conform to those.
public protocol Service: Sendable {
  static var descriptor: ServiceDescriptor { get }
  var methods: [ServiceMethod] { get }
}

/// Runs a call on the loop that it is called on: it stays where the caller is, and nothing is switched on the way.
public typealias CallHandler = nonisolated(nonsending) @Sendable (Call) async throws -> Void

/// A method with its handler. Generated code makes them, in the form that its kind asks for:
///
///     ServiceMethod(unary) { call in call.reply(with: try await get(try call.request(), call)) }
///     ServiceMethod(serverStreaming) { call in try await watch(try call.request(), ResponseStream(call), call) }
///     ServiceMethod(clientStreaming) { call in call.reply(with: try await add(RequestStream(call), call)) }
///     ServiceMethod(bidirectional) { call in try await talk(RequestStream(call), ResponseStream(call), call) }
///
/// Messages are decoded and encoded within the handler, where their types are known, so that all else deals in bytes.
public struct ServiceMethod: Sendable {
  public let descriptor: MethodDescriptor
  let handle: CallHandler

  public init(_ descriptor: MethodDescriptor, _ handle: @escaping CallHandler) {
    self.descriptor = descriptor
    self.handle = handle
  }
}

/// For methods that no contract declares: typed handlers, written where the service is.
extension ServiceMethod {
  public static func unary<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, Call) async throws -> Response
  ) -> ServiceMethod {
    ServiceMethod(descriptor) { call in call.reply(with: try await handler(try call.request(), call)) }
  }

  public static func serverStreaming<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, ResponseStream<Response>, Call) async throws -> Void
  ) -> ServiceMethod {
    ServiceMethod(descriptor) { call in try await handler(try call.request(), ResponseStream(call), call) }
  }

  public static func clientStreaming<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (RequestStream<Request>, Call) async throws -> Response
  ) -> ServiceMethod {
    ServiceMethod(descriptor) { call in call.reply(with: try await handler(RequestStream(call), call)) }
  }

  public static func bidirectional<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (RequestStream<Request>, ResponseStream<Response>, Call) async throws -> Void
  ) -> ServiceMethod {
    ServiceMethod(descriptor) { call in try await handler(RequestStream(call), ResponseStream(call), call) }
  }
}
