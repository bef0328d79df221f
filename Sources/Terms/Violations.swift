import RPC

/// Collects what is wrong with a request, so that the caller learns of everything at once.
public struct Violations: Sendable {
  private var found: [RPCError.FieldViolation] = []

  public init() {}

  public var isEmpty: Bool { found.isEmpty }

  public mutating func add(_ field: String, _ description: String) {
    found.append(RPCError.FieldViolation(field: field, description: description))
  }

  /// What `body` makes; nil, and its violations kept, when it throws.
  public mutating func take<Value>(_ body: () throws(RPCError) -> Value) -> Value? {
    do throws(RPCError) {
      return try body()
    } catch {
      found += error.violations
      return nil
    }
  }

  /// INVALID_ARGUMENT with everything that was found.
  public var error: RPCError { .badRequest(found) }
}
