/// Decides, when nothing but the headers of a request is there, whether its call may go on: authentication, access,
/// quotas. The body of a call that is refused is never kept.
///
/// Admissions are asked once, on the call's loop, in the order in which the router has them, before any interceptor and
/// handler; they must not block. One that counts or logs calls hears by `Call.whenEnded` of those that are refused as well.
public protocol Admission: Sendable {
  /// - Throws: What the client hears; the call is over then.
  func admit(_ call: Call) throws(RPCError)
}
