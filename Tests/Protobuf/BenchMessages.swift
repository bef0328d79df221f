import Protobuf

enum Bench {}

private struct LabelsEntryLayout {
  var base: WireMessage
  var key: WireOptional<WireBytes>
  var value: WireOptional<WireBytes>

  static var table: MessageTable {
    MessageTable("bench.LabelsEntry", size: MemoryLayout<Self>.size, [
      FieldTable(1, "key", .string, .optional, MemoryLayout<Self>.offset(of: \.key)),
      FieldTable(2, "value", .string, .optional, MemoryLayout<Self>.offset(of: \.value)),
    ])
  }
}

private struct MoneyLayout {
  var base: WireMessage
  var currencyCode: WireOptional<WireBytes>
  var units: WireOptional<Int64>
  var nanos: WireOptional<Int32>

  static var table: MessageTable {
    MessageTable("bench.Money", size: MemoryLayout<Self>.size, [
      FieldTable(1, "currency_code", .string, .optional, MemoryLayout<Self>.offset(of: \.currencyCode)),
      FieldTable(2, "units", .int64, .optional, MemoryLayout<Self>.offset(of: \.units)),
      FieldTable(3, "nanos", .int32, .optional, MemoryLayout<Self>.offset(of: \.nanos)),
    ])
  }
}

private struct PartyLayout {
  var base: WireMessage
  var name: WireOptional<WireBytes>
  var creditCode: WireOptional<WireBytes>
  var address: WireOptional<WireBytes>
  var phone: WireOptional<WireBytes>
  var labels: WireMessages

  static var table: MessageTable {
    MessageTable("bench.Party", size: MemoryLayout<Self>.size, [
      FieldTable(1, "name", .string, .optional, MemoryLayout<Self>.offset(of: \.name)),
      FieldTable(2, "credit_code", .string, .optional, MemoryLayout<Self>.offset(of: \.creditCode)),
      FieldTable(3, "address", .string, .optional, MemoryLayout<Self>.offset(of: \.address)),
      FieldTable(4, "phone", .string, .optional, MemoryLayout<Self>.offset(of: \.phone)),
      FieldTable(5, "labels", .local(1), .map, MemoryLayout<Self>.offset(of: \.labels)),
    ])
  }
}

private struct InstalmentLayout {
  var base: WireMessage
  var number: WireOptional<Int32>
  var dueDate: WireOptional<Int64>
  var principal: WireMessages
  var interest: WireMessages
  var outstanding: WireMessages

  static var table: MessageTable {
    MessageTable("bench.Instalment", size: MemoryLayout<Self>.size, [
      FieldTable(1, "number", .int32, .optional, MemoryLayout<Self>.offset(of: \.number)),
      FieldTable(2, "due_date", .int64, .optional, MemoryLayout<Self>.offset(of: \.dueDate)),
      FieldTable(3, "principal", .local(0), .optional, MemoryLayout<Self>.offset(of: \.principal)),
      FieldTable(4, "interest", .local(0), .optional, MemoryLayout<Self>.offset(of: \.interest)),
      FieldTable(5, "outstanding", .local(0), .optional, MemoryLayout<Self>.offset(of: \.outstanding)),
    ])
  }
}

private struct ApplicationLayout {
  var base: WireMessage
  var name: WireOptional<WireBytes>
  var applicant: WireMessages
  var amount: WireMessages
  var termMonths: WireOptional<Int32>
  var purpose: WireOptional<WireBytes>
  var mode: WireOptional<Int32>
  var schedule: WireMessages
  var documentIds: WireList<WireBytes>
  var scores: WireList<Int32>
  var rate: WireOptional<Double>
  var memo: WireOptional<WireBytes>
  var declinedReason: WireOptional<WireBytes>
  var approved: WireMessages
  var digest: WireOptional<WireBytes>
  var version: WireOptional<UInt64>
  var expedited: WireOptional<UInt64>

