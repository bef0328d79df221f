import Glibc
import NIOCore

extension ChannelHandlerContext {
  /// Bytes that were written to the channel and wait for the peer; 0 while the socket takes what there is. On the loop.
  ///
  /// Includes the bytes in the system's buffer. A socket says that it takes more only when a third of that buffer has
  /// drained, which can be a megabyte: without it nobody could tell a slow peer from one that does not read at all.
  var backlogBytes: Int {
    guard let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes), waiting > 0 else { return 0 }
    let unacknowledged = try? pipeline.syncOperations.withUnsafeTransportIfAvailable { (socket: NIOBSDSocket.Handle) in
      var count: CInt = 0
      // SIOCOUTQ, by its other name: bytes sent that the peer has not acknowledged, and bytes not sent.
      return ioctl(socket, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
    return waiting + (unacknowledged ?? 0)
  }
}
