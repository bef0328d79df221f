import CMalloc

/// How the process's memory allocator treats large buffers.
public enum LargeBuffers {
  /// Buffers of this size and more go back to the system when they are freed.
  private static let thresholdBytes: Int32 = 128 << 10
  /// Memory that small blocks have needed stays with the process up to this, so that it is not asked for again and again.
  private static let keptBytes: Int32 = 4 << 20

  /// Has large buffers go back to the system as soon as they are freed. By itself glibc stops doing so once some have been
  /// freed, so that a server which has held many large messages for a moment keeps two or three times the memory from then
  /// on. For programs, at their start: the setting is the whole process's.
  public static func returnWhenFreed() {
    mallopt(M_MMAP_THRESHOLD, thresholdBytes)
    mallopt(M_TRIM_THRESHOLD, keptBytes)
  }
}
