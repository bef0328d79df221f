/// A pattern as instructions for a machine that is in many places at once.
struct PatternProgram: Sendable {
  enum Instruction: Sendable {
    /// Takes a character of the set, and goes on with the next instruction.
    case take(Int)
    /// Goes on at both places.
    case fork(Int, Int)
    case jump(Int)
    /// Goes on with the next instruction where the assertion holds.
    case expect(PatternNode.Assertion)
    case match
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [ScalarSet] = []
  /// Whether a match can begin nowhere but at the start of the text.
  private(set) var isAnchored = false

  static let matchingNothing = PatternProgram()

  private init() {}

  init(_ node: PatternNode) throws(PatternError) {
    isAnchored = Self.isAnchored(node)
    try emit(node)
    try append(.match)
  }

  private static func isAnchored(_ node: PatternNode) -> Bool {
    switch node {
    case .assertion(.textStart): true
    case .sequence(let nodes): nodes.first.map(isAnchored) ?? false
    case .alternatives(let nodes): nodes.allSatisfy(isAnchored)
    default: false
    }
  }

  private mutating func emit(_ node: PatternNode) throws(PatternError) {
    switch node {
    case .empty: break
    case .scalar(let set): try append(.take(index(of: set)))
    case .assertion(let assertion): try append(.expect(assertion))
    case .sequence(let nodes):
      for node in nodes { try emit(node) }
    case .alternatives(let nodes): try emit(alternatives: nodes[...])
    case .repetition(let node, let least, let most):
      for _ in 0..<least { try emit(node) }
      guard let most else { return try emit(loop: node) }
      try emit(optional: node, times: most - least)
    }
  }

  private mutating func emit(alternatives nodes: ArraySlice<PatternNode>) throws(PatternError) {
    var ends: [Int] = []
    for (index, node) in zip(nodes.indices, nodes) {
      guard index + 1 < nodes.endIndex else {
        try emit(node)
        break
      }
      let fork = try append(.match)
      try emit(node)
      ends.append(try append(.match))
      instructions[fork] = .fork(fork + 1, instructions.count)
    }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func emit(loop node: PatternNode) throws(PatternError) {
    let fork = try append(.match)
    try emit(node)
    try append(.jump(fork))
    instructions[fork] = .fork(fork + 1, instructions.count)
  }

  private mutating func emit(optional node: PatternNode, times: Int) throws(PatternError) {
    var forks: [Int] = []
    for _ in 0..<times {
      forks.append(try append(.match))
      try emit(node)
    }
    for fork in forks { instructions[fork] = .fork(fork + 1, instructions.count) }
  }

  @discardableResult
  private mutating func append(_ instruction: Instruction) throws(PatternError) -> Int {
    guard instructions.count < RuleLimits.patternInstructions else {
      throw PatternError("it is too large: more than \(RuleLimits.patternInstructions) instructions")
    }
    instructions.append(instruction)
    return instructions.count - 1
  }

  private mutating func index(of set: ScalarSet) -> Int {
    if let index = sets.firstIndex(of: set) { return index }
    sets.append(set)
    return sets.count - 1
  }
}
