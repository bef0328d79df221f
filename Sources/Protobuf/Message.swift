/// Placeholder with the shape of the codec's protocol; the codec branch replaces this file.
public struct UnknownFields: Sendable, Hashable { public init() {} }

public struct DecodingLimits: Sendable {
  public static let `default` = DecodingLimits()
  public init() {}
}

public struct MessageDecodingError: Error, Sendable {
  public enum Kind: Sendable { case malformed, invalidUTF8, tooDeep, budgetExceeded }
  public var kind: Kind
  public var path: String
  public var byteOffset: Int?
  public init(kind: Kind, path: String = "", byteOffset: Int? = nil) {
    self.kind = kind
    self.path = path
    self.byteOffset = byteOffset
  }
}

public protocol Message: Sendable, Hashable {
  init()
  static var protoName: String { get }
  var unknownFields: UnknownFields { get set }
  init(serializedBytes: UnsafeRawBufferPointer, limits: DecodingLimits) throws(MessageDecodingError)
  func withSerializedBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension Message {
  public init(serializedBytes: [UInt8], limits: DecodingLimits = .default) throws(MessageDecodingError) {
    let result: Result<Self, MessageDecodingError> = serializedBytes.withUnsafeBytes { bytes in
      do throws(MessageDecodingError) {
        return .success(try Self(serializedBytes: bytes, limits: limits))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }
  public func serializedBytes(deterministic: Bool = false) -> [UInt8] { withSerializedBytes { [UInt8]($0) } }
}

public enum GoogleProtobuf {
  public struct `Any`: Sendable, Hashable {
    public var typeUrl: String
    public var value: [UInt8]
    public init(typeUrl: String = "", value: [UInt8] = []) {
      self.typeUrl = typeUrl
      self.value = value
    }
  }
}
