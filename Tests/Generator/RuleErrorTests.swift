import Testing

/// Rules that the generator refuses, since a server could not enforce them or they make no sense.
@Suite struct RuleErrorTests {
  private static let head = """
    syntax = "proto3";
    package shop.v1;
    import "buf/validate/validate.proto";
    import "google/protobuf/timestamp.proto";
    message Other { string name = 1; }

    """

  @Test(arguments: [
    ("string a = 1 [(buf.validate.field).cel = {id: \"x.y\", expression: \"true\"}];", "“x.y”"),
    ("string a = 1 [(buf.validate.field).cel_expression = \"this != ''\"];", "Common Expression Language"),
    ("repeated string a = 1 [(buf.validate.field).repeated.items.cel = {id: \"x\"}];", "“x”"),
    ("string a = 1 [(buf.validate.field).int32.gt = 1];", "must be (buf.validate.field).string, not .int32"),
    ("repeated string a = 1 [(buf.validate.field).string.len = 1];", ".repeated, not .string"),
    ("map<string, int32> a = 1 [(buf.validate.field).map.values.string.len = 1];", ".int32, not .string"),
    ("Other a = 1 [(buf.validate.field).string.len = 1];", "no standard rules for shop.v1.Other"),
    ("repeated Other a = 1 [(buf.validate.field).repeated.unique = true];", "not for messages"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"a(\"];", "string.pattern “a(”: there is a ( without a )"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"(?=a)\"];", "(?= is not supported"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"\\\\p{Greek}\"];", "\\p{Greek} is not supported"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"(?i)\u{E9}\"];", "beyond ASCII"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"((a{100}){100}){100}\"];", "more than 1000"),
    ("string a = 1 [(buf.validate.field).string.pattern = \"(abcdefghijkl){1000}\"];", "more than 10000 instructions"),
    (
      "google.protobuf.Timestamp a = 1 [(buf.validate.field).timestamp.lt = {seconds: 253402300800}];",
      "not between the years 1 and 9999"
    ),
    ("string a = 1 [(buf.validate.predefined).cel = {id: \"x\"}];", "(buf.validate.predefined)"),
  ])
  func ruleOfAFieldIsRefused(_ field: String, _ reason: String) throws {
    try expectRefusal(Self.head + "message Order { \(field) }", "shop.proto: field a of shop.v1.Order: ", reason)
  }

  @Test(arguments: [
    ("option (buf.validate.message).cel = {id: \"x\", expression: \"true\"};", "“x”"),
    ("option (buf.validate.message).cel_expression = \"true\";", "Common Expression Language"),
    ("option (buf.validate.message).oneof = {fields: [\"a\", \"c\"]};", "the field c, which is not there"),
    ("option (buf.validate.message).oneof = {fields: [\"a\", \"a\"]};", "the field a twice"),
    ("option (buf.validate.message).oneof = {required: true};", "names no fields"),
  ])
  func ruleOfAMessageIsRefused(_ option: String, _ reason: String) throws {
    try expectRefusal(
      Self.head + "message Order { \(option) string a = 1; string b = 2; }",
      "shop.proto: message shop.v1.Order: ",
      reason
    )
  }

  @Test func predefinedRuleIsRefused() throws {
    let contract = """
      syntax = "proto2";
      package shop.v1;
      import "buf/validate/validate.proto";
      extend buf.validate.StringRules { optional bool shouting = 1001; }
      message Order { optional string a = 1 [(buf.validate.field).string.(shouting) = true]; }
      """
    try expectRefusal(contract, "shop.proto: field a of shop.v1.Order: ", "predefined rules are not supported")
  }

  @Test func ruleOnAnExtensionIsRefused() throws {
    let contract = """
      syntax = "proto2";
      package shop.v1;
      import "buf/validate/validate.proto";
      message Order { extensions 100 to max; }
      extend Order { optional string note = 100 [(buf.validate.field).string.len = 1]; }
      """
    try expectRefusal(contract, "shop.proto: extension shop.v1.note: ", "no rules on an extension")
  }

  private func expectRefusal(_ contract: String, _ place: String, _ reason: String) throws {
    let result = try Protoc.generate(contract, as: "shop.proto")
    #expect(result.status != 0)
    #expect(result.files.isEmpty)
    #expect(result.messages.contains(place), "\(result.messages)")
    #expect(result.messages.contains(reason), "\(result.messages)")
  }
}
