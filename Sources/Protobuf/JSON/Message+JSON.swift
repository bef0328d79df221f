extension Message {
  /// The message as JSON text in UTF-8, by the canonical mapping of Protobuf.
  public func jsonUTF8Bytes(options: JSONEncodingOptions = JSONEncodingOptions()) throws(JSONEncodingError) -> [UInt8] {
    let (pool, schema) = try Self.schema { JSONEncodingError(path: "", reason: $0) }
    return try pool.json(serializedBytes(), as: schema, options: options)
  }

  /// The message as JSON text.
  public func jsonString(options: JSONEncodingOptions = JSONEncodingOptions()) throws(JSONEncodingError) -> String {
    String(decoding: try jsonUTF8Bytes(options: options), as: UTF8.self)
  }

  /// Reads a message from JSON text in UTF-8.
  public init(
    jsonUTF8Bytes json: [UInt8],
    options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    let (pool, schema) = try Self.schema { JSONDecodingError(path: "", offset: 0, reason: $0) }
    let bytes = try pool.serializedBytes(json: json, as: schema, options: options)
    do throws(MessageDecodingError) {
      self = try Self(serializedBytes: bytes)
    } catch {
      throw JSONDecodingError(path: error.path, offset: json.count, reason: "the message cannot be held: \(error)")
    }
  }

  /// Reads a message from JSON text.
  public init(
    jsonString json: String,
    options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    try self.init(jsonUTF8Bytes: Array(json.utf8), options: options)
  }

  private static func schema<Failure: Error>(
    _ failure: (String) -> Failure
  ) throws(Failure) -> (DescriptorPool, MessageSchema) {
    do throws(DescriptorPool.Failure) {
      let pool = try DescriptorPool.of(protoFile)
      if let schema = pool.message(protoName) { return (pool, schema) }
    } catch {
      throw failure("\(error)")
    }
    throw failure("\(protoFile.path) does not declare \(protoName)")
  }
}

extension DescriptorPool {
  /// A message in wire format as JSON text in UTF-8. `schema` belongs to this pool.
  public func json(
    _ bytes: [UInt8],
    as schema: MessageSchema,
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> [UInt8] {
    var printer = JSONPrinter(options: options, pool: self)
    try printer.print(bytes, as: schema)
    return printer.writer.bytes
  }

  /// JSON text in UTF-8 as a message in wire format. `schema` belongs to this pool.
  public func serializedBytes(
    json: [UInt8],
    as schema: MessageSchema,
    options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) -> [UInt8] {
    var parser = JSONParser(json, options: options, pool: self)
    return try parser.parse(schema)
  }
}
