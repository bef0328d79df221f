import Contracts
import Protobuf
import RPC

/// Which terms of a product an update mask may name, and how each is taken over.
enum ProductUpdate {
  private static let terms: [String: @Sendable (inout CatalogV1.Product, CatalogV1.Product) -> Void] = [
    "display_name": { $0.displayName = $1.displayName },
    "annual_rate_e8": { $0.annualRateE8 = $1.annualRateE8 },
    "min_installment_count": { $0.minInstallmentCount = $1.minInstallmentCount },
    "max_installment_count": { $0.maxInstallmentCount = $1.maxInstallmentCount },
    "min_amount": { $0.minAmount = $1.minAmount },
    "max_amount": { $0.maxAmount = $1.maxAmount },
    "repayment_method": { $0.repaymentMethod = $1.repaymentMethod },
    "day_count": { $0.dayCount = $1.dayCount },
    "rounding": { $0.rounding = $1.rounding },
    "frequency": { $0.frequency = $1.frequency },
    "jurisdiction": { $0.jurisdiction = $1.jurisdiction },
    "lender_class": { $0.lenderClass = $1.lenderClass },
  ]

  /// Takes over the terms that the mask names.
  ///
  /// - Throws: INVALID_ARGUMENT naming update_mask when it names nothing, or what is not a term.
  static func apply(
    _ update: CatalogV1.Product, _ mask: GoogleProtobuf.FieldMask?, to product: inout CatalogV1.Product
  ) throws(RPCError) {
    guard let paths = mask?.paths, !paths.isEmpty else {
      throw .invalidArgument(field: "update_mask", "must name the terms to change")
    }
    for path in paths {
      guard let take = terms[path] else {
        let choices = terms.keys.sorted().joined(separator: ", ")
        throw .invalidArgument(field: "update_mask", "\(path) is not one of \(choices)")
      }
      take(&product, update)
    }
  }
}
