/// Why nothing is generated; the text goes to protoc, which prints it and fails.
struct GeneratorError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
