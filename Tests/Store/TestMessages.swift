import Protobuf

private struct AmountLayout {
  var base: WireMessage
  var currencyCode: WireOptional<WireBytes>
  var minorUnits: WireOptional<Int64>

  static var table: MessageTable {
    MessageTable(
      "test.Amount", size: MemoryLayout<Self>.size,
      [
        FieldTable(1, "currency_code", .string, .optional, MemoryLayout<Self>.offset(of: \.currencyCode)),
        FieldTable(2, "minor_units", .int64, .optional, MemoryLayout<Self>.offset(of: \.minorUnits)),
      ])
  }
}

private struct OrderLayout {
  var base: WireMessage
  var name: WireOptional<WireBytes>
  var amount: WireMessages

  static var table: MessageTable {
    MessageTable(
      "test.Order", size: MemoryLayout<Self>.size,
      [
        FieldTable(1, "name", .string, .optional, MemoryLayout<Self>.offset(of: \.name)),
        FieldTable(2, "amount", .local(0), .optional, MemoryLayout<Self>.offset(of: \.amount)),
      ])
  }
}

private let tables = DescriptorFile([AmountLayout.table, OrderLayout.table])

/// An amount of money, in the shape of generated code.
struct Amount: Message {
  var currencyCode = ""
  var minorUnits: Int64 = 0
  var unknownFields = UnknownFields()

  init() {}

  init(_ currencyCode: String, _ minorUnits: Int64) {
    self.currencyCode = currencyCode
    self.minorUnits = minorUnits
  }

  static var protoName: String { "test.Amount" }
  static let protoFile = ProtoFile(path: "store_test.proto", dependencies: [], base64: "")
  static var _descriptor: MessageDescriptor { tables[0] }

  mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
    let wire = layout.assumingMemoryBound(to: AmountLayout.self)
    if wire.pointee.currencyCode.isPresent { currencyCode = arena.string(wire.pointee.currencyCode.value) }
    if wire.pointee.minorUnits.isPresent { minorUnits = wire.pointee.minorUnits.value }
    unknownFields._read(layout, arena)
  }

  static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
    let wire = arena.make(AmountLayout.self, _descriptor)
    if !message.pointee.currencyCode.isEmpty {
      wire.pointee.currencyCode = WireOptional(arena.store(message.pointee.currencyCode))
    }
    if message.pointee.minorUnits != 0 { wire.pointee.minorUnits = WireOptional(message.pointee.minorUnits) }
    message.pointee.unknownFields._fill(wire, arena)
    return UnsafeMutableRawPointer(wire)
  }
}

/// A message with another inside, in the shape of generated code.
struct Order: Message {
  var name = ""
  var amount: Amount?
  var unknownFields = UnknownFields()

  init() {}

  init(_ name: String, amount: Amount? = nil) {
    self.name = name
    self.amount = amount
  }

  static var protoName: String { "test.Order" }
  static let protoFile = ProtoFile(path: "store_test.proto", dependencies: [], base64: "")
  static var _descriptor: MessageDescriptor { tables[1] }

  mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
    let wire = layout.assumingMemoryBound(to: OrderLayout.self)
    if wire.pointee.name.isPresent { name = arena.string(wire.pointee.name.value) }
    arena.merge(wire.pointee.amount, into: &amount)
    unknownFields._read(layout, arena)
  }

  static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
    let wire = arena.make(OrderLayout.self, _descriptor)
    if !message.pointee.name.isEmpty { wire.pointee.name = WireOptional(arena.store(message.pointee.name)) }
    if let value = message.pointee.amount { wire.pointee.amount = arena.storeOne(value) }
    message.pointee.unknownFields._fill(wire, arena)
    return UnsafeMutableRawPointer(wire)
  }
}
