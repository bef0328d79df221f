/// Storage for a field whose message contains, directly or through others, the type it belongs to.
@frozen
public indirect enum Boxed<Wrapped: Sendable & Hashable>: Sendable, Hashable {
  case boxed(Wrapped)

  @inlinable
  public init(_ value: Wrapped) { self = .boxed(value) }

  @inlinable
  public var value: Wrapped {
    switch self {
    case .boxed(let value): value
    }
  }
}
