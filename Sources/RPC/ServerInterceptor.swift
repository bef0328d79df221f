/// Work around the handler of every call that was admitted: metrics, trace, log.
///
/// Interceptors are composed once, at start, in the order given: the first is the outermost. One that does not call
/// `next` must throw, since the call would otherwise end without a response.
///
/// `next` returns when the handler does. How and when the call ends, `Call.whenEnded` tells:
///
///     func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws {
///       let start = ContinuousClock.now
///       call.whenEnded { error in log(call.method, error?.code ?? .ok, ContinuousClock.now - start) }
///       try await next(call)
///     }
public protocol ServerInterceptor: Sendable {
  func intercept(_ call: Call, next: @Sendable (Call) async throws -> Void) async throws
}

/// Puts the interceptors around a handler; the first is the outermost.
func compose(
  _ interceptors: [any ServerInterceptor],
  around handler: @escaping CallHandler
) -> CallHandler {
  var composed = handler
  for interceptor in interceptors.reversed() {
    let next = composed
    composed = { call in try await interceptor.intercept(call) { try await next($0) } }
  }
  return composed
}
