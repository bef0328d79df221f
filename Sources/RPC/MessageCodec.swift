/// How the messages of a call are written.
public enum MessageCodec: Sendable, Hashable {
  /// The wire format of Protobuf.
  case protobuf
  /// The canonical JSON of Protobuf.
  case json
}
