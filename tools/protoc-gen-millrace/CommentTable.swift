import Protobuf

/// Comments by the path of the declaration in the file's descriptor.
struct CommentTable {
  private var table: [[Int32]: Comments] = [:]

  init() {}

  init(_ info: GoogleProtobuf.SourceCodeInfo) {
    for location in info.location where location.leadingComments != nil || location.trailingComments != nil {
      table[location.path] = Comments(
        leading: location.leadingComments ?? "",
        trailing: location.trailingComments ?? ""
      )
    }
  }

  subscript(path: [Int32]) -> Comments { table[path] ?? Comments() }
}
