import Contracts
import Identity
import Protobuf
import RPC
import Store

/// The contract: both parties sign the same document.
enum Contracting {
  /// Adds the caller's signature. True when both parties have signed now.
  ///
  /// - Throws: FAILED_PRECONDITION with reason DOCUMENT_MISMATCH when
  ///   the other party signed another document, or ALREADY_SIGNED.
  static func sign(
    _ application: inout FinancingV1.Application, digest: [UInt8], by principal: Principal, in unit: UnitOfWork
  ) throws(RPCError) -> Bool {
    let party: FinancingV1.Signature.Party = principal.has(.operator) ? .lender : .borrower
    for signature in application.signatures {
      guard signature.party != party else {
        throw .failedPrecondition(
          reason: "ALREADY_SIGNED", message: "\(party.valueName ?? "this party") has signed", subject: application.name)
      }
      guard signature.documentDigest == digest else {
        throw .failedPrecondition(
          reason: "DOCUMENT_MISMATCH", message: "document_digest: the other party signed another document",
          metadata: ["field": "document_digest"], subject: application.name)
      }
    }
    application.signatures.append(
      FinancingV1.Signature(
        party: party, signatory: unit.caller.subject, documentDigest: digest, signTime: unit.now.message))
    return application.signatures.count == 2
  }
}
