import Lifecycle
import RPC
import Store

/// A table whose rows belong to an enterprise, which their column `enterprise` names: whoever sees the enterprise sees
/// them, no matter who made them.
/// Its name is their scope.
public protocol EnterpriseOwned: ResourceTable {}

extension EnterpriseOwned {
  public static func isVisible(scope: String, to principal: Principal, in connection: Connection) throws -> Bool {
    try EnterpriseTables.isVisible(scope: scope, to: principal, in: connection)
  }

  public static func restrict(_ page: inout PageQuery, to principal: Principal) {
    page.require("enterprise", in: EnterpriseTables.self, rowsOf: "enterprise", visibleTo: principal)
  }
}