  static var table: MessageTable {
    MessageTable("bench.Application", size: MemoryLayout<Self>.size, [
      FieldTable(1, "name", .string, .optional, MemoryLayout<Self>.offset(of: \.name)),
      FieldTable(2, "applicant", .local(2), .optional, MemoryLayout<Self>.offset(of: \.applicant)),
      FieldTable(3, "amount", .local(0), .optional, MemoryLayout<Self>.offset(of: \.amount)),
      FieldTable(4, "term_months", .int32, .optional, MemoryLayout<Self>.offset(of: \.termMonths)),
      FieldTable(5, "purpose", .string, .optional, MemoryLayout<Self>.offset(of: \.purpose)),
      FieldTable(6, "mode", .enumeration, .optional, MemoryLayout<Self>.offset(of: \.mode)),
      FieldTable(7, "schedule", .local(3), .repeated, MemoryLayout<Self>.offset(of: \.schedule)),
      FieldTable(8, "document_ids", .string, .repeated, MemoryLayout<Self>.offset(of: \.documentIds)),
      FieldTable(9, "scores", .int32, .packed, MemoryLayout<Self>.offset(of: \.scores)),
      FieldTable(10, "rate", .double, .optional, MemoryLayout<Self>.offset(of: \.rate)),
      FieldTable(11, "memo", .string, .optional, MemoryLayout<Self>.offset(of: \.memo)),
      FieldTable(12, "declined_reason", .string, .oneof(0), MemoryLayout<Self>.offset(of: \.declinedReason)),
      FieldTable(13, "approved", .local(0), .oneof(0), MemoryLayout<Self>.offset(of: \.approved)),
      FieldTable(14, "digest", .bytes, .optional, MemoryLayout<Self>.offset(of: \.digest)),
      FieldTable(15, "version", .fixed64, .optional, MemoryLayout<Self>.offset(of: \.version)),
      FieldTable(16, "expedited", .bool, .optional, MemoryLayout<Self>.offset(of: \.expedited)),
    ])
  }
}

private let tables = DescriptorFile([
  MoneyLayout.table,
  LabelsEntryLayout.table,
  PartyLayout.table,
  InstalmentLayout.table,
  ApplicationLayout.table,
])

