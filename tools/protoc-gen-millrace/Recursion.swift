/// Finds the types that contain themselves, and the fields that Swift could not lay out without a box.
enum Recursion {
  /// Sets `isRecursive` on messages and `isBoxed` on fields of everything in `files`.
  static func analyze(_ files: [FileModel]) {
    let messages = files.flatMap(\.allMessages)
    for component in components(of: messages, edges: { $0.fields }) {
      for message in component.members { message.isRecursive = true }
    }
    // Arrays and dictionaries keep their elements elsewhere, so only singular fields count for the layout.
    for component in components(of: messages, edges: { $0.fields.filter { !$0.isCollection } }) {
      for message in component.members {
        for field in message.fields where !field.isCollection {
          if let target = field.kind.message, component.contains(target) { field.isBoxed = true }
        }
      }
    }
  }

  private struct Component {
    let members: [MessageModel]
    let ids: Set<ObjectIdentifier>

    init(_ members: [MessageModel]) {
      self.members = members
      ids = Set(members.map(ObjectIdentifier.init))
    }

    func contains(_ message: MessageModel) -> Bool { ids.contains(ObjectIdentifier(message)) }
  }

  /// Strongly connected components that hold a cycle (Tarjan's algorithm).
  private static func components(
    of messages: [MessageModel],
    edges: (MessageModel) -> [FieldModel]
  ) -> [Component] {
    var index: [ObjectIdentifier: Int] = [:]
    var low: [ObjectIdentifier: Int] = [:]
    var stack: [MessageModel] = []
    var onStack: Set<ObjectIdentifier> = []
    var found: [Component] = []

    func visit(_ message: MessageModel) {
      let id = ObjectIdentifier(message)
      let own = index.count
      index[id] = own
      var lowest = own
      stack.append(message)
      onStack.insert(id)
      var selfLoop = false
      for target in edges(message).compactMap(\.kind.message) {
        let targetID = ObjectIdentifier(target)
        if targetID == id { selfLoop = true }
        if let seen = index[targetID] {
          if onStack.contains(targetID) { lowest = min(lowest, seen) }
        } else {
          visit(target)
          lowest = min(lowest, low[targetID] ?? own)
        }
      }
      low[id] = lowest
      guard lowest == own else { return }
      var members: [MessageModel] = []
      while let last = stack.popLast() {
        onStack.remove(ObjectIdentifier(last))
        members.append(last)
        if last === message { break }
      }
      if members.count > 1 || selfLoop { found.append(Component(members)) }
    }

    for message in messages where index[ObjectIdentifier(message)] == nil { visit(message) }
    return found
  }
}
