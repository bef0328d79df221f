import RPC

/// What is called when the fate of a batch is known.
///
/// The answers for callers of one loop go there in one piece: a loop that is woken for each would take the processor from
/// the writer as often, and write each response by itself.
struct Answers {
  typealias Answer = @Sendable () -> Void

  private var withoutLoop: [Answer] = []
  /// A server has few loops.
  private var byLoop: [(loop: any CallLoop, answers: [Answer])] = []

  mutating func add(_ answer: @escaping Answer, for loop: (any CallLoop)?) {
    guard let loop else {
      withoutLoop.append(answer)
      return
    }
    if let index = byLoop.firstIndex(where: { $0.loop === loop }) {
      byLoop[index].answers.append(answer)
    } else {
      byLoop.append((loop, [answer]))
    }
  }

  func deliver() {
    for (loop, answers) in byLoop {
      loop.execute { for answer in answers { answer() } }
    }
    for answer in withoutLoop { answer() }
  }
}
