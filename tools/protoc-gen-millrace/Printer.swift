/// Collects the lines of one generated file and indents them.
struct Printer {
  private(set) var text = ""
  private var depth = 0

  /// One line at the current depth. An empty one carries no spaces.
  mutating func line(_ line: String = "") {
    if !line.isEmpty {
      text += String(repeating: "  ", count: depth)
      text += line
    }
    text += "\n"
  }

  /// `opening {`, the body one level deeper, and `}`.
  mutating func block(_ opening: String, closing: String = "}", _ body: (inout Printer) -> Void) {
    line(opening + " {")
    indented(body)
    line(closing)
  }

  mutating func indented(_ body: (inout Printer) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// How many columns are left of 120 at the current depth.
  var columnsLeft: Int { 120 - depth * 2 }
}
