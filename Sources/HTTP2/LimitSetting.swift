import FoundationEssentials
import RPC

/// A limit's new value, as operators write it: `maxConnections=500`. The names are those of `Limits`.
public struct LimitSetting: Sendable, Hashable {
  /// Why a setting is none.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not `name=value`.
    case malformed(String)
    /// There is no such limit; the nearest of the names there are, if one is near.
    case unknownName(String, nearest: String?)
    /// The value is not a whole number from 0 to `largestValue`.
    case valueOutOfRange(name: String, value: String)

    public var description: String {
      switch self {
      case .malformed(let text): "“\(text)” is not of the form name=value"
      case .unknownName(let name, let nearest):
        "there is no limit “\(name)”" + (nearest.map { "; did you mean “\($0)”?" } ?? "")
      case .valueOutOfRange(let name, let value):
        "\(name) must be a whole number from 0 to \(LimitSetting.largestValue), not “\(value)”"
      }
    }
  }

  /// Fits what HTTP/2 can say, and no product with a unit overflows.
  public static let largestValue = Int(Int32.max)

  public let name: String
  public let value: Int

  public init(_ text: String) throws(Failure) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { throw .malformed(text) }
    let name = String(text[..<sign])
    let number = text[text.index(after: sign)...]
    let names = Limits().values().keys
    guard names.contains(name) else {
      let part = name.lowercased()
      throw .unknownName(name, nearest: names.filter { $0.lowercased().contains(part) }.min())
    }
    guard let value = Int(digits: number), (0...LimitSetting.largestValue).contains(value) else {
      throw .valueOutOfRange(name: name, value: String(number))
    }
    self.name = name
    self.value = value
  }
}

extension Limits {
  /// Sets some of the limits; the last setting of a name wins.
  public mutating func set(_ settings: [LimitSetting]) {
    guard !settings.isEmpty else { return }
    var values = values()
    for setting in settings { values[setting.name] = setting.value }
    // Coding keys are the one list of the names.
    if let data = try? JSONEncoder().encode(values), let limits = try? JSONDecoder().decode(Limits.self, from: data) {
      self = limits
    }
  }

  /// Every limit by its name.
  public func values() -> [String: Int] {
    guard let data = try? JSONEncoder().encode(self) else { return [:] }
    return (try? JSONDecoder().decode([String: Int].self, from: data)) ?? [:]
  }
}
