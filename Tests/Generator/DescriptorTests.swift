import Foundation
import GoldenContracts
import Protobuf
import RPC
import Testing

/// What generated code says about its contracts at run time.
@Suite struct DescriptorTests {
  @Test func embeddedDescriptorIsThatOfProtoc() throws {
    let files = [GoldenImports.importsFile, GoldenServices.servicesFile, GoldenProto2.proto2File]
    for file in files {
      let embedded = try GoogleProtobuf.FileDescriptorProto(serializedBytes: file.serializedBytes)
      let expected = try GoogleProtobuf.FileDescriptorSet(serializedBytes: try Protoc.descriptorSet(of: file.path))
      #expect(embedded == expected.file.first)
      #expect(embedded.name == file.path)
    }
  }

  @Test func dependenciesAreReachableInOrder() {
    let paths = GoldenImports.importsFile.transitiveClosure.map(\.path)
    #expect(
      paths == [
        "golden/shared.proto", "google/protobuf/any.proto", "google/protobuf/timestamp.proto",
        "google/rpc/status.proto",
        "golden/imports.proto",
      ]
    )
  }

  @Test func namesOfFields() {
    #expect(GoldenOneofs.Oneofs.protoName == "golden.oneofs.Oneofs")
    #expect(GoldenOneofs.Oneofs.fieldNames[10] == "left")
    #expect(GoldenScalars.Scalars.fieldNames[536_870_911] == "last")
  }

  @Test func methodsOfFourKinds() {
    let methods = GoldenServices.RecorderMethods.descriptor.methods
    #expect(methods.map(\.kind) == [.unary, .serverStreaming, .clientStreaming, .bidirectional])
    #expect(methods.map(\.idempotency) == [.noSideEffects, .unspecified, .idempotent, .unspecified])
    #expect(methods.map(\.path).first == "/golden.services.Recorder/Get")
    #expect(GoldenServices.RecorderMethods.descriptor.file == GoldenServices.servicesFile)
  }

  @Test func accessOfMethods() {
    #expect(GoldenAccess.DoorMethods.knock.access == .public)
    #expect(GoldenAccess.DoorMethods.enter.access == .permission("doors.enter"))
    #expect(GoldenAccess.DoorMethods.pass.access == .unspecified)
  }
}
