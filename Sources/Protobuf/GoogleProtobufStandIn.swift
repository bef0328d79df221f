public enum GoogleProtobuf {
  public struct `Any`: Sendable, Hashable {
    public var typeUrl: String
    public var value: [UInt8]
    public init(typeUrl: String = "", value: [UInt8] = []) {
      self.typeUrl = typeUrl
      self.value = value
    }
  }
}
