extension GoogleProtobuf.Struct: ExpressibleByDictionaryLiteral {
  /// Of a key given twice the later value counts.
  public init(dictionaryLiteral members: (String, GoogleProtobuf.Value)...) {
    self.init(fields: Dictionary(members) { _, later in later })
  }

  public subscript(name: String) -> GoogleProtobuf.Value? {
    get { fields[name] }
    set { fields[name] = newValue }
  }
}

extension GoogleProtobuf.ListValue: ExpressibleByArrayLiteral {
  public init(arrayLiteral values: GoogleProtobuf.Value...) { self.init(values: values) }
}

extension GoogleProtobuf.Value {
  public static let null = Self(kind: .nullValue(.nullValue))

  public init(_ number: Double) { self.init(kind: .numberValue(number)) }

  public init(_ text: String) { self.init(kind: .stringValue(text)) }

  public init(_ flag: Bool) { self.init(kind: .boolValue(flag)) }

  public init(_ members: GoogleProtobuf.Struct) { self.init(kind: .structValue(members)) }

  public init(_ elements: [GoogleProtobuf.Value]) { self.init(kind: .listValue(.init(values: elements))) }

  public var isNull: Bool { if case .nullValue? = kind { true } else { false } }

  /// The number, if it is one.
  public var number: Double? { if case .numberValue(let number)? = kind { number } else { nil } }

  /// The text, if it is one.
  public var string: String? { if case .stringValue(let text)? = kind { text } else { nil } }

  /// The Boolean, if it is one.
  public var bool: Bool? { if case .boolValue(let flag)? = kind { flag } else { nil } }

  /// The object, if it is one.
  public var object: GoogleProtobuf.Struct? { if case .structValue(let members)? = kind { members } else { nil } }

  /// The elements, if it is a list.
  public var array: [GoogleProtobuf.Value]? { if case .listValue(let list)? = kind { list.values } else { nil } }

  /// A member of the object, if it is one.
  public subscript(name: String) -> GoogleProtobuf.Value? { object?.fields[name] }
}

extension GoogleProtobuf.Value: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(floatLiteral value: Double) { self.init(value) }

  public init(integerLiteral value: Int64) { self.init(Double(value)) }

  public init(stringLiteral value: String) { self.init(value) }

  public init(booleanLiteral value: Bool) { self.init(value) }

  public init(nilLiteral: ()) { self = .null }

  public init(arrayLiteral values: GoogleProtobuf.Value...) { self.init(values) }

  public init(dictionaryLiteral members: (String, GoogleProtobuf.Value)...) {
    self.init(GoogleProtobuf.Struct(fields: Dictionary(members) { _, later in later }))
  }
}
