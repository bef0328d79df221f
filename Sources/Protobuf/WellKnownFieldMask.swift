extension GoogleProtobuf.FieldMask: ExpressibleByArrayLiteral {
  public init(arrayLiteral paths: String...) { self.init(paths: paths) }

  /// Whether the field at `path` is covered: named itself, or inside of a message that is named.
  public func covers(_ path: String) -> Bool {
    paths.contains {
      $0 == path || (path.hasPrefix($0) && path.utf8.dropFirst($0.utf8.count).first == UInt8(ascii: "."))
    }
  }
}

extension GoogleProtobuf.FieldMask {
  /// The paths that name no field of `M`. A path goes on behind a singular message field only.
  public func unknownPaths<M: Message>(in type: M.Type) -> [String] {
    paths.filter { path in
      var descriptor: MessageDescriptor? = M._descriptor
      for part in path.split(separator: ".", omittingEmptySubsequences: false) {
        guard let current = descriptor,
          let field = (0..<current.fieldCount).lazy.map({ current[$0] }).first(where: { $0.name == part })
        else { return true }
        descriptor = field.isRepeated ? nil : field.message
      }
      return false
    }
  }
}
