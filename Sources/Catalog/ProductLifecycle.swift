import Contracts
import Lifecycle

/// The legal moves of a product.
public enum ProductLifecycle {
  public static let table = TransitionTable<CatalogV1.Product.State>([
    .init(.draft, .inTest, by: .officer),
    .init(.inTest, .published, by: .officer),
    .init(.published, .suspended, by: .officer),
    .init(.suspended, .published, by: .officer),
    .init(.suspended, .retired, by: .officer),
  ])
}
