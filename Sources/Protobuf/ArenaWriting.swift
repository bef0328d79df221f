import CProtobufC

// What generated `_fill` hooks are made of. All of it is inlinable: behind a module boundary encoding takes three times
// as long.

extension Arena {
  /// A zeroed layout with its descriptor set.
  @inlinable @inline(__always)
  public func make<Layout>(_ layout: Layout.Type, _ descriptor: MessageDescriptor) -> UnsafeMutablePointer<Layout> {
    let size = (MemoryLayout<Layout>.size &+ 7) & ~7
    let block = allocate(size)
    block.initializeMemory(as: UInt64.self, repeating: 0, count: size &>> 3)
    block.assumingMemoryBound(to: WireMessage.self).pointee.descriptor = descriptor.packing
    return block.assumingMemoryBound(to: Layout.self)
  }

  @inlinable @inline(__always)
  public func store(_ text: borrowing String) -> WireBytes { withUnsafePointer(to: text) { store($0) } }

  /// Text where it lies: to take it out of its message would count a reference up and down.
  @inlinable @inline(__always)
  public func store(_ text: UnsafePointer<String>) -> WireBytes {
    guard state.pointee.knowsShortText else { return storeLong(text) }
    let (low, high) = UnsafeRawPointer(text).load(as: ShortText.Words.self)
    guard high & ShortText.mark != 0 else { return storeLong(text) }
    let block = allocate(16)
    block.storeBytes(of: low, as: UInt64.self)
    block.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
    return WireBytes(len: ShortText.count(high), data: block.assumingMemoryBound(to: UInt8.self))
  }

  @inlinable @inline(never)
  func storeLong(_ text: UnsafePointer<String>) -> WireBytes {
    let text = text.pointee
    let stored = text.utf8.withContiguousStorageIfAvailable { store(UnsafeRawBufferPointer($0)) }
    return stored ?? store(Array(text.utf8))
  }

  @inlinable @inline(__always)
  public func store(_ bytes: [UInt8]) -> WireBytes { bytes.withUnsafeBytes { store($0) } }

  @inlinable @inline(__always)
  func store(_ bytes: UnsafeRawBufferPointer) -> WireBytes {
    guard let source = bytes.baseAddress, bytes.count != 0 else { return WireBytes() }
    let block = allocate(bytes.count)
    block.copyMemory(from: source, byteCount: bytes.count)
    return WireBytes(len: bytes.count, data: block.assumingMemoryBound(to: UInt8.self))
  }

  @inlinable @inline(__always)
  public func storeOne<M: Message>(_ message: borrowing M) -> WireMessages {
    single(withUnsafePointer(to: message) { M._fill($0, self) })
  }

  /// A sub-message that may be absent. It is read where it lies: unwrapping would copy it, with all that it refers to.
  @inlinable @inline(__always)
  public func store<M: Message>(_ message: borrowing M?) -> WireMessages {
    withUnsafePointer(to: message) { optional in
      guard case .some = optional.pointee else { return WireMessages(count: 0, items: nil) }
      // What an optional wraps begins where the optional begins.
      return single(M._fill(UnsafeRawPointer(optional).assumingMemoryBound(to: M.self), self))
    }
  }

  /// A sub-message that is no element of a list is packed through its pointer, see `DescriptorFile`.
  @inlinable @inline(__always)
  func single(_ layout: UnsafeMutableRawPointer) -> WireMessages {
    WireMessages(count: 1, items: layout.assumingMemoryBound(to: UnsafeMutableRawPointer.self))
  }

  @inlinable @inline(__always)
  public func store<M: Message>(_ messages: [M]) -> WireMessages {
    let count = messages.count
    guard count != 0 else { return WireMessages(count: 0, items: nil) }
    let items = array(of: UnsafeMutableRawPointer.self, count)
    messages.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for index in 0..<count { (items + index).initialize(to: M._fill(base + index, self)) }
    }
    return WireMessages(count: count, items: items)
  }

  @inlinable @inline(__always)
  public func store(_ texts: [String]) -> WireList<WireBytes> {
    let count = texts.count
    guard count != 0 else { return WireList(count: 0, items: nil) }
    let items = array(of: WireBytes.self, count)
    texts.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for index in 0..<count { (items + index).initialize(to: store(base + index)) }
    }
    return WireList(count: count, items: items)
  }

  @inlinable @inline(__always)
  public func store(_ blobs: [[UInt8]]) -> WireList<WireBytes> {
    let count = blobs.count
    guard count != 0 else { return WireList(count: 0, items: nil) }
    let items = array(of: WireBytes.self, count)
    for index in 0..<count { (items + index).initialize(to: store(blobs[index])) }
    return WireList(count: count, items: items)
  }

  @inlinable @inline(__always)
  public func store<Scalar: BitwiseCopyable>(_ scalars: [Scalar]) -> WireList<Scalar> {
    let count = scalars.count
    guard count != 0 else { return WireList(count: 0, items: nil) }
    let items = array(of: Scalar.self, count)
    scalars.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { items.initialize(from: base, count: count) }
    }
    return WireList(count: count, items: items)
  }

  @inlinable @inline(__always)
  public func store(_ flags: [Bool]) -> WireList<UInt64> {
    let count = flags.count
    guard count != 0 else { return WireList(count: 0, items: nil) }
    let items = array(of: UInt64.self, count)
    for index in 0..<count { (items + index).initialize(to: flags[index] ? 1 : 0) }
    return WireList(count: count, items: items)
  }

  @inlinable @inline(__always)
  public func store<Enum: ProtobufEnum>(_ values: [Enum]) -> WireList<Int32> {
    let count = values.count
    guard count != 0 else { return WireList(count: 0, items: nil) }
    let items = array(of: Int32.self, count)
    for index in 0..<count { (items + index).initialize(to: values[index].rawValue) }
    return WireList(count: count, items: items)
  }

  /// The entries of a map; `body` makes the layout of one.
  @inlinable @inline(__always)
  public func store<Key: MapKey, Value>(
    _ map: [Key: Value],
    _ body: (Key, borrowing Value) -> UnsafeMutableRawPointer
  ) -> WireMessages {
    let count = map.count
    guard count != 0 else { return WireMessages(count: 0, items: nil) }
    let items = array(of: UnsafeMutableRawPointer.self, count)
    var index = 0
    if isDeterministic {
      for entry in map.sorted(by: { Key.precedes($0.key, $1.key) }) {
        (items + index).initialize(to: body(entry.key, entry.value))
        index &+= 1
      }
    } else {
      for (key, value) in map {
        (items + index).initialize(to: body(key, value))
        index &+= 1
      }
    }
    return WireMessages(count: count, items: items)
  }

  @inlinable @inline(__always)
  func array<Element>(of type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
    allocate(count &* MemoryLayout<Element>.stride).assumingMemoryBound(to: Element.self)
  }
}

/// What a map may have as key: the order of deterministic encoding is that of the numbers, or of the UTF-8 bytes.
public protocol MapKey: Hashable {
  static func precedes(_ left: Self, _ right: Self) -> Bool
}

extension MapKey where Self: Comparable {
  @inlinable
  public static func precedes(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension Int32: MapKey {}
extension Int64: MapKey {}
extension UInt32: MapKey {}
extension UInt64: MapKey {}
extension String: MapKey {
  @inlinable
  public static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}
extension Bool: MapKey {
  @inlinable
  public static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }
}