extension Bench {
  enum Mode: ProtobufEnum {
    case unspecified, equalInstalment, equalPrincipal, bullet
    case unrecognized(Int32)
    static var allCases: [Mode] { [.unspecified, .equalInstalment, .equalPrincipal, .bullet] }
    init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .equalInstalment
      case 2: self = .equalPrincipal
      case 3: self = .bullet
      default: self = .unrecognized(rawValue)
      }
    }
    var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .equalInstalment: 1
      case .equalPrincipal: 2
      case .bullet: 3
      case .unrecognized(let value): value
      }
    }
  }

  struct Money: Message {
    var currencyCode: String = ""
    var units: Int64 = 0
    var nanos: Int32 = 0
    var unknownFields = UnknownFields()
    init() {}

    static var _descriptor: MessageDescriptor { tables[0] }

    @inline(never)
    mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
      let wire = layout.assumingMemoryBound(to: MoneyLayout.self)
      if wire.pointee.currencyCode.isPresent { self.currencyCode = arena.string(wire.pointee.currencyCode.value) }
      if wire.pointee.units.isPresent { self.units = wire.pointee.units.value }
      if wire.pointee.nanos.isPresent { self.nanos = wire.pointee.nanos.value }
      self.unknownFields._read(layout, arena)
    }

    @inline(never)
    static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
      let wire = arena.make(MoneyLayout.self, _descriptor)
      if !message.pointee.currencyCode.isEmpty { wire.pointee.currencyCode = WireOptional(arena.store(message.pointee.currencyCode)) }
      if message.pointee.units != 0 { wire.pointee.units = WireOptional(message.pointee.units) }
      if message.pointee.nanos != 0 { wire.pointee.nanos = WireOptional(message.pointee.nanos) }
      message.pointee.unknownFields._fill(wire, arena)
      return UnsafeMutableRawPointer(wire)
    }
  }

  struct Party: Message {
    var name: String = ""
    var creditCode: String = ""
    var address: String = ""
    var phone: String = ""
    var labels: [String: String] = [:]
    var unknownFields = UnknownFields()
    init() {}

    static var _descriptor: MessageDescriptor { tables[2] }

    @inline(never)
    mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
      let wire = layout.assumingMemoryBound(to: PartyLayout.self)
      if wire.pointee.name.isPresent { self.name = arena.string(wire.pointee.name.value) }
      if wire.pointee.creditCode.isPresent { self.creditCode = arena.string(wire.pointee.creditCode.value) }
      if wire.pointee.address.isPresent { self.address = arena.string(wire.pointee.address.value) }
      if wire.pointee.phone.isPresent { self.phone = arena.string(wire.pointee.phone.value) }
      arena.forEachEntry(wire.pointee.labels, LabelsEntryLayout.self) { entry in
        self.labels[arena.string(entry.pointee.key)] = arena.string(entry.pointee.value)
      }
      self.unknownFields._read(layout, arena)
    }

    @inline(never)
    static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
      let wire = arena.make(PartyLayout.self, _descriptor)
      if !message.pointee.name.isEmpty { wire.pointee.name = WireOptional(arena.store(message.pointee.name)) }
      if !message.pointee.creditCode.isEmpty { wire.pointee.creditCode = WireOptional(arena.store(message.pointee.creditCode)) }
      if !message.pointee.address.isEmpty { wire.pointee.address = WireOptional(arena.store(message.pointee.address)) }
      if !message.pointee.phone.isEmpty { wire.pointee.phone = WireOptional(arena.store(message.pointee.phone)) }
      wire.pointee.labels = arena.store(message.pointee.labels) { key, value in
        let entry = arena.make(LabelsEntryLayout.self, tables[1])
        entry.pointee.key = WireOptional(arena.store(key))
        entry.pointee.value = WireOptional(arena.store(value))
        return UnsafeMutableRawPointer(entry)
      }
      message.pointee.unknownFields._fill(wire, arena)
      return UnsafeMutableRawPointer(wire)
    }
  }

  struct Instalment: Message {
    var number: Int32 = 0
    var dueDate: Int64 = 0
    var principal: Money? = nil
    var interest: Money? = nil
    var outstanding: Money? = nil
    var unknownFields = UnknownFields()
    init() {}

    static var _descriptor: MessageDescriptor { tables[3] }

    @inline(never)
    mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
      let wire = layout.assumingMemoryBound(to: InstalmentLayout.self)
      if wire.pointee.number.isPresent { self.number = wire.pointee.number.value }
      if wire.pointee.dueDate.isPresent { self.dueDate = wire.pointee.dueDate.value }
      arena.merge(wire.pointee.principal, into: &self.principal)
      arena.merge(wire.pointee.interest, into: &self.interest)
      arena.merge(wire.pointee.outstanding, into: &self.outstanding)
      self.unknownFields._read(layout, arena)
    }

    @inline(never)
    static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
      let wire = arena.make(InstalmentLayout.self, _descriptor)
      if message.pointee.number != 0 { wire.pointee.number = WireOptional(message.pointee.number) }
      if message.pointee.dueDate != 0 { wire.pointee.dueDate = WireOptional(message.pointee.dueDate) }
      if let value = message.pointee.principal { wire.pointee.principal = arena.storeOne(value) }
      if let value = message.pointee.interest { wire.pointee.interest = arena.storeOne(value) }
      if let value = message.pointee.outstanding { wire.pointee.outstanding = arena.storeOne(value) }
      message.pointee.unknownFields._fill(wire, arena)
      return UnsafeMutableRawPointer(wire)
    }
  }

  struct Application: Message {
    enum Decision: Sendable, Hashable {
      case declinedReason(String)
      case approved(Money)
    }

    var name: String = ""
    var applicant: Party? = nil
    var amount: Money? = nil
    var termMonths: Int32 = 0
    var purpose: String = ""
    var mode: Mode = .unspecified
    var schedule: [Instalment] = []
    var documentIds: [String] = []
    var scores: [Int32] = []
    var rate: Double = 0
    var memo: String? = nil
    var decision: Decision?
    var digest: [UInt8] = []
    var version: UInt64 = 0
    var expedited: Bool = false
    var unknownFields = UnknownFields()
    init() {}

    static var _descriptor: MessageDescriptor { tables[4] }

    @inline(never)
    mutating func _read(_ layout: UnsafeRawPointer, _ arena: Arena) {
      let wire = layout.assumingMemoryBound(to: ApplicationLayout.self)
      if wire.pointee.name.isPresent { self.name = arena.string(wire.pointee.name.value) }
      arena.merge(wire.pointee.applicant, into: &self.applicant)
      arena.merge(wire.pointee.amount, into: &self.amount)
      if wire.pointee.termMonths.isPresent { self.termMonths = wire.pointee.termMonths.value }
      if wire.pointee.purpose.isPresent { self.purpose = arena.string(wire.pointee.purpose.value) }
      if wire.pointee.mode.isPresent { self.mode = Mode(rawValue: wire.pointee.mode.value) }
      arena.append(wire.pointee.schedule, to: &self.schedule)
      arena.append(wire.pointee.documentIds, to: &self.documentIds)
      arena.append(wire.pointee.scores, to: &self.scores)
      if wire.pointee.rate.isPresent { self.rate = wire.pointee.rate.value }
      if wire.pointee.memo.isPresent { self.memo = arena.string(wire.pointee.memo.value) }
      arena.expectAtMostOne(wire.pointee.declinedReason.presentCount + wire.pointee.approved.presentCount)
      if wire.pointee.declinedReason.isPresent { self.decision = .declinedReason(arena.string(wire.pointee.declinedReason.value)) }
      if wire.pointee.approved.isPresent {
        var value = Money()
        if case .approved(let current)? = self.decision { value = current }
        arena.merge(wire.pointee.approved, into: &value)
        self.decision = .approved(value)
      }
      if wire.pointee.digest.isPresent { self.digest = arena.bytes(wire.pointee.digest.value) }
      if wire.pointee.version.isPresent { self.version = wire.pointee.version.value }
      if wire.pointee.expedited.isPresent { self.expedited = wire.pointee.expedited.value != 0 }
      self.unknownFields._read(layout, arena)
    }

    @inline(never)
    static func _fill(_ message: UnsafePointer<Self>, _ arena: Arena) -> UnsafeMutableRawPointer {
      let wire = arena.make(ApplicationLayout.self, _descriptor)
      if !message.pointee.name.isEmpty { wire.pointee.name = WireOptional(arena.store(message.pointee.name)) }
      if let value = message.pointee.applicant { wire.pointee.applicant = arena.storeOne(value) }
      if let value = message.pointee.amount { wire.pointee.amount = arena.storeOne(value) }
      if message.pointee.termMonths != 0 { wire.pointee.termMonths = WireOptional(message.pointee.termMonths) }
      if !message.pointee.purpose.isEmpty { wire.pointee.purpose = WireOptional(arena.store(message.pointee.purpose)) }
      if message.pointee.mode.rawValue != 0 { wire.pointee.mode = WireOptional(message.pointee.mode.rawValue) }
      wire.pointee.schedule = arena.store(message.pointee.schedule)
      wire.pointee.documentIds = arena.store(message.pointee.documentIds)
      wire.pointee.scores = arena.store(message.pointee.scores)
      if message.pointee.rate.bitPattern != 0 { wire.pointee.rate = WireOptional(message.pointee.rate) }
      if let value = message.pointee.memo { wire.pointee.memo = WireOptional(arena.store(value)) }
      switch message.pointee.decision {
      case .declinedReason(let value)?: wire.pointee.declinedReason = WireOptional(arena.store(value))
      case .approved(let value)?: wire.pointee.approved = arena.storeOne(value)
      case nil: break
      }
      if !message.pointee.digest.isEmpty { wire.pointee.digest = WireOptional(arena.store(message.pointee.digest)) }
      if message.pointee.version != 0 { wire.pointee.version = WireOptional(message.pointee.version) }
      if message.pointee.expedited { wire.pointee.expedited = WireOptional(message.pointee.expedited ? 1 : 0) }
      message.pointee.unknownFields._fill(wire, arena)
      return UnsafeMutableRawPointer(wire)
    }
  }

}
