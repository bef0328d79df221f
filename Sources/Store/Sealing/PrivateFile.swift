import Foundation
import Glibc
import RPC

/// Files that only their owner may read.
public enum PrivateFile {
  /// The file's text, or nil where there is no file.
  ///
  /// - Throws: `StartError` when it cannot be read, or others than its owner may read it.
  static func read(_ path: String) throws(StartError) -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let mode: Int
    let data: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw StartError(cannot: "read \(path)", error)
    }
    guard mode & 0o077 == 0 else {
      throw StartError("\(path) can be read by others than its owner; run chmod 600 on it")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Makes a file that did not exist; it is never readable by others, nor ever seen half written.
  ///
  /// - Throws: `StartError`.
  public static func create(_ path: String, _ text: String) throws(StartError) {
    guard !FileManager.default.fileExists(atPath: path) else { throw StartError("\(path) exists already") }
    try replace(path, text)
  }

  /// Puts a file in the place of another in one step.
  static func replace(_ path: String, _ text: String) throws(StartError) {
    let new = path + ".new"
    unsafe unlink(new)
    let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failure(path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0, unsafe rename(new, path) == 0 else { throw failure(path) }
  }

  /// Takes the lock file, which the process holds until it ends; a second process is refused.
  static func lock(_ path: String) throws(StartError) -> FileHandle {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw StartError("another process serves this data folder: it holds \(path); end it, or choose another folder")
    }
    return file
  }

  private static func failure(_ path: String) -> StartError {
    StartError(cannot: "write \(path)", errno: errno)
  }
}
