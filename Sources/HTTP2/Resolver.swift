import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finds the addresses of a server, in the order in which they are to be tried.
struct Resolver: Sendable {
  let addresses: @Sendable (any EventLoop) -> EventLoopFuture<[SocketAddress]>

  init(addresses: @escaping @Sendable (any EventLoop) -> EventLoopFuture<[SocketAddress]>) {
    self.addresses = addresses
  }

  init(_ target: Target) {
    switch target.place {
    case .addresses(let addresses): self.init { $0.makeSucceededFuture(addresses) }
    case .name(let host, let port):
      // The system's resolver blocks.
      self.init { NIOThreadPool.singleton.runIfActive(eventLoop: $0) { try Resolver.lookUp(host, port) } }
    }
  }

  /// Why a name has no addresses.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static func lookUp(_ host: String, _ port: Int) throws -> [SocketAddress] {
    var hints = addrinfo()
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var first: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, String(port), &hints, &first)
    guard result == 0 else { throw Failure(description: String(cString: gai_strerror(result))) }
    defer { freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = first
    while let entry = next {
      next = entry.pointee.ai_next
      guard let pointer = UnsafeRawPointer(entry.pointee.ai_addr) else { continue }
      switch entry.pointee.ai_family {
      case AF_INET: addresses.append(SocketAddress(pointer.loadUnaligned(as: sockaddr_in.self), host: host))
      case AF_INET6: addresses.append(SocketAddress(pointer.loadUnaligned(as: sockaddr_in6.self), host: host))
      default: break
      }
    }
    return addresses
  }
}
