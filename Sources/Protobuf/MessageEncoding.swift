import CProtobufC

extension Message {
  /// The message in wire format. At most 2 GiB.
  ///
  /// - Parameter deterministic: Writes map entries in the order of their keys, so that equal messages give equal bytes.
  @inlinable
  public borrowing func serializedBytes(deterministic: Bool = false) -> [UInt8] {
    withSerializedBytes(deterministic: deterministic) { Array($0) }
  }

  /// Lends the message in wire format without making an array of it; the bytes are gone when `body` returns.
  @inlinable
  public borrowing func withSerializedBytes<R>(
    deterministic: Bool = false,
    _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let arena = Arena.acquire()
    defer { arena.release() }
    arena.state.pointee.isDeterministic = deterministic
    let layout = withUnsafePointer(to: self) { Self._fill($0, arena) }
    return try body(arena.pack(layout))
  }
}

extension Arena {
  /// Packs a tree into the arena.
  ///
  /// protobuf-c packs without knowing sizes and moves what it wrote, so room for the largest possible outcome beats
  /// asking for the exact size. Four times the tree is such room, by what each piece of a tree takes and gives at most:
  /// - a present scalar: at least 8 bytes; tag 5 and value 10
  /// - an element of a list that is not packed: at least 4 bytes; tag 5 and value 10
  /// - an element of a packed list: at least 4 bytes; value 10; and once a list of 16 bytes; tag 5 and length 5
  /// - text or bytes: 16 bytes and the bytes; tag 5, length 5 and the bytes
  /// - a sub-message: 24 bytes of its own; tag 5 and length 5
  /// - unknown fields: at least 24 bytes and all but the first tag; the bytes and that tag, 5
  @usableFromInline
  func pack(_ layout: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
    let message = UnsafePointer(layout.assumingMemoryBound(to: WireMessage.self))
    let tree = used
    var room = tree * 4
    if tree > Self.largestGuess {
      room = protobuf_c_message_get_packed_size(message)
      precondition(room <= Int(Int32.max), "a message in wire format cannot exceed 2 GiB")
    }
    let target = allocate(room)
    let count = protobuf_c_message_pack(message, target.assumingMemoryBound(to: UInt8.self))
    let packed = UnsafeRawBufferPointer(start: target, count: count)
    guard let descriptor = message.pointee.descriptor.map({ MessageDescriptor(packing: $0) }), descriptor.hasGroups
    else {
      return packed
    }
    return withGroups(packed, descriptor)
  }

  private func withGroups(
    _ packed: UnsafeRawBufferPointer,
    _ descriptor: MessageDescriptor
  ) -> UnsafeRawBufferPointer {
    var writer = GroupWriter(packed)
    writer.write(as: descriptor)
    let count = writer.output.count
    let target = allocate(count)
    writer.output.withUnsafeBytes { output in
      if let source = output.baseAddress { target.copyMemory(from: source, byteCount: count) }
    }
    return UnsafeRawBufferPointer(start: target, count: count)
  }

  /// Trees above this many bytes are measured first rather than given four times their size.
  private static let largestGuess = 256 * 1024
}
