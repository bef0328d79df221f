/// The plugin's parameter: `--millrace_opt=module=Contracts,modules=google/protobuf/:Protobuf,google/rpc/:RPC`.
///
/// The list after `modules=` goes on over the following parts as long as they read `prefix:Module`, because protoc joins
/// all options by commas.
struct Options {
  /// The module that the generated files compile into.
  var module: String
  /// Path prefixes and the modules that hold the code generated for the files below them.
  var modules: [(prefix: String, module: String)]

  init(parameter: String) throws {
    var module: String?
    var modules: [(prefix: String, module: String)] = []
    var inModules = false
    for part in parameter.split(separator: ",") {
      if let equals = part.firstIndex(of: "=") {
        let name = String(part[..<equals])
        let value = String(part[part.index(after: equals)...])
        switch name {
        case "module":
          guard Self.isIdentifier(value) else { throw GeneratorError("option module: “\(value)” is no module name") }
          module = value
          inModules = false
        case "modules":
          modules.append(try Self.mapping(value))
          inModules = true
        default:
          throw GeneratorError("unknown option “\(name)”; there are module=Name and modules=prefix:Module,…")
        }
      } else if inModules {
        modules.append(try Self.mapping(String(part)))
      } else {
        throw GeneratorError("unknown option “\(part)”; there are module=Name and modules=prefix:Module,…")
      }
    }
    guard let module else { throw GeneratorError("option module=Name is missing: the module to generate for") }
    self.module = module
    // The longest prefix decides.
    self.modules = modules.sorted { ($0.prefix.utf8.count, $0.prefix) > ($1.prefix.utf8.count, $1.prefix) }
  }

  /// Files to generate belong to `module`; the others are looked up by their path.
  func module(of path: String, generated: Set<String>) -> String {
    if generated.contains(path) { return module }
    return modules.first { path.hasPrefix($0.prefix) }?.module ?? module
  }

  private static func mapping(_ text: String) throws -> (prefix: String, module: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, isIdentifier(String(parts[1])) else {
      throw GeneratorError("option modules: “\(text)” is not of the form path/prefix/:Module")
    }
    return (String(parts[0]), String(parts[1]))
  }

  private static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.first, first.isLetter || first == "_" else { return false }
    return text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}
