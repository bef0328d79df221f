import FinancialMath
import Testing

@testable import Ledger

@Suite struct StoredSumTests {
  @Test(
    arguments: [
      (0, 0, 0), (999_999_999_999_999_999, 999_999_999_999_999_999, 0), (1_000_000_000_000_000_000, 0, 1),
      (2 * Int128(Int64.max), 446_744_073_709_551_614, 18),
      (Int128(1) << 100, 229_401_496_703_205_376, 1_267_650_600_228),
    ] as [(Int128, Int64, Int64)])
  func twoColumnsHoldASum(sum: Int128, minorUnits: Int64, quintillions: Int64) {
    let stored = StoredSum(MoneySum(sum, .cny))
    #expect((stored.minorUnits, stored.quintillions) == (minorUnits, quintillions))
    #expect(stored.sum(in: .cny) == MoneySum(sum, .cny))
  }

  /// As it was kept before there was a second column.
  @Test func anOlderRowIsReadAsItIs() {
    #expect(StoredSum(minorUnits: .max, quintillions: 0).sum(in: .cny) == MoneySum(Int128(Int64.max), .cny))
  }
}
