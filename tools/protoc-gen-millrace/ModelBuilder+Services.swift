import Protobuf

private typealias MethodProto = GoogleProtobuf.MethodDescriptorProto

extension ModelBuilder {
  func service(_ proto: GoogleProtobuf.ServiceDescriptorProto, in file: FileModel, path: [Int32]) throws -> ServiceModel
  {
    let name = proto.name ?? ""
    let service = ServiceModel(
      name: name,
      fullName: Self.join(file.package, name),
      swiftName: Naming.type(name, suffix: "Service"),
      file: file,
      comments: comments[path],
      isDeprecated: proto.options?.deprecated ?? false
    )
    var names: Set<String> = []
    for (index, methodProto) in proto.method.enumerated() {
      let swiftName = Naming.unique(Naming.methodName(Naming.method(methodProto.name ?? "")), in: &names)
      service.methods.append(
        try method(methodProto, swiftName: swiftName, of: service, comments: comments[path + [2, Int32(index)]])
      )
    }
    return service
  }

  private func method(
    _ proto: MethodProto,
    swiftName: String,
    of service: ServiceModel,
    comments: Comments
  ) throws -> MethodModel {
    let name = proto.name ?? ""
    let (inputType, outputType) = (proto.inputType ?? "", proto.outputType ?? "")
    let place = "\(service.file.path): service \(service.fullName), method \(name)"
    guard let input = messages[String(inputType.dropFirst())],
      let output = messages[String(outputType.dropFirst())]
    else { throw GeneratorError("\(place): \(inputType) or \(outputType) is not in the request") }
    let options = MethodOptions(serialized: proto.options?.unknownFields.bytes ?? [])
    if service.file.package.hasPrefix("millrace.") || service.file.package == "millrace",
      options.access ?? .unspecified == .unspecified
    {
      throw GeneratorError(
        "\(place): it says not who may call it; give it option (millrace.options.v1.access).permission = \"…\", or "
          + ".public = true"
      )
    }
    let kind = MethodModel.Kind(
      clientStreaming: proto.clientStreamingOrDefault,
      serverStreaming: proto.serverStreamingOrDefault
    )
    guard let execution = options.execution else {
      throw GeneratorError("\(place): option (millrace.options.v1.execution) has a value that is not known")
    }
    guard execution != .costly || kind == .unary else {
      throw GeneratorError(
        "\(place): option (millrace.options.v1.execution) = COSTLY is for methods with one request and one response: a "
          + "stream would occupy a thread of the pool while it waits for its client"
      )
    }
    return MethodModel(
      name: name,
      swiftName: swiftName,
      input: input,
      output: output,
      kind: kind,
      access: options.access ?? .unspecified,
      execution: execution,
      idempotency: Self.idempotency(of: proto),
      comments: comments,
      isDeprecated: proto.options?.deprecated ?? false
    )
  }

  private static func idempotency(of proto: MethodProto) -> MethodModel.Idempotency {
    switch proto.options?.idempotencyLevel {
    case .noSideEffects: .noSideEffects
    case .idempotent: .idempotent
    default: .unspecified
    }
  }
}
