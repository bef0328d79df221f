/// Where the codec's half of the generated code comes in.
enum CodecEmitter {
  /// Declarations at file scope, before the public types: layout structs and descriptor tables of all messages of the file.
  static func emitFileScope(_ file: FileModel, into printer: inout Printer) {}

  /// Members inside the struct of `message`, after the public ones: read and fill hooks.
  static func emitMembers(_ message: MessageModel, into printer: inout Printer) {}
}
