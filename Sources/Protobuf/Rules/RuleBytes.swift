/// Tests of runs of bytes.
public enum RuleBytes {
  public static func ends(
    _ bytes: some BidirectionalCollection<UInt8>,
    with suffix: some BidirectionalCollection<UInt8>
  ) -> Bool {
    bytes.count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix)
  }

  public static func contains(_ bytes: some Collection<UInt8>, _ part: some Collection<UInt8>) -> Bool {
    guard let first = part.first else { return true }
    let length = part.count
    var rest = bytes[...]
    while let start = rest.firstIndex(of: first) {
      rest = rest[start...]
      if rest.prefix(length).elementsEqual(part) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
