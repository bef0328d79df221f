/// First in, first out, without moving what stays.
package struct Queue<Element> {
  private var elements: [Element?] = []
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == elements.count }
  package var count: Int { elements.count - head }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Removes the first element that fits, wherever it stands.
  package mutating func remove(where fits: (Element) -> Bool) {
    guard let index = elements[head...].firstIndex(where: { $0.map(fits) ?? false }) else { return }
    elements.remove(at: index)
  }

  package mutating func removeAll() {
    elements = []
    head = 0
  }
}
