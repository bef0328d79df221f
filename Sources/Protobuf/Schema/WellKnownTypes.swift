extension DescriptorPool {
  /// The messages of Protobuf's own contracts that `Any` may hold although no contract imports them.
  private static let wellKnown: DescriptorPool? = try? DescriptorPool([
    GoogleProtobuf.`Any`.protoFile, GoogleProtobuf.Api.protoFile, GoogleProtobuf.Duration.protoFile,
    GoogleProtobuf.Empty.protoFile, GoogleProtobuf.FieldMask.protoFile, GoogleProtobuf.Struct.protoFile,
    GoogleProtobuf.Timestamp.protoFile, GoogleProtobuf.BoolValue.protoFile,
  ])

  /// The type of a message inside of `Any`: from `types`, this pool or Protobuf's own contracts.
  func messageInAny(_ fullName: String, _ types: DescriptorPool?) -> MessageSchema? {
    types?.message(fullName) ?? message(fullName) ?? Self.wellKnown?.message(fullName)
  }
}
