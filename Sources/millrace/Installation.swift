import Catalog
import Enterprise
import Financing
import Foundation
import Identity
import Ledger
import Logging
import RPC
import Schedule
import Store

/// An installation's data folder, opened: the store, the callers, and every service on them.
struct Installation {
  let store: Store
  let callers: Callers

  /// Opens the folder, makes what is missing, and brings the tables up to date.
  ///
  /// - Throws: `StartError`.
  init(data: String, logger: Logger) throws {
    store = try Store(path: data, logger: logger)
    callers = try Callers.load(file: Self.callersFile(data))
    try store.migrate(
      LedgerMigrations.all + EnterpriseMigrations.all + CatalogMigrations.all + FinancingMigrations.all)
  }

  /// Where the callers' tokens are.
  static func callersFile(_ data: String) -> URL {
    URL(fileURLWithPath: data, isDirectory: true).appendingPathComponent("callers.json")
  }

  /// Every service, behind authentication and access control, and what anybody may ask for: the health of each, and its
  /// contract by reflection unless that is off.
  func router(reflection: Bool) throws -> (router: Router, health: Health) {
    let work = Work(store)
    var router = try Router(
      services: [
        EnterpriseService(store: store, work: work),
        CatalogService(store: store, work: work),
        ScheduleService(),
        FinancingService(store: store, work: work),
        PolicyService(store: store, work: work),
        BusinessDayService(store: store, work: work),
        LedgerService(store: store),
      ],
      admissions: [Authentication(callers), AccessControl()])
    let health = try router.registerStandardServices(reflection: reflection)
    return (router, health)
  }
}
