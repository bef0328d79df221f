/// A method as a server runs it: the descriptor, what decides about its calls, and the handler within its interceptors.
public final class Endpoint: Sendable {
  public let method: MethodDescriptor
  /// The method's kind, here as well so that asking for it copies no descriptor.
  public let kind: MethodKind
  /// Whether the handler runs among the costly ones.
  let isCostly: Bool
  /// Whether the handler runs however many others do.
  let isVital: Bool
  let path: [UInt8]
  let admissions: [any Admission]
  /// Whether anything is asked about a call before it begins; here as well so that asking for it copies no list.
  let hasAdmissions: Bool
  let handle: CallHandler

  init(method: MethodDescriptor, admissions: [any Admission], handle: @escaping CallHandler) {
    self.method = method
    self.kind = method.kind
    isCostly = method.execution == .costly && method.kind == .unary
    isVital = method.execution == .vital
    self.path = Array(method.path.utf8)
    self.admissions = admissions
    hasAdmissions = !admissions.isEmpty
    self.handle = handle
  }
}

/// Why services cannot be put together.
public enum RouterError: Error, Sendable, Hashable {
  /// Two methods have this path.
  case duplicateMethod(String)
  /// The contract does not say who may call the method with this path.
  case accessUnspecified(String)
}

/// Finds the endpoint for a path. Built at start, read only afterwards.
public struct Router: Sendable {
  private let admissions: [any Admission]
  private let interceptors: [any ServerInterceptor]
  /// The descriptors of all registered services.
  public private(set) var services: [ServiceDescriptor] = []
  private var endpoints: [Endpoint] = []
  /// Open addressing, a power of two, at most half full: indices of `endpoints` plus one, 0 for free.
  private var slots: [Int32] = [0, 0]

  /// Throws when two methods share a path or a method's access is unspecified.
  ///
  /// - Parameters:
  ///   - admissions: Decide by the headers of a call whether it goes on, in this order.
  ///   - interceptors: Are put around the handlers; the first is the outermost.
  public init(
    services: [any Service] = [],
    admissions: [any Admission] = [],
    interceptors: [any ServerInterceptor] = []
  ) throws(RouterError) {
    self.admissions = admissions
    self.interceptors = interceptors
    for service in services { try register(service) }
  }

  /// Adds a service. `access` and `execution`, where given, replace what the contract says, for contracts written by
  /// others.
  public mutating func register(
    _ service: some Service,
    access: Access? = nil,
    execution: Execution? = nil
  ) throws(RouterError) {
    services.append(type(of: service).descriptor)
    for method in service.methods {
      let descriptor = method.descriptor.with(access: access, execution: execution)
      guard descriptor.access != .unspecified else { throw .accessUnspecified(descriptor.path) }
      let endpoint = Endpoint(
        method: descriptor, admissions: admissions, handle: compose(interceptors, around: method.handle))
      let path = endpoint.path
      guard self.endpoint(path: path.span) == nil else { throw .duplicateMethod(descriptor.path) }
      endpoints.append(endpoint)
      rebuild()
    }
  }

  /// The endpoint for a `:path`, or nil, which the client hears as UNIMPLEMENTED.
  public func endpoint(path: Span<UInt8>) -> Endpoint? {
    let mask = slots.count - 1
    var slot = Router.hash(path) & mask
    while true {
      let index = Int(slots[slot])
      if index == 0 { return nil }
      let endpoint = endpoints[index - 1]
      if Router.isEqual(endpoint.path, path) { return endpoint }
      slot = (slot + 1) & mask
    }
  }

  private mutating func rebuild() {
    var size = 2
    while size < endpoints.count * 2 { size *= 2 }
    slots = [Int32](repeating: 0, count: size)
    for (index, endpoint) in endpoints.enumerated() {
      let path = endpoint.path
      var slot = Router.hash(path.span) & (size - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(index + 1)
    }
  }

  private static func hash(_ path: Span<UInt8>) -> Int {
    path.withUnsafeBytes { bytes in
      var hash: UInt64 = 0x9e37_79b9_7f4a_7c15
      var offset = 0
      while offset &+ 8 <= bytes.count {
        hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9fb2_1c65_1e98_df25
        hash ^= hash >> 29
        offset &+= 8
      }
      while offset < bytes.count {
        hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01b3
        offset &+= 1
      }
      return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
    }
  }

  private static func isEqual(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }
}

extension MethodDescriptor {
  fileprivate func with(access: Access?, execution: Execution?) -> MethodDescriptor {
    MethodDescriptor(
      service: service, name: name, kind: kind, access: access ?? self.access, idempotency: idempotency,
      execution: execution ?? self.execution)
  }
}
