import ArgumentParser

/// Where the service listens: `HOST:PORT`, or `unix:PATH`.
enum ListenAddress: CustomStringConvertible {
  case tcp(Address)
  case unix(path: String)

  /// - Throws: `ValidationError`, which says what is wrong with the text.
  init(parsing text: String) throws {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard !path.isEmpty else { throw ValidationError("“\(text)” has no path; it must be unix:PATH") }
      self = .unix(path: path)
    } else {
      self = .tcp(try Address(parsing: text))
    }
  }

  var description: String {
    switch self {
    case .tcp(let address): address.description
    case .unix(let path): "unix:\(path)"
    }
  }
}
