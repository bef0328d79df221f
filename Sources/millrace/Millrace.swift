import ArgumentParser

/// The program: the service, and what a person needs beside it.
@main
struct Millrace: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "millrace",
    abstract: "The typed RPC service behind a financing platform for small and medium enterprises.",
    subcommands: [
      Serve.self, ListLimits.self, Demo.self, Watch.self, CallCommand.self, Describe.self, Verify.self, Version.self,
    ])
}

/// `millrace version`.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Prints the version.")

  func run() {
    print("millrace \(Millrace.version)")
  }
}
