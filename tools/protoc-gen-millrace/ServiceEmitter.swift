/// The protocol, the method list and the client of a service.
struct ServiceEmitter {
  private let service: ServiceModel
  private let scope: Scope

  init(_ service: ServiceModel, program: Program) {
    self.service = service
    scope = Scope(file: service.file, program: program)
  }

  func emit(into printer: inout Printer) {
    printer.block("extension \(service.file.namespace)") { printer in
      emitProtocol(into: &printer)
      printer.line()
      emitMethods(into: &printer)
      printer.line()
      emitClient(into: &printer)
    }
    printer.line()
    emitDefaults(into: &printer)
  }

  private func runtime(_ name: String) -> String { scope.runtime(name, of: "RPC") }

  private var methodList: String { service.swiftName + "Methods" }

  /// What a server implements.
  private func emitProtocol(into printer: inout Printer) {
    DocComment.emit(
      service.comments,
      fallback: "`\(service.fullName)`",
      deprecated: service.isDeprecated,
      into: &printer
    )
    printer.block("public protocol \(service.swiftName): \(runtime("Service"))") { printer in
      for (index, method) in service.methods.enumerated() {
        if index > 0 { printer.line() }
        DocComment.emit(
          method.comments,
          fallback: "`\(method.name)`",
          deprecated: method.isDeprecated,
          into: &printer
        )
        let request = scope.name(of: method.input)
        let response = scope.name(of: method.output)
        let call = runtime("Call")
        let requests = "\(runtime("RequestStream"))<\(request)>"
        let responses = "\(runtime("ResponseStream"))<\(response)>"
        let (parameters, result) =
          switch method.kind {
          case .unary: (["_ request: \(request)", "_ call: \(call)"], " -> \(response)")
          case .serverStreaming: (["_ request: \(request)", "_ responses: \(responses)", "_ call: \(call)"], "")
          case .clientStreaming: (["_ requests: \(requests)", "_ call: \(call)"], " -> \(response)")
          case .bidirectional: (["_ requests: \(requests)", "_ responses: \(responses)", "_ call: \(call)"], "")
          }
        emitSignature(
          "func \(method.swiftName.escaped)",
          parameters,
          " async throws\(result)",
          into: &printer
        )
      }
    }
  }

  /// The descriptors that routing, access rules and reflection read.
  private func emitMethods(into printer: inout Printer) {
    printer.line("/// The methods of `\(service.fullName)` as its contract declares them.")
    printer.block("public enum \(methodList)") { printer in
      for method in service.methods {
        printer.line("public static let \(method.swiftName.escaped) = \(runtime("MethodDescriptor"))(")
        printer.indented { printer in
          printer.line("service: \(SwiftLiteral.string(service.fullName)), name: \(SwiftLiteral.string(method.name)),")
          printer.line(
            "kind: .\(method.kind.rawValue), access: \(literal(method.access)), "
              + "idempotency: .\(method.idempotency.rawValue)\(execution(method)))"
          )
        }
      }
      printer.line("public static let descriptor = \(runtime("ServiceDescriptor"))(")
      printer.indented { printer in
        printer.line("name: \(SwiftLiteral.string(service.fullName)),")
        let names = service.methods.map(\.swiftName.escaped)
        let list = "methods: [" + names.joined(separator: ", ") + "],"
        if list.utf8.count <= printer.columnsLeft {
          printer.line(list)
        } else {
          printer.line("methods: [")
          printer.indented { printer in
            for name in names { printer.line(name + ",") }
          }
          printer.line("],")
        }
        printer.line("file: \(service.file.descriptorName))")
      }
    }
  }

  /// Said only where it is not the default.
  private func execution(_ method: MethodModel) -> String {
    method.execution == .onLoop ? "" : ", execution: .\(method.execution.rawValue)"
  }

  private func literal(_ access: MethodModel.Access) -> String {
    switch access {
    case .unspecified: ".unspecified"
    case .public: ".public"
    case .permission(let name): ".permission(\(SwiftLiteral.string(name)))"
    }
  }

