import RPC

// Other protocols than gRPC on a server's stream.
extension ServerStream {
  /// A POST in another protocol.
  func accept(_ kind: WebProtocol) {
    let cors = connection.crossOrigin.headers(for: head.metadata)
    let names = kind.compressionHeaders
    let compression =
      head.metadata[names.request].map { Compression(name: Array($0.utf8).span) } ?? head.compression
    acceptCompressions(names.accepted)
    let transport: any WebTransport =
      switch kind {
      case .grpcWeb(let codec, let isText): GRPCWebTransport(stream: self, codec: codec, isText: isText, cors: cors)
      case .connectUnary(let codec):
        ConnectUnaryTransport(
          stream: self,
          codec: codec,
          cors: cors,
          isPacked: compression != .identity,
          maxRequestBytes: connection.limits.maxRequestBytes
        )
      case .connectStream(let codec): ConnectStreamTransport(stream: self, codec: codec, cors: cors)
      }
    begin(kind, head.endpoint, compression, transport)
  }

  /// A GET in Connect.
  func acceptQuery() {
    let cors = connection.crossOrigin.headers(for: head.metadata)
    acceptCompressions("accept-encoding")
    guard let request = head.query, request.endpoint.method.idempotency == .noSideEffects else {
      return atEnd { $0.refuse(.methodNotAllowed) }
    }
    do throws(RPCError) {
      let query = try ConnectQuery(request.text)
      let transport = ConnectUnaryTransport(
        stream: self,
        codec: query.codec,
        cors: cors,
        request: query.message,
        isPacked: query.compression != .identity,
        maxRequestBytes: connection.limits.maxRequestBytes
      )
      begin(.connectUnary(query.codec), request.endpoint, query.compression, transport)
    } catch {
      let transport = ConnectUnaryTransport(
        stream: self, codec: .json, cors: cors, isPacked: false, maxRequestBytes: 0)
      atEnd { _ in transport.finish(error, trailers: nil, requestEnded: true) }
    }
  }

  private func begin(
    _ kind: WebProtocol,
    _ endpoint: Endpoint?,
    _ compression: Compression?,
    _ transport: any WebTransport
  ) {
    web = transport
    if let endpoint, !kind.carries(endpoint.kind) {
      return atEnd { $0.refuse(.unsupportedMediaType) }
    }
    do throws(RPCError) {
      guard let endpoint else { throw RPCError(.unimplemented, "there is no such method") }
      guard let compression else {
        throw RPCError(.unimplemented, "the encoding of the request is not one of \(Compression.acceptable)")
      }
      head.use(compression)
      accept(
        endpoint, try timeout(kind), transport: transport, codec: kind.codec, malformedRequest: kind.malformedRequest)
    } catch {
      atEnd { _ in transport.finish(error, trailers: nil, requestEnded: true) }
    }
  }

  /// A protocol's own list of encodings, which may come in several fields, takes the place of gRPC's.
  private func acceptCompressions(_ name: String) {
    let lists = head.metadata.values(name)
    guard !lists.isEmpty else { return }
    head.accept(AcceptedCompressions(list: Array(lists.joined(separator: ",").utf8).span))
  }

  /// Nanoseconds; nil for none.
  private func timeout(_ kind: WebProtocol) throws(RPCError) -> UInt64? {
    if case .grpcWeb = kind {
      guard head.hasTimeout else { return nil }
      guard let timeout = head.timeoutNanoseconds else { throw RPCError(.internal, "grpc-timeout is malformed") }
      return timeout
    }
    guard let text = head.metadata["connect-timeout-ms"] else { return nil }
    // At most ten digits, by Connect's specification.
    guard text.utf8.count <= 10, let milliseconds = UInt64(digits: text) else {
      throw RPCError(.invalidArgument, "connect-timeout-ms must be a number of up to ten digits")
    }
    return milliseconds * 1_000_000
  }

  // MARK: For the protocols' transports

  /// Sends the headers of a response, `:status` first. False, and the call fails, when they are over the limit.
  @discardableResult
  func respond(_ fields: Metadata, hasBody: Bool) -> Bool { respond(HeaderList(.none, fields), hasBody: hasBody) }

  /// Queues a part of the response's body.
  func enqueue(raw bytes: [UInt8]) { queue { $0.append(raw: bytes) } }

  /// What is queued is all.
  func endBody() {
    bodyEnds = true
    resume()
    connection.scheduleFlush()
  }
}
