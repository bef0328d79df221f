/// Work around every call of a channel: credentials, trace, metrics.
///
/// An interceptor may change the options before it calls `next`, wrap the stream that comes back to see what travels on it,
/// or throw in place of a call.
public protocol ClientInterceptor: Sendable {
  func intercept(
    _ method: MethodDescriptor,
    options: CallOptions,
    next: @Sendable (CallOptions) async throws -> any ClientStream
  ) async throws -> any ClientStream
}

/// A channel whose calls go through interceptors. They are composed once, in the order given: the first is the outermost.
public struct InterceptedChannel: Channel {
  private let begin: @Sendable (MethodDescriptor, CallOptions) async throws -> any ClientStream

  public init(_ channel: any Channel, interceptors: [any ClientInterceptor]) {
    var composed: @Sendable (MethodDescriptor, CallOptions) async throws -> any ClientStream = {
      try await channel.open($0, options: $1)
    }
    for interceptor in interceptors.reversed() {
      let next = composed
      composed = { method, options in
        try await interceptor.intercept(method, options: options) { try await next(method, $0) }
      }
    }
    begin = composed
  }

  public func open(_ method: MethodDescriptor, options: CallOptions) async throws -> any ClientStream {
    try await begin(method, options)
  }
}
