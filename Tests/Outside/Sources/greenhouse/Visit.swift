import HTTP2
import RPC

/// Calls a running greenhouse with the client that comes of its contract, and prints what it hears.
struct Visit {
  let port: Int

  func run() async throws {
    let channel = HTTP2Channel(host: "127.0.0.1", port: port)
    let greenhouse = GreenhouseV1.GreenhouseClient(channel)
    let readings = [21_000, -1_000].map { GreenhouseV1.Reading(millicelsius: $0) }
    let average = try await greenhouse.average(GreenhouseV1.AverageRequest(readings: readings))
    print("average \(average.millicelsius)")
    for try await reading in try await greenhouse.watch(GreenhouseV1.WatchRequest(count: 2)) {
      print("\(reading.thermometer) \(reading.millicelsius)")
    }
    do {
      _ = try await greenhouse.average(GreenhouseV1.AverageRequest())
    } catch let error as RPCError {
      print("\(error.code): \(error.violations.map(\.field).joined())")
    }
    await channel.close()
  }
}
