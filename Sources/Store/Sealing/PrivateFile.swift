import Foundation
import Glibc

/// Files that only their owner may read.
enum PrivateFile {
  /// The file's text, or nil where there is no file.
  static func read(_ path: String) throws -> String? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
      guard mode & 0o077 == 0 else {
        throw StoreStartError("\(path) can be read by others than its owner; run chmod 600 on it")
      }
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    } catch let error as StoreStartError {
      throw error
    } catch {
      throw StoreStartError("cannot read \(path): \(error)")
    }
  }

  /// Makes a file that did not exist; it is never readable by others, nor ever seen half written.
  static func create(_ path: String, _ text: String) throws {
    guard !FileManager.default.fileExists(atPath: path) else { throw StoreStartError("\(path) exists already") }
    try replace(path, text)
  }

  /// Puts a file in the place of another in one step.
  static func replace(_ path: String, _ text: String) throws {
    let new = path + ".new"
    unsafe unlink(new)
    let descriptor = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.write(contentsOf: Data(text.utf8))
      try file.synchronize()
      try file.close()
    } catch {
      throw StoreStartError("cannot write \(path): \(error)")
    }
    guard unsafe rename(new, path) == 0 else { throw failure(path) }
  }

  /// Takes the lock file, which the process holds until it ends; a second process is refused.
  static func lock(_ path: String) throws -> FileHandle {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw StoreStartError("another process serves this data directory: it holds \(path)")
    }
    return file
  }

  private static func failure(_ path: String) -> StoreStartError {
    StoreStartError("cannot write \(path): \(String(describing: POSIXErrorCode(rawValue: errno)))")
  }
}
