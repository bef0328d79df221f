import ArgumentParser

/// Where the service listens: `HOST:PORT`, or `unix:PATH`.
enum ListenAddress: ExpressibleByArgument, CustomStringConvertible {
  case tcp(Address)
  case unix(path: String)

  init?(argument: String) {
    if argument.hasPrefix("unix:") {
      let path = String(argument.dropFirst("unix:".count))
      guard !path.isEmpty else { return nil }
      self = .unix(path: path)
    } else {
      guard let address = Address(argument: argument) else { return nil }
      self = .tcp(address)
    }
  }

  var defaultValueDescription: String { description }

  var description: String {
    switch self {
    case .tcp(let address): address.description
    case .unix(let path): "unix:\(path)"
    }
  }
}
