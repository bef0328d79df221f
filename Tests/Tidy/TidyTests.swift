import Foundation
import Testing

@Suite("The house is in order")
struct TidyTests {
  @Test("layers import only downward")
  func layers() throws {
    let modules = Set(House.layers.map(\.module))
    for path in try House.handWrittenSwift() where path.hasPrefix("Sources/") {
      let module = String(path.split(separator: "/")[1])
      guard let layer = House.layers.first(where: { $0.module == module }) else { continue }
      for line in try House.lines(path) {
        let words = line.split(separator: " ")
        guard let importWord = words.firstIndex(of: "import"), importWord <= 2, importWord + 1 < words.count else {
          continue
        }
        let imported = String(words[importWord + 1])
        guard modules.contains(imported), imported != module else { continue }
        #expect(layer.mayImport.contains(imported), "\(path) imports \(imported)")
      }
    }
  }

  @Test("what a module may import stands below it")
  func layersAreOrdered() {
    var below: Set<String> = []
    for layer in House.layers {
      #expect(layer.mayImport.isSubset(of: below), "\(layer.module) may import what does not stand below it")
      below.insert(layer.module)
    }
  }

  @Test("every module of Sources is in the table of layers")
  func everyModuleHasALayer() throws {
    let known = Set(House.layers.map(\.module)).union([
      "CMalloc", "CNghttp2", "CProtobufC", "CSQLite", "CZlib", "millrace",
    ])
    let modules = Set(try House.files().filter { $0.hasPrefix("Sources/") }.map { String($0.split(separator: "/")[1]) })
    #expect(modules.subtracting(known).isEmpty)
  }

  @Test("no file of hand-written code grows past what one reads in a sitting")
  func fileLength() throws {
    for path in try House.handWrittenSwift() {
      let count = try House.lines(path).count
      #expect(count <= House.readableLineCount, "\(path) has \(count) lines")
    }
  }

  @Test("every limit says what it limits")
  func limitsAreDocumented() throws {
    let files = try House.handWrittenSwift().filter { $0.hasPrefix("Sources/") && $0.hasSuffix("Limits.swift") }
    #expect(!files.isEmpty)
    for path in files {
      var previous: Substring = ""
      for line in try House.lines(path) {
        let trimmed = line.drop { $0 == " " }
        if trimmed.hasPrefix("public var ") || trimmed.hasPrefix("public static let ") {
          #expect(previous.drop { $0 == " " }.hasPrefix("///"), "\(path): \(trimmed)")
        }
        previous = line
      }
    }
  }

  @Test("nothing strays at the top")
  func topLevel() throws {
    let allowed: Set<String> = [
      "Package.swift", "Protos", "Sources", "Tests", "Generated", "tools", "README.md", ".ci", ".gitignore",
      ".swift-format",
    ]
    let found = Set(try House.files().map { String($0.split(separator: "/")[0]) })
    #expect(found == allowed)
    #expect(try House.files().filter { $0.hasPrefix(".ci/") } == [".ci/run"])
  }

  @Test("the README's picture of the folders is true")
  func readmePicture() throws {
    let picture = try House.lines("README.md")
      .drop { !$0.hasPrefix("```text") }.dropFirst().prefix { !$0.hasPrefix("```") }
    var shown: Set<String> = []
    var folder = ""
    for line in picture {
      let name = String(line.drop { $0 == " " }.prefix { $0 != " " })
      guard name.hasSuffix("/") || name.contains(".") else { continue }
      if line.hasPrefix("  ") { shown.insert(folder + name) } else { (folder, _) = (name, shown.insert(name)) }
    }
    for path in shown {
      #expect(FileManager.default.fileExists(atPath: House.root.appendingPathComponent(path).path), "\(path) is shown")
    }
    let folders = Set(
      try House.files().compactMap { path -> String? in
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? "Sources/\(parts[1])/" : nil
      })
    #expect(folders.subtracting(shown).isEmpty, "the README does not show them")
  }

  @Test("no shortcut that can trap on input")
  func noShortcuts() throws {
    for path in try House.handWrittenSwift() where path.hasPrefix("Sources/") {
      for (number, line) in try House.lines(path).enumerated() {
        let code = line.prefix { $0 != "/" }
        for shortcut in ["try!", "as!", "fatalError("] where code.contains(shortcut) {
          Issue.record("\(path):\(number + 1) uses \(shortcut)")
        }
      }
    }
  }
}
