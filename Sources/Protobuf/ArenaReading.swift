import CProtobufC

// What generated `_read` hooks are made of. All of it is inlinable: behind a module boundary decoding takes twice as
// long.

extension Arena {
  /// The text of a `string` field. Bytes that are not UTF-8 are noted as a problem and read as empty.
  @inlinable @inline(__always)
  public func string(_ bytes: WireBytes) -> String {
    guard bytes.len != 0, let data = bytes.data else { return "" }
    return text(UnsafePointer(data), bytes.len)
  }

  /// The text of a map key or value, empty when absent.
  @inlinable @inline(__always)
  public func string(_ field: WireOptional<WireBytes>) -> String { string(field.value) }

  /// Short ASCII, which most text is, moves by words: blocks of an arena are aligned and padded, so reading the last
  /// word whole stays inside the block.
  @inlinable @inline(never)
  func text(_ data: UnsafePointer<UInt8>, _ count: Int) -> String {
    guard count <= ShortText.capacity, state.pointee.knowsShortText else { return longText(data, count) }
    let source = UnsafeRawPointer(data)
    var low = source.load(as: UInt64.self)
    var high: UInt64 = 0
    if count > 8 {
      high = source.load(fromByteOffset: 8, as: UInt64.self) & ((1 &<< UInt64((count &- 8) &* 8)) &- 1)
    } else if count < 8 {
      low &= (1 &<< UInt64(count &* 8)) &- 1
    }
    guard (low | high) & 0x8080_8080_8080_8080 == 0 else { return longText(data, count) }
    return ShortText.text(of: (low, high | ShortText.asciiMark | UInt64(truncatingIfNeeded: count) &<< 56))
  }

  @usableFromInline @inline(never)
  func longText(_ data: UnsafePointer<UInt8>, _ count: Int) -> String {
    let bytes = Span(_unsafeElements: UnsafeBufferPointer(start: data, count: count))
    guard let text = try? UTF8Span(validating: bytes) else {
      note(.invalidText)
      return ""
    }
    return String(copying: text)
  }

  @inlinable @inline(__always)
  public func bytes(_ bytes: WireBytes) -> [UInt8] {
    bytes.len == 0 ? [] : Array(UnsafeBufferPointer(start: bytes.data, count: bytes.len))
  }

  @inlinable @inline(__always)
  public func bytes(_ field: WireOptional<WireBytes>) -> [UInt8] { bytes(field.value) }

  /// Sub-messages read in place: a large struct that is returned by value gets copied and destroyed.
  @inlinable @inline(__always)
  public func merge<M: Message>(_ parts: WireMessages, into field: inout M?) {
    guard parts.count != 0, let items = parts.items else { return }
    if case nil = field { field = M() }
    for index in 0..<parts.count { field?._read(items[index], self) }
  }

  @inlinable @inline(__always)
  public func merge<M: Message>(_ parts: WireMessages, into message: inout M) {
    guard let items = parts.items else { return }
    for index in 0..<parts.count { message._read(items[index], self) }
  }

  @inlinable @inline(__always)
  public func append<M: Message>(_ list: WireMessages, to field: inout [M]) {
    guard list.count != 0, let items = list.items else { return }
    if field.isEmpty {
      field = [M](unsafeUninitializedCapacity: list.count) { buffer, count in
        guard let base = buffer.baseAddress else { return }
        for index in 0..<list.count {
          (base + index).initialize(to: M())
          base[index]._read(items[index], self)
        }
        count = list.count
      }
      return
    }
    for index in 0..<list.count {
      field.append(M())
      field[field.count &- 1]._read(items[index], self)
    }
  }

  @inlinable @inline(__always)
  public func append(_ list: WireList<WireBytes>, to field: inout [String]) {
    guard list.count != 0, let items = list.items else { return }
    field.reserveCapacity(field.count + list.count)
    for index in 0..<list.count { field.append(string(items[index])) }
  }

  @inlinable @inline(__always)
  public func append(_ list: WireList<WireBytes>, to field: inout [[UInt8]]) {
    guard list.count != 0, let items = list.items else { return }
    field.reserveCapacity(field.count + list.count)
    for index in 0..<list.count { field.append(bytes(items[index])) }
  }

  @inlinable @inline(__always)
  public func append<Scalar: BitwiseCopyable>(_ list: WireList<Scalar>, to field: inout [Scalar]) {
    guard list.count != 0 else { return }
    let values = UnsafeBufferPointer(start: list.items, count: list.count)
    if field.isEmpty { field = Array(values) } else { field.append(contentsOf: values) }
  }

  @inlinable @inline(__always)
  public func append(_ list: WireList<UInt64>, to field: inout [Bool]) {
    guard list.count != 0, let items = list.items else { return }
    field.reserveCapacity(field.count + list.count)
    for index in 0..<list.count { field.append(items[index] != 0) }
  }

  @inlinable @inline(__always)
  public func append<Enum: ProtobufEnum>(_ list: WireList<Int32>, to field: inout [Enum]) {
    guard list.count != 0, let items = list.items else { return }
    field.reserveCapacity(field.count + list.count)
    for index in 0..<list.count { field.append(Enum(rawValue: items[index])) }
  }

  /// Room for the entries of a map. What a peer says is not trusted beyond a few: many entries may have the same key.
  @inlinable @inline(__always)
  public func reserve<Key: Hashable, Value>(_ list: WireMessages, in map: inout [Key: Value]) {
    if list.count > 1 { map.reserveCapacity(map.count &+ min(list.count, 16)) }
  }

  /// Hands the entries of a map to `body` one by one; what comes later replaces what came earlier.
  @inlinable @inline(__always)
  public func forEachEntry<Layout>(
    _ list: WireMessages,
    _ layout: Layout.Type,
    _ body: (UnsafePointer<Layout>) -> Void
  ) {
    guard list.count != 0, let items = list.items else { return }
    for index in 0..<list.count {
      let entry = UnsafeRawPointer(items[index])
      UnknownFields.check(entry, self)
      body(entry.assumingMemoryBound(to: Layout.self))
    }
  }

  /// Of the members of a oneof at most one may be there, or else only the order of the bytes tells which one counts.
  @inlinable @inline(__always)
  public func expectAtMostOne(_ presentMembers: Int) {
    if presentMembers > 1 { note(.crowdedOneof) }
  }

  @inlinable
  var isNormalized: Bool { state.pointee.isNormalized }
}

extension WireOptional {
  /// 1 or 0, to count the members of a oneof.
  @inlinable @inline(__always)
  public var presentCount: Int { presence != 0 ? 1 : 0 }
}

extension WireList {
  /// 1 or 0, to count the members of a oneof.
  @inlinable @inline(__always)
  public var presentCount: Int { count != 0 ? 1 : 0 }
}
