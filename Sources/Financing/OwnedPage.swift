import Identity
import RPC
import Store

/// Which rows a page of applications or loans holds: those after an id, of one enterprise if asked, and of the caller
/// alone for who sees only the own ones. One statement a shape, so that each runs on its own index.
struct OwnedPage {
  /// What follows WHERE, to the end of the statement.
  let clause: String
  let values: [SQLValue]

  /// - Parameter owner: The column that holds the subject of who applied.
  init(after id: String, limit: Int, enterprise: String?, owner: String, for principal: Principal) {
    var conditions = "id > ?1"
    var values = [id.sqlValue, limit.sqlValue]
    if let enterprise {
      values.append(enterprise.sqlValue)
      conditions += " AND enterprise = ?\(values.count)"
    }
    if principal.seesOwnOnly {
      values.append(principal.subject.sqlValue)
      conditions += " AND \(owner) = ?\(values.count)"
    }
    clause = "\(conditions) ORDER BY id LIMIT ?2"
    self.values = values
  }
}
