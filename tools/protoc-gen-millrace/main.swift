import Foundation
import Protobuf

/// protoc's side of the plugin: a CodeGeneratorRequest on standard input, a CodeGeneratorResponse on standard output.
/// A contract that cannot be generated is an error within the response; only a request that cannot be read fails here.
func respond(to input: [UInt8]) throws -> [UInt8] {
  // A request carries the descriptors of everything it imports, comments included.
  let limits = DecodingLimits(arenaBytes: 1 << 30)
  let request = try GoogleProtobufCompiler.CodeGeneratorRequest(serializedBytes: input, limits: limits)
  var response = GoogleProtobufCompiler.CodeGeneratorResponse()
  response.supportedFeatures = UInt64(GoogleProtobufCompiler.CodeGeneratorResponse.Feature.proto3Optional.rawValue)
  do {
    let options = try Options(parameter: request.parameter ?? "")
    let program = try ModelBuilder.program(of: request, options: options)
    let generator = Generator(program: program, options: options, requested: request.fileToGenerate)
    response.file = try generator.run().map { output in
      GoogleProtobufCompiler.CodeGeneratorResponse.File(name: output.name, content: output.content)
    }
  } catch let error as GeneratorError {
    response.error = error.message
  }
  return response.serializedBytes()
}

do {
  let input = FileHandle.standardInput.readDataToEndOfFile()
  FileHandle.standardOutput.write(Data(try respond(to: Array(input))))
} catch {
  FileHandle.standardError.write(Data("protoc-gen-millrace: the request cannot be read: \(error)\n".utf8))
  exit(1)
}
