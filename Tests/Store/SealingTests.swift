import Foundation
import RPC
import Testing

@testable import Store

@Suite struct SealingTests {
  @Test func sealedValuesOpenOnlyWhereTheyBelong() throws {
    let keys = try Fixture().store.keys
    let phone = Array("13800000000".utf8)
    let sealed = try keys.seal(phone, context: "users.phone/users/1")
    #expect(try keys.open(sealed, context: "users.phone/users/1") == phone)
    #expect(try keys.seal(phone, context: "users.phone/users/1") != sealed)
    #expect(throws: SealingError.damaged) { try keys.open(sealed, context: "users.phone/users/2") }
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: SealingError.self) { try keys.open(changed, context: "users.phone/users/1") }
    }
    #expect(throws: SealingError.damaged) { try keys.open([], context: "") }
    #expect(try keys.open(keys.seal([], context: ""), context: "").isEmpty)
  }

  @Test func digestsFindAValueInItsColumn() throws {
    let keys = try Fixture().store.keys
    let value = Array("13800000000".utf8)
    #expect(keys.digest(value, context: "users.phone") == keys.digest(value, context: "users.phone"))
    #expect(keys.digest(value, context: "users.phone") != keys.digest(value, context: "users.bank"))
    #expect(
      try keys.digest(value, context: "users.phone") != Fixture().store.keys.digest(value, context: "users.phone"))
  }

  @Test func aNewKeySealsAndTheOldOneStillOpens() throws {
    let fixture = try Fixture()
    let path = fixture.path + "/millrace.keys"
    let old = try fixture.store.keys.seal([1, 2, 3], context: "c")
    #expect(try Store.addSealingKey(path: fixture.path) == 2)
    let keys = try KeyFile.load(path)
    #expect(try keys.open(old, context: "c") == [1, 2, 3])
    let new = try keys.seal([1, 2, 3], context: "c")
    #expect(throws: SealingError.unknownKey(2)) { try fixture.store.keys.open(new, context: "c") }
    #expect(keys.digest([1], context: "c") == fixture.store.keys.digest([1], context: "c"))
  }

  @Test func theKeyFileIsPrivate() throws {
    let fixture = try Fixture()
    let path = fixture.path + "/millrace.keys"
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
    #expect(mode?.intValue == 0o600)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let error = #expect(throws: StartError.self) { try KeyFile.load(path) }
    #expect(error?.description.contains("chmod 600") == true)
  }
}
