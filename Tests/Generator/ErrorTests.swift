import Testing

/// What the generator refuses, and how it says so.
@Suite struct ErrorTests {
  private static let head = """
    syntax = "proto3";
    package millrace.doors.v1;
    import "google/protobuf/empty.proto";
    import "millrace/options/v1/access.proto";

    """

  @Test func methodWithoutAccessIsRefused() throws {
    let contract =
      Self.head + """
        service Doors {
          rpc Knock(google.protobuf.Empty) returns (google.protobuf.Empty) {
            option (millrace.options.v1.access).public = true;
          }
          rpc Enter(google.protobuf.Empty) returns (google.protobuf.Empty);
        }
        """
    let result = try Protoc.generate(contract, as: "millrace/doors/v1/doors.proto")
    #expect(result.status != 0)
    #expect(result.files.isEmpty)
    #expect(
      result.messages.contains(
        "millrace/doors/v1/doors.proto: service millrace.doors.v1.Doors, method Enter: it says not who may call it"
      )
    )
  }

  @Test(arguments: [
    "option (millrace.options.v1.access) = {};",
    "option (millrace.options.v1.access).public = false;",
    "option (millrace.options.v1.access).permission = \"\";",
  ])
  func emptyRuleIsRefused(_ option: String) throws {
    let contract =
      Self.head + """
        service Doors {
          rpc Enter(google.protobuf.Empty) returns (google.protobuf.Empty) { \(option) }
        }
        """
    let result = try Protoc.generate(contract, as: "millrace/doors/v1/doors.proto")
    #expect(result.status != 0)
    #expect(result.messages.contains("method Enter: it says not who may call it"))
  }

  @Test func otherPackagesNeedNoAccess() throws {
    let contract = """
      syntax = "proto3";
      package millracers.v1;
      message Nothing {}
      service Doors { rpc Enter(Nothing) returns (Nothing); }
      """
    let result = try Protoc.generate(contract, as: "doors.proto")
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.files["doors.rpc.swift"]?.contains("access: .unspecified") == true)
  }

  @Test(arguments: [
    ("module=A,MODULES=x/:B", "unknown option “MODULES”"),
    ("module=A,visibility=internal", "unknown option “visibility”"),
    ("module=A,fast", "unknown option “fast”"),
    ("module=A,modules=x", "“x” is not of the form path/prefix/:Module"),
    ("module=A,modules=x/:B,y", "“y” is not of the form path/prefix/:Module"),
    ("module=not a name", "“not a name” is no module name"),
    ("modules=x/:B", "option module=Name is missing"),
  ])
  func wrongOptionIsRefused(_ options: String, _ reason: String) throws {
    let result = try Protoc.generate(["golden/scalars.proto"], options: options)
    #expect(result.status != 0)
    #expect(result.messages.contains(reason), "\(result.messages)")
  }
}
