import Protobuf
import Synchronization

/// Tells clients the contracts of a server's services, in the standard protocol (grpc.reflection.v1).
public final class Reflection: GrpcReflectionV1.ServerReflection {
  private typealias Response = GrpcReflectionV1.ServerReflectionResponse

  private let services: [ServiceDescriptor]
  /// Made when the first client asks: most servers are never asked.
  private let index = Mutex<ReflectionIndex?>(nil)

  /// - Parameter services: What is told of; services that no contract declares are listed, and no more.
  public init(services: [ServiceDescriptor]) { self.services = services }

  public func serverReflectionInfo(
    _ requests: RequestStream<GrpcReflectionV1.ServerReflectionRequest>,
    _ responses: ResponseStream<GrpcReflectionV1.ServerReflectionResponse>,
    _ call: Call
  ) async throws {
    for try await request in requests {
      try await responses.send(
        Response(validHost: request.host, originalRequest: request, messageResponse: answer(request.messageRequest)))
    }
  }

  private func answer(_ request: GrpcReflectionV1.ServerReflectionRequest.MessageRequest?) -> Response.MessageResponse {
    let index = loadedIndex
    switch request {
    case .listServices:
      let names = services.map { GrpcReflectionV1.ServiceResponse(name: $0.name) }.sorted { $0.name < $1.name }
      return .listServicesResponse(GrpcReflectionV1.ListServiceResponse(service: names))
    case .fileByFilename(let path): return answer(index.file(named: path), "file \(path)")
    case .fileContainingSymbol(let name): return answer(index.file(declaring: name), "symbol \(name)")
    case .fileContainingExtension(let wanted):
      return answer(
        index.file(extending: wanted.containingType, number: wanted.extensionNumber),
        "extension \(wanted.extensionNumber) of \(wanted.containingType)")
    case .allExtensionNumbersOfType(let type):
      guard let numbers = index.extensionNumbers(of: type) else { return notFound("message \(type)") }
      return .allExtensionNumbersResponse(
        GrpcReflectionV1.ExtensionNumberResponse(baseTypeName: type, extensionNumber: numbers))
    case nil:
      return .errorResponse(
        GrpcReflectionV1.ErrorResponse(
          errorCode: Int32(StatusCode.invalidArgument.rawValue), errorMessage: "the request asks for nothing"))
    }
  }

  /// The file and all that it imports, so that no second question is needed.
  private func answer(_ file: ProtoFile?, _ subject: String) -> Response.MessageResponse {
    guard let file else { return notFound(subject) }
    let files = file.transitiveClosure.reversed().map(\.serializedBytes)
    return .fileDescriptorResponse(GrpcReflectionV1.FileDescriptorResponse(fileDescriptorProto: files))
  }

  private func notFound(_ subject: String) -> Response.MessageResponse {
    .errorResponse(
      GrpcReflectionV1.ErrorResponse(
        errorCode: Int32(StatusCode.notFound.rawValue), errorMessage: "there is no \(subject)"))
  }

  private var loadedIndex: ReflectionIndex {
    index.withLock { index in
      if let index { return index }
      let made = ReflectionIndex(services.compactMap(\.file))
      index = made
      return made
    }
  }
}

/// The same under its older name, grpc.reflection.v1alpha, whose messages are the same on the wire.
struct ReflectionV1Alpha: Service {
  static let descriptor = GrpcReflectionV1alpha.ServerReflectionMethods.descriptor

  let reflection: Reflection

  var methods: [ServiceMethod] {
    [
      ServiceMethod(GrpcReflectionV1alpha.ServerReflectionMethods.serverReflectionInfo) { call in
        try await reflection.serverReflectionInfo(RequestStream(call), ResponseStream(call), call)
      }
    ]
  }
}
