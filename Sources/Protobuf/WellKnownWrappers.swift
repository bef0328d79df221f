// Literals of the wrapper messages.

extension GoogleProtobuf.DoubleValue: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Double) { self.init(value: value) }
}

extension GoogleProtobuf.FloatValue: ExpressibleByFloatLiteral {
  public init(floatLiteral value: Float) { self.init(value: value) }
}

extension GoogleProtobuf.Int64Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int64) { self.init(value: value) }
}

extension GoogleProtobuf.UInt64Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: UInt64) { self.init(value: value) }
}

extension GoogleProtobuf.Int32Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int32) { self.init(value: value) }
}

extension GoogleProtobuf.UInt32Value: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: UInt32) { self.init(value: value) }
}

extension GoogleProtobuf.BoolValue: ExpressibleByBooleanLiteral {
  public init(booleanLiteral value: Bool) { self.init(value: value) }
}

extension GoogleProtobuf.StringValue: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value: value) }
}

extension GoogleProtobuf.BytesValue: ExpressibleByArrayLiteral {
  public init(arrayLiteral bytes: UInt8...) { self.init(value: bytes) }
}
