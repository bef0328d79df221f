import CProtobufC

// The pieces generated layouts are made of. Their shape is what protobuf-c expects at the offsets a `MessageTable`
// gives.

/// What every layout begins with: its descriptor and its unknown fields.
public typealias WireMessage = ProtobufCMessage

/// The bytes of a `string` or `bytes` field, in the arena.
public typealias WireBytes = ProtobufCBinaryData

/// A singular scalar, string or bytes field and whether it is there.
@frozen
public struct WireOptional<Value: BitwiseCopyable>: BitwiseCopyable {
  public var value: Value
  public var presence: Int32

  @inlinable @inline(__always)
  public init(_ value: Value) {
    self.value = value
    presence = 1
  }

  @inlinable @inline(__always)
  public var isPresent: Bool { presence != 0 }
}

/// A repeated field. Singular sub-messages are lists as well: one that came in several parts is merged here, not by
/// protobuf-c, whose merging loses unknown fields and refuses valid input.
@frozen
public struct WireList<Element: BitwiseCopyable>: BitwiseCopyable {
  public var count: Int
  public var items: UnsafeMutablePointer<Element>?

  @inlinable @inline(__always)
  public init(count: Int, items: UnsafeMutablePointer<Element>?) {
    self.count = count
    self.items = items
  }

  @inlinable @inline(__always)
  public var isPresent: Bool { count != 0 }
}

/// Sub-messages: pointers to their layouts, which are private to the file that declares them.
public typealias WireMessages = WireList<UnsafeMutableRawPointer>
