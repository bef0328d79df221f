import NIOCore
import NIOPosix
import RPC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension StartError {
  /// A server cannot listen.
  ///
  /// - Parameter place: `HOST:PORT`, or `unix:PATH`.
  init(listeningOn place: String, _ error: any Error) {
    let action = "listen on \(place)"
    let isUnixSocket = place.hasPrefix("unix:")
    switch error {
    case let error as StartError: self = error
    case let error as IOError:
      let advice: String? =
        switch error.errnoCode {
        case EADDRINUSE: "another program listens there; end it, or choose another \(isUnixSocket ? "path" : "port")"
        case EADDRNOTAVAIL: "it is not an address of this machine; choose one that is, or 0.0.0.0 or [::] for all"
        case EAFNOSUPPORT: "this machine does not use addresses of this kind; choose another"
        case EACCES where !isUnixSocket: "ports below 1024 need a privilege; choose a higher one"
        case ENOENT where isUnixSocket: "make its folder, or choose another path"
        default: nil
        }
      self.init(cannot: action, errno: error.errnoCode, advice: advice)
    case let error as SocketAddressError.UnknownHost:
      self.init("cannot \(action): the name \(error.host) has no address; choose a name or an address of this machine")
    case SocketAddressError.unixDomainSocketPathTooLong:
      self.init("cannot \(action): the path of a socket may have at most 107 bytes; choose a shorter one")
    case is UnixDomainSocketPathWrongType:
      self.init("cannot \(action): something that is not a socket is there; move it away, or choose another path")
    default: self.init("cannot \(action): \(FailureText.describe(error))")
    }
  }
}
