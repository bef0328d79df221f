import RPC
import Store

/// Which rows a page of a list holds: those after an id that the caller may see, narrowed further where the request asks
/// for it. Each combination of conditions is a statement of its own, so that each runs on its own index.
public struct PageQuery {
  private var conditions = ["id > ?1"]
  /// The statement's parameters.
  public private(set) var values: [SQLValue]

  /// - Parameters:
  ///   - id: The id of the last row on the page before; empty for the first page.
  ///   - limit: Maximum number of rows.
  public init<Table: ResourceTable>(of table: Table.Type, after id: String, limit: Int, for principal: Principal) {
    values = [id.sqlValue, limit.sqlValue]
    Table.restrict(&self, to: principal)
  }

  /// The part of the statement that follows WHERE, to its end.
  public var clause: String { conditions.joined(separator: " AND ") + " ORDER BY id LIMIT ?2" }

  /// Leaves out the rows that do not meet a condition.
  public mutating func require(_ condition: String) { conditions.append(condition) }

  /// Leaves out the rows that do not meet a condition on a value.
  ///
  /// - Parameter condition: The condition, for the name of the value's parameter.
  public mutating func require(_ value: some Bindable, _ condition: (_ parameter: String) -> String) {
    values.append(value.sqlValue)
    conditions.append(condition("?\(values.count)"))
  }

  /// Leaves out the rows that belong to a resource that a caller may not see.
  ///
  /// - Parameters:
  ///   - column: The column that names the resource that a row belongs to.
  ///   - owners: The kind of that resource.
  ///   - table: The name of the SQL table that it is in.
  public mutating func require<Owners: ResourceTable>(
    _ column: String, in owners: Owners.Type, rowsOf table: String, visibleTo principal: Principal
  ) {
    var inner = self
    inner.conditions = []
    Owners.restrict(&inner, to: principal)
    guard !inner.conditions.isEmpty else { return }
    values = inner.values
    conditions.append(
      "\(column) IN (SELECT '\(Owners.collection)/' || id FROM \(table) WHERE \(inner.conditions.joined(separator: " AND ")))"
    )
  }
}
