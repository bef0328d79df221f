// When a call's handler runs. Everything here happens on the call's loop.
extension Call {
  /// Where the call stands on its way to its handler.
  enum Turn {
    /// Its handler is not to run yet, or runs or has run by now.
    case none
    /// It waits for its connection's turn on the loop.
    case ready
    /// It waits for a place among the costly handlers.
    case waitsForPlace
  }

  /// The handler, or the one that goes on with the call, can run.
  func becomeReady() {
    turn = .ready
    loop.handlers.add(self)
  }

  /// The call's turn has come. False when its handler does not run now, or not at all.
  func beginTurn() -> Bool {
    turn = .none
    guard state.response != .finished else {
      didMissTurn()
      return false
    }
    if endpoint.isCostly, !hasCostlyPlace {
      guard connection.context.costlyHandlers.enter(self) else {
        turn = .waitsForPlace
        return false
      }
      hasCostlyPlace = true
    }
    // Who has begun may end, and who asks whether the server serves gets an answer.
    if hasBegun || endpoint.isVital {
      connection.context.reenterHandler()
    } else if !connection.context.enterHandler() {
      connection.context.incidents.report("call refused: too many handlers run", peer: connection.peer.address)
      fail(RPCError(.resourceExhausted, "the server runs as many handlers as it may"))
      didMissTurn()
      return false
    }
    isRunning = true
    if !hasBegun {
      hasBegun = true
      transport?.handlerDidBegin()
    }
    return true
  }

  /// Whether the turn is the method's handler's, on the call's loop.
  var runsItsHandlerHere: Bool { resumption == nil && !endpoint.isCostly }

  /// There is a place among the costly handlers. Where the peer has not read what it was sent the call waits for that
  /// first, and not in a place that others need.
  func takeCostlyPlace() {
    hasCostlyPlace = true
    guard state.response != .finished else { return didMissTurn() }
    guard !connection.lane.isBlocked else {
      leaveCostlyPlace()
      return becomeReady()
    }
    turn = .ready
    loop.handlers.addFirst(self)
  }

  /// The handler has ended, or waits for nothing but the keeper of its response.
  func endTurn() {
    stopRunning()
    leaveCostlyPlace()
  }

  /// The call is over before its turn has come.
  func leaveTurn() {
    switch turn {
    case .none: return
    case .ready: connection.lane.remove(self)
    case .waitsForPlace: connection.context.costlyHandlers.withdraw(self)
    }
    turn = .none
    didMissTurn()
  }

  /// Waits for the client. A handler that does so does not count among those that run.
  func waitForPeer<T>(_ wait: () async throws -> T) async throws -> T {
    peerWaitCount += 1
    stopRunning()
    defer {
      peerWaitCount -= 1
      if peerWaitCount == 0, hasBegun, !handlerEnded, !isParked {
        connection.context.reenterHandler()
        isRunning = true
      }
    }
    return try await wait()
  }

  private func didMissTurn() {
    handlerEnded = true
    leaveCostlyPlace()
  }

  private func stopRunning() {
    guard isRunning else { return }
    isRunning = false
    connection.context.leaveHandler()
  }

  private func leaveCostlyPlace() {
    guard hasCostlyPlace else { return }
    hasCostlyPlace = false
    connection.context.costlyHandlers.leave()
  }
}
