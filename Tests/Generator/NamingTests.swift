import Testing

@testable import protoc_gen_millrace

/// Swift names for proto names.
@Suite struct NamingTests {
  @Test(arguments: [
    ("google.protobuf", nil, "GoogleProtobuf"),
    ("grpc.reflection.v1alpha", nil, "GrpcReflectionV1alpha"),
    ("millrace.type.v1", "TypeV1", "TypeV1"),
    ("under_score.v1", nil, "UnderScoreV1"),
    ("", nil, "Protos"),
  ])
  func namespace(_ package: String, _ prefix: String?, _ expected: String) {
    #expect(Naming.namespace(package: package, swiftPrefix: prefix) == expected)
  }

  @Test(arguments: [
    ("request_id", "requestId"), ("annual_rate_e8", "annualRateE8"), ("name", "name"), ("a", "a"), ("x_", "x"),
    ("double__score", "doubleScore"), ("alreadyCamel", "alreadyCamel"),
  ])
  func field(_ name: String, _ expected: String) {
    #expect(Naming.lowerCamel(name) == expected)
  }

  @Test(arguments: [
    ("STATE_DRAFT", "State", "draft"), ("EQUAL_INSTALMENT", "Mode", "equalInstalment"),
    ("DAY_COUNT_30_360", "DayCount", "dayCount30360"), ("STATE", "State", "state"), ("STATEMENT", "State", "statement"),
    ("lower_case", "Kind", "lowerCase"), ("kCamel", "Kind", "kCamel"), ("HTTP2_ON", "Http2", "on"),
  ])
  func enumCase(_ name: String, _ type: String, _ expected: String) {
    #expect(Naming.enumCase(name, in: type) == expected)
  }

  @Test(arguments: [
    ("CreateApplication", "createApplication"), ("GetURL", "getURL"), ("RPCList", "rpcList"), ("GET", "get"),
    ("snake_case", "snakeCase"), ("already", "already"),
  ])
  func method(_ name: String, _ expected: String) {
    #expect(Naming.method(name) == expected)
  }

  @Test func takenNamesGetANumber() {
    var taken: Set<String> = ["name"]
    #expect(Naming.unique("name", in: &taken) == "name2")
    #expect(Naming.unique("name", in: &taken) == "name3")
    #expect(Naming.unique("other", in: &taken) == "other")
  }

  @Test func wordsOfSwiftAreMovedOrQuoted() {
    #expect(Naming.type("Type", suffix: "Enum") == "TypeEnum")
    #expect(Naming.property("self") == "selfValue")
    #expect(Naming.methodName("descriptor") == "descriptorCall")
    #expect("default".escaped == "`default`")
    #expect("name".escaped == "name")
  }
}