  /// What a caller uses.
  private func emitClient(into printer: inout Printer) {
    DocComment.emit(
      Comments(),
      fallback: "Calls `\(service.fullName)` over a channel.",
      deprecated: service.isDeprecated,
      into: &printer
    )
    printer.block("public struct \(service.swiftName)Client: Sendable") { printer in
      printer.line("private let channel: any \(runtime("Channel"))")
      printer.line()
      printer.line("public init(_ channel: any \(runtime("Channel"))) { self.channel = channel }")
      for method in service.methods {
        printer.line()
        DocComment.emit(
          method.comments,
          fallback: "`\(method.name)`",
          deprecated: method.isDeprecated,
          into: &printer
        )
        emitCall(method, into: &printer)
      }
    }
  }

  private func emitCall(_ method: MethodModel, into printer: inout Printer) {
    let request = scope.name(of: method.input)
    let response = scope.name(of: method.output)
    let options = "options: \(runtime("CallOptions")) = \(runtime("CallOptions"))()"
    let descriptor = "\(methodList).\(method.swiftName)"
    let types = "<\(request), \(response)>"
    let (parameters, result, arguments) =
      switch method.kind {
      case .unary: (["_ request: \(request)", options], response, "request, options: options")
      case .serverStreaming:
        (
          ["_ request: \(request)", options], "\(runtime("ResponseSequence"))<\(response)>", "request, options: options"
        )
      case .clientStreaming: ([options], runtime("ClientStreamingCall") + types, "options: options")
      case .bidirectional: ([options], runtime("BidirectionalCall") + types, "options: options")
      }
    emitSignature(
      "public func \(method.swiftName.escaped)",
      parameters,
      " async throws -> \(result) {",
      into: &printer
    )
    printer.indented { $0.line("try await channel.\(method.kind.rawValue)(\(descriptor), \(arguments))") }
    printer.line("}")
  }

  /// What a conforming type gets for nothing: the descriptor, and the list of handlers.
  private func emitDefaults(into printer: inout Printer) {
    let namespace = service.file.namespace
    printer.block("extension \(namespace).\(service.swiftName)") { printer in
      let descriptor = "\(namespace).\(methodList)"
      printer.line(
        "public static var descriptor: \(runtime("ServiceDescriptor")) { \(descriptor).descriptor }"
      )
      printer.line()
      printer.block("public var methods: [\(runtime("ServiceMethod"))]") { printer in
        printer.line("[")
        printer.indented { printer in
          for method in service.methods {
            // All in one closure: each one more would look for its executor once a call.
            printer.line("\(runtime("ServiceMethod"))(\(descriptor).\(method.swiftName)) { call in")
            printer.indented { $0.line(invocation(of: method)) }
            printer.line("},")
          }
        }
        printer.line("]")
      }
    }
  }

  /// The handler's body: what comes in, through the method, to what goes out.
  private func invocation(of method: MethodModel) -> String {
    let requests = "\(runtime("RequestStream"))(call)"
    let responses = "\(runtime("ResponseStream"))(call)"
    // A method may be called `call` itself.
    let name = "self.\(method.swiftName.escaped)"
    return switch method.kind {
    case .unary: "call.reply(with: try await \(name)(try call.request(), call))"
    case .serverStreaming: "try await \(name)(try call.request(), \(responses), call)"
    case .clientStreaming: "call.reply(with: try await \(name)(\(requests), call))"
    case .bidirectional: "try await \(name)(\(requests), \(responses), call)"
    }
  }

  private func emitSignature(
    _ head: String,
    _ parameters: [String],
    _ tail: String,
    into printer: inout Printer
  ) {
    let single = "\(head)(\(parameters.joined(separator: ", ")))\(tail)"
    if single.utf8.count <= printer.columnsLeft {
      printer.line(single)
      return
    }
    printer.line(head + "(")
    printer.indented { printer in
      for (index, parameter) in parameters.enumerated() {
        printer.line(parameter + (index + 1 < parameters.count ? "," : ""))
      }
    }
    printer.line(")" + tail)
  }
}
