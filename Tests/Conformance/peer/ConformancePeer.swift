import ConformanceContract
import Foundation
import Protobuf

/// The program under test of Protobuf's conformance runner: requests on standard input, responses on standard output,
/// each behind its length in four bytes, the lowest first.
@main
struct ConformancePeer {
  private static let types: [String: any Message.Type] = Dictionary(
    uniqueKeysWithValues: [
      Everything.Everything.self, Everything.Scalars.self, Everything.Optionals.self, Everything.Lists.self,
      Everything.Maps.self, Everything.Choice.self, Everything.WellKnown.self, Everything.Names.self,
      Groups.Groups.self, Groups.Strict.self, Groups.Lengths.self,
      Conformance.FailureSet.self,
    ].map { (type: any Message.Type) in (type.protoName, type) })

  static func main() {
    while let size = read(4) {
      let count = size.reversed().reduce(0) { $0 << 8 | Int($1) }
      guard let request = read(count) else { return }
      let response = answer(request).serializedBytes()
      withUnsafeBytes(of: UInt32(response.count).littleEndian) { write(Array($0)) }
      write(response)
    }
  }

  private static func answer(_ bytes: [UInt8]) -> Conformance.ConformanceResponse {
    guard let request = try? Conformance.ConformanceRequest(serializedBytes: bytes) else {
      return Conformance.ConformanceResponse(result: .runtimeError("the request cannot be read"))
    }
    guard let type = types[request.messageType] else {
      return Conformance.ConformanceResponse(result: .skipped("there is no \(request.messageType) here"))
    }
    return Conformance.ConformanceResponse(result: convert(request, as: type))
  }

  private static func convert<M: Message>(
    _ request: Conformance.ConformanceRequest,
    as type: M.Type
  ) -> Conformance.ConformanceResponse.Result {
    let message: M
    switch request.payload {
    case .protobufPayload(let bytes):
      do throws(MessageDecodingError) {
        message = try M(serializedBytes: bytes)
      } catch {
        return .parseError("\(error)")
      }
    case .jsonPayload(let json):
      var options = JSONDecodingOptions()
      options.ignoresUnknownFields = request.testCategory == .jsonIgnoreUnknownParsingTest
      do throws(JSONDecodingError) {
        message = try M(jsonString: json, options: options)
      } catch {
        return .parseError("\(error)")
      }
    default: return .skipped("neither JSON nor the wire format comes in")
    }
    switch request.requestedOutputFormat {
    case .protobuf: return .protobufPayload(message.serializedBytes())
    case .json:
      do throws(JSONEncodingError) {
        return .jsonPayload(try message.jsonString())
      } catch {
        return .serializeError("\(error)")
      }
    default: return .skipped("neither JSON nor the wire format is asked for")
    }
  }

  /// Nil at the end.
  private static func read(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let part = try? FileHandle.standardInput.read(upToCount: count - bytes.count), !part.isEmpty else {
        return nil
      }
      bytes += part
    }
    return bytes
  }

  private static func write(_ bytes: [UInt8]) { try? FileHandle.standardOutput.write(contentsOf: bytes) }
}
