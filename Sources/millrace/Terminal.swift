import Foundation

/// Prints at once, also where the output is a file or a pipe.
func say(_ text: String = "") {
  FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

/// Rows of text under each other, the numbers to the right.
struct TextTable {
  var header: [String]
  var rows: [[String]] = []

  var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String], isHeader: Bool = false) -> String {
      cells.indices.map { column in
        let pad = String(repeating: " ", count: widths[column] - cells[column].count)
        let isNumber = rows.first.map { Self.isNumeric($0[column]) } ?? false
        return isNumber ? pad + cells[column] : cells[column] + pad
      }.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.map { line($0) }).map { "  " + $0 }.joined(separator: "\n")
  }

  private static func isNumeric(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" || $0 == "," }
  }
}
