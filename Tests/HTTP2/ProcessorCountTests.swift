import Testing

@testable import HTTP2

@Suite struct ProcessorCountTests {
  @Test(
    arguments: [
      ("Name:\tmillrace\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2),
      ("Cpus_allowed:\tff,00000001\n", 9),
      ("Name:\tmillrace\n", nil),
    ] as [(String, Int?)])
  func countsTheAffinityMask(status: String, expected: Int?) {
    #expect(ProcessorCount.inAffinityMask(status: status) == expected)
  }

  @Test func isAtLeastOne() {
    #expect(ProcessorCount.usable >= 1)
  }
}
