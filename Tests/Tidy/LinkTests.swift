import Foundation
import Testing

@Suite("What is built for use")
struct LinkTests {
  @Test("carries no symbols, and they are found in the file beside it")
  func symbols() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("link-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // The program says where one of its functions is, from its own start.
    let source = """
      #include <stdio.h>
      extern char __executable_start;
      __attribute__((noinline)) void somewhere(void) { puts(""); }
      int main(void) { printf("0x%lx", (unsigned long)((char *)somewhere - &__executable_start)); somewhere(); }
      """
    try source.write(to: folder.appendingPathComponent("program.c"), atomically: true, encoding: .utf8)
    let said = try run(
      """
      tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
      "$tools/clang" -g --ld-path="$0/tools/link" -o program program.c
      place=$(./program)
      "$tools/llvm-symbolizer" --obj=program $place
      mv program.debug elsewhere
      "$tools/llvm-symbolizer" --obj=program $place
      # Too long for a command line, and so handed on in a file.
      printf -- '-L%s\n' $(seq 1000000 1200000) > long
      "$tools/clang" -g --ld-path="$0/tools/link" @long -o long-program program.c
      test -e long-program.debug && test ! -e a.out.debug && echo "a long command line too"
      """, in: folder)
    let lines = said.split(separator: "\n")
    #expect(lines.first == "somewhere")
    #expect(lines.dropFirst().first?.hasSuffix("program.c:3:0") == true)
    #expect(lines.dropFirst(2).first == "??")
    #expect(lines.last == "a long command line too")
  }

  @Test("is built in one way")
  func recipe() throws {
    #expect(try House.text("tools/setup").contains(#"-ld-path="$PWD/tools/link""#))
    for tool in ["tools/run", "tools/benchmark/build"] {
      #expect(try House.text(tool).contains(#""${RELEASE_BUILD[@]}" --product"#), "\(tool)")
    }
  }

  private func run(_ script: String, in folder: URL) throws -> String {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    shell.arguments = ["bash", "-euc", script, House.root.path]
    shell.currentDirectoryURL = folder
    let output = Pipe()
    shell.standardOutput = output
    try shell.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }
}
