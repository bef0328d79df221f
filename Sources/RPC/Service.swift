import Protobuf

/// What a server offers: generated protocols refine it, and domains conform to those.
public protocol Service: Sendable {
  static var descriptor: ServiceDescriptor { get }
  var methods: [ServiceMethod] { get }
}

/// A method with its handler; messages are decoded and encoded here, so that all else deals in bytes.
public struct ServiceMethod: Sendable {
  public let descriptor: MethodDescriptor
  let handle: CallHandler

  @usableFromInline
  init(descriptor: MethodDescriptor, handle: @escaping CallHandler) {
    self.descriptor = descriptor
    self.handle = handle
  }

  @inlinable
  public static func unary<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, Call) async throws -> Response
  ) -> ServiceMethod {
    ServiceMethod(descriptor: descriptor) { call in
      let request = try call.decodeSingleRequest(as: Request.self)
      let response = try await handler(request, call)
      call.stageSingleResponse(response)
    }
  }

  public static func serverStreaming<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (Request, ResponseStream<Response>, Call) async throws -> Void
  ) -> ServiceMethod {
    ServiceMethod(descriptor: descriptor) { call in
      let request = try call.decodeSingleRequest(as: Request.self)
      try await handler(request, ResponseStream(call: call), call)
    }
  }

  public static func clientStreaming<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (RequestStream<Request>, Call) async throws -> Response
  ) -> ServiceMethod {
    ServiceMethod(descriptor: descriptor) { call in
      let response = try await handler(RequestStream(call: call), call)
      call.stageSingleResponse(response)
    }
  }

  public static func bidirectional<Request: Message, Response: Message>(
    _ descriptor: MethodDescriptor,
    _ handler: @escaping @Sendable (RequestStream<Request>, ResponseStream<Response>, Call) async throws -> Void
  ) -> ServiceMethod {
    ServiceMethod(descriptor: descriptor) { call in
      try await handler(RequestStream(call: call), ResponseStream(call: call), call)
    }
  }
}
