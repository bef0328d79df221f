import Foundation
import SwiftProtobuf
import SwiftProtobufPluginLibrary

/// protoc's side of the plugin: a CodeGeneratorRequest on standard input, a CodeGeneratorResponse on standard output.
/// A contract that cannot be generated is an error within the response; only a request that cannot be read fails here.
func respond(to input: Data) throws -> Data {
  let request = try Google_Protobuf_Compiler_CodeGeneratorRequest(serializedBytes: input)
  var response = Google_Protobuf_Compiler_CodeGeneratorResponse()
  response.supportedFeatures = UInt64(Google_Protobuf_Compiler_CodeGeneratorResponse.Feature.proto3Optional.rawValue)
  do {
    let options = try Options(parameter: request.parameter)
    let program = try ModelBuilder.program(of: request, options: options)
    let generator = Generator(program: program, options: options, requested: request.fileToGenerate)
    for output in try generator.run() {
      var file = Google_Protobuf_Compiler_CodeGeneratorResponse.File()
      file.name = output.name
      file.content = output.content
      response.file.append(file)
    }
  } catch let error as GeneratorError {
    response.file = []
    response.error = error.message
  }
  return try response.serializedData()
}

do {
  let input = FileHandle.standardInput.readDataToEndOfFile()
  FileHandle.standardOutput.write(try respond(to: input))
} catch {
  FileHandle.standardError.write(Data("protoc-gen-millrace: the request cannot be read: \(error)\n".utf8))
  exit(1)
}
