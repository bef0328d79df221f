/// Swift names for proto names.
enum Naming {
  /// `google.protobuf` → `GoogleProtobuf`; a file without a package goes to `Protos`.
  static func namespace(package: String, swiftPrefix: String?) -> String {
    if let swiftPrefix, !swiftPrefix.isEmpty { return swiftPrefix }
    if package.isEmpty { return "Protos" }
    return package.split(separator: ".").map { upperCamel(String($0)) }.joined()
  }

  /// `request_id` → `requestId`: the same letters as the JSON name.
  static func lowerCamel(_ snake: String) -> String {
    let camel = upperCamel(snake)
    return camel.prefix(1).lowercased() + camel.dropFirst()
  }

  static func upperCamel(_ snake: String) -> String {
    snake.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// `STATE_DRAFT` in `State` → `draft`. A remainder that is no identifier keeps its prefix: `VERSION_1` → `version1`.
  static func enumCase(_ name: String, in enumName: String) -> String {
    var words = name.split(separator: "_")
    let prefix = enumName.filter { $0 != "_" }.lowercased()
    var matched = ""
    for count in words.indices {
      matched += words[count].lowercased()
      if matched.count >= prefix.count {
        if matched == prefix, count + 1 < words.count, words[count + 1].first?.isLetter == true {
          words.removeFirst(count + 1)
        }
        break
      }
    }
    let isUpper = !name.contains { $0.isLowercase }
    let camel = words.enumerated().map { offset, word in
      let tail = isUpper ? word.dropFirst().lowercased() : String(word.dropFirst())
      return (offset == 0 ? word.prefix(1).lowercased() : word.prefix(1).uppercased()) + tail
    }
    let joined = camel.joined()
    return isIdentifierStart(joined) ? joined : "value" + joined
  }

  /// `CreateApplication` → `createApplication`, `GetURL` → `getURL`, `RPCList` → `rpcList`.
  static func method(_ name: String) -> String {
    if name.contains("_") { return lowerCamel(name) }
    let capitals = name.prefix { $0.isUppercase }
    if capitals.count <= 1 || capitals.count == name.count {
      return capitals.lowercased() + name.dropFirst(capitals.count)
    }
    let head = capitals.dropLast()
    return head.lowercased() + name.dropFirst(head.count)
  }

  /// A type name that neither the language nor generated code itself needs.
  static func type(_ name: String, suffix: String) -> String {
    let swift = name.contains("_") ? upperCamel(name) : name.prefix(1).uppercased() + name.dropFirst()
    return ReservedWords.types.contains(swift) ? swift + suffix : swift
  }

  /// A property name, moved out of the way of the members that every message has.
  static func property(_ name: String) -> String {
    ReservedWords.members.contains(name) ? name + "Value" : identifier(name)
  }

  /// A case name, moved out of the way of the members that every enum has.
  static func caseName(_ name: String) -> String {
    ReservedWords.cases.contains(name) ? name + "Value" : identifier(name)
  }

  static func methodName(_ name: String) -> String {
    ReservedWords.methods.contains(name) ? name + "Call" : identifier(name)
  }

  /// `name`, or with the first of `2`, `3`, … appended that is not taken yet.
  static func unique(_ name: String, in taken: inout Set<String>) -> String {
    var candidate = name
    var count = 2
    while !taken.insert(candidate).inserted {
      candidate = name + String(count)
      count += 1
    }
    return candidate
  }

  private static func identifier(_ name: String) -> String { isIdentifierStart(name) ? name : "value" + name }

  private static func isIdentifierStart(_ name: String) -> Bool { name.first?.isLetter == true }
}

extension String {
  /// In back-ticks when Swift's grammar wants them.
  var escaped: String { ReservedWords.keywords.contains(self) ? "`\(self)`" : self }
}
