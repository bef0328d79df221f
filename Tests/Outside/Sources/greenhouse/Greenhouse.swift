import Protobuf
import RPC

/// The service behind the contract `greenhouse.v1`.
struct Greenhouse: GreenhouseV1.Greenhouse {
  func average(_ request: GreenhouseV1.AverageRequest, _ call: Call) async throws -> GreenhouseV1.Reading {
    guard let first = request.readings.first else {
      throw RPCError.invalidArgument(field: "readings", "at least one is needed")
    }
    let sum = request.readings.reduce(into: Int64(0)) { $0 &+= $1.millicelsius }
    return GreenhouseV1.Reading(
      millicelsius: sum / Int64(request.readings.count),
      thermometer: "average",
      watering: first.watering
    )
  }

  func watch(
    _ request: GreenhouseV1.WatchRequest,
    _ responses: ResponseStream<GreenhouseV1.Reading>,
    _ call: Call
  ) async throws {
    for number in 0..<max(0, request.count) {
      try await responses.send(GreenhouseV1.Reading(millicelsius: Int64(number), thermometer: "north"))
    }
  }
}
