/// Generates all files of one run.
struct Generator {
  struct Output {
    let name: String
    let content: String
  }

  let program: Program
  let options: Options
  /// Paths of the files to generate, in protoc's order.
  let requested: [String]

  func run() throws -> [Output] {
    let files = program.files.filter { Set(requested).contains($0.path) }
    let emitter = FileEmitter(program: program, options: options)
    let stems = stems(of: files)
    var outputs: [Output] = []
    for file in files {
      let stem = stems[file.path] ?? file.path
      outputs.append(Output(name: stem + ".pb.swift", content: emitter.messages(of: file)))
      if let services = emitter.services(of: file) {
        outputs.append(Output(name: stem + ".rpc.swift", content: services))
      }
    }
    if let namespaces = emitter.namespaces(of: files) {
      outputs.append(Output(name: "Namespaces.swift", content: namespaces))
    }
    return outputs
  }

  /// Where a file's output goes, without suffix: beside its path. Swift wants the names of a module's files to be unique
  /// whatever their directories, so that files which share a name take their whole path into it.
  private func stems(of files: [FileModel]) -> [String: String] {
    var stems: [String: String] = [:]
    let parts = files.map { file in (file, file.path.split(separator: "/")) }
    let counts = Dictionary(parts.map { ($0.1.last ?? "", 1) }, uniquingKeysWith: +)
    for (file, components) in parts {
      let isAlone = counts[components.last ?? "", default: 1] == 1
      let name = isAlone ? String(components.last ?? "") : components.joined(separator: "_")
      let path = (components.dropLast() + [Substring(name)]).joined(separator: "/")
      stems[file.path] = path.hasSuffix(".proto") ? String(path.dropLast(6)) : path
    }
    return stems
  }
}
