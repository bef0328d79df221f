import Protobuf

/// Learns contracts from a server, by reflection under either of its names.
public struct ReflectionClient: Sendable {
  private typealias Question = GrpcReflectionV1.ServerReflectionRequest.MessageRequest
  private typealias Answer = GrpcReflectionV1.ServerReflectionResponse

  /// Files that a symbol may bring along; a server that sends more is not believed.
  private static let maxFiles = 2_000

  private let channel: any Channel
  private let options: CallOptions

  public init(_ channel: any Channel, options: CallOptions = CallOptions()) {
    self.channel = channel
    self.options = options
  }

  /// The full names of the server's services.
  public func services() async throws -> [String] {
    guard case .listServicesResponse(let list) = try await ask(.listServices("*")) else { throw Self.unexpected }
    return list.service.map(\.name)
  }

  /// The file that declares a service, a message, an enum or a method, and all that it imports. NOT_FOUND if there is
  /// none.
  public func pool(declaring symbol: String) async throws -> DescriptorPool {
    var files = try await files(.fileContainingSymbol(symbol))
    var known = Set(files.compactMap(\.name))
    var waiting = files.flatMap(\.dependency)
    while let path = waiting.popLast() {
      guard !known.contains(path) else { continue }
      guard files.count < Self.maxFiles else {
        throw RPCError(.resourceExhausted, "\(symbol) needs more than \(Self.maxFiles) files")
      }
      for file in try await self.files(.fileByFilename(path)) where known.insert(file.name ?? "").inserted {
        files.append(file)
        waiting += file.dependency
      }
      // The server may call it otherwise than its importers do.
      known.insert(path)
    }
    do throws(DescriptorPool.Failure) {
      return try DescriptorPool(files)
    } catch {
      throw RPCError(.internal, "the server's contract does not hold together: \(error)")
    }
  }

  private func files(_ question: Question) async throws -> [GoogleProtobuf.FileDescriptorProto] {
    guard case .fileDescriptorResponse(let response) = try await ask(question) else { throw Self.unexpected }
    return try response.fileDescriptorProto.map { bytes in
      do throws(MessageDecodingError) {
        return try GoogleProtobuf.FileDescriptorProto(serializedBytes: bytes)
      } catch {
        throw RPCError(undecodable: error)
      }
    }
  }

  private func ask(_ question: Question) async throws -> Answer.MessageResponse {
    do {
      return try await ask(question, GrpcReflectionV1.ServerReflectionMethods.serverReflectionInfo)
    } catch let error as RPCError where error.code == .unimplemented {
      // The same messages under the older name.
      return try await ask(question, GrpcReflectionV1alpha.ServerReflectionMethods.serverReflectionInfo)
    }
  }

  private func ask(_ question: Question, _ method: MethodDescriptor) async throws -> Answer.MessageResponse {
    let call: BidirectionalCall<GrpcReflectionV1.ServerReflectionRequest, Answer> =
      try await channel.bidirectional(method, options: options)
    // What the server says of an early end is worth more than that the request did not get through.
    try? await call.send(GrpcReflectionV1.ServerReflectionRequest(messageRequest: question))
    call.finishSending()
    for try await answer in call.responses {
      if case .errorResponse(let error) = answer.messageResponse {
        throw RPCError(StatusCode(rawValue: Int(error.errorCode)) ?? .unknown, error.errorMessage)
      }
      guard let response = answer.messageResponse else { throw Self.unexpected }
      return response
    }
    throw Self.unexpected
  }

  private static var unexpected: RPCError { RPCError(.internal, "the server answers something else than it was asked") }
}
