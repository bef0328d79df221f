/// Runs a program over one text.
struct PatternMatcher {
  private let program: PatternProgram
  /// The instructions to go on with, and those that take a character.
  private var pending: [Int] = []
  private var takers: [Int] = []
  /// The last round in which an instruction was reached.
  private var reached: [Int]
  private var round = 0
  private var steps = 0

  init(_ program: PatternProgram) {
    self.program = program
    reached = Array(repeating: 0, count: program.instructions.count)
  }

  mutating func matches(_ text: String.UnicodeScalarView) -> Bool {
    if program.instructions.isEmpty { return false }
    var previous: Unicode.Scalar?
    var rest = text.makeIterator()
    var next = rest.next()
    var isStart = true
    while true {
      round += 1
      takers.removeAll(keepingCapacity: true)
      if isStart || !program.isAnchored { pending.append(0) }
      while let place = pending.popLast() {
        if follow(place, previous, next) { return true }
      }
      if steps > RuleLimits.patternSteps { return false }
      guard let scalar = next, !(takers.isEmpty && program.isAnchored) else { return false }
      for taker in takers {
        if case .take(let set) = program.instructions[taker], program.sets[set].contains(scalar.value) {
          pending.append(taker + 1)
        }
      }
      previous = scalar
      next = rest.next()
      isStart = false
    }
  }

  /// Goes on from a place as far as no character is needed. True at the end of the program.
  private mutating func follow(_ start: Int, _ previous: Unicode.Scalar?, _ next: Unicode.Scalar?) -> Bool {
    var place = start
    while reached[place] != round {
      reached[place] = round
      steps += 1
      switch program.instructions[place] {
      case .match: return true
      case .take:
        takers.append(place)
        return false
      case .jump(let target): place = target
      case .fork(let first, let second):
        pending.append(second)
        place = first
      case .expect(let assertion):
        guard holds(assertion, previous, next) else { return false }
        place += 1
      }
    }
    return false
  }

  private func holds(
    _ assertion: PatternNode.Assertion,
    _ previous: Unicode.Scalar?,
    _ next: Unicode.Scalar?
  ) -> Bool {
    switch assertion {
    case .textStart: previous == nil
    case .textEnd: next == nil
    case .lineStart: previous == nil || previous == "\n"
    case .lineEnd: next == nil || next == "\n"
    case .wordBoundary: isWord(previous) != isWord(next)
    case .noWordBoundary: isWord(previous) == isWord(next)
    }
  }

  private func isWord(_ scalar: Unicode.Scalar?) -> Bool {
    guard let scalar, scalar.isASCII else { return false }
    return UInt8(ascii: scalar).isAlphanumeric || scalar == "_"
  }
}
