public protocol Message: Sendable, Hashable {
  init()
  static var protoName: String { get }
  init(_standInBytes: [UInt8]) throws
  func serializedBytes(deterministic: Bool) -> [UInt8]
  func firstDifference(from other: Self) -> String?
}
extension Message {
  public init(serializedBytes bytes: [UInt8]) throws { try self.init(_standInBytes: bytes) }
  public func serializedBytes() -> [UInt8] { serializedBytes(deterministic: false) }
}
