/// A response to a request in no protocol that is served: an HTTP status, and a line of text for whoever reads it.
struct Refusal {
  let fields: PreparedFields
  let text: [UInt8]

  private init(status: StaticString, text: String, more: [(StaticString, StaticString)] = []) {
    fields = PreparedFields([(":status", status), ("content-type", "text/plain; charset=utf-8")] + more)
    self.text = Array("\(text)\n".utf8)
  }

  static let methodNotAllowed = Refusal(
    status: "405",
    text: "Calls are made by POST, and by GET where a method has no side effects.",
    more: [("allow", "POST")])
  static let unsupportedMediaType = Refusal(
    status: "415",
    text: "The content type of a call is one of gRPC's, gRPC-Web's or Connect's, such as application/grpc.")
  static let headersTooLarge = Refusal(status: "431", text: "The header fields of the request are over the limit.")
}
