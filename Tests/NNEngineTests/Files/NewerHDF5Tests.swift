import Foundation
import Testing

@testable import NNEngine

/// HDF5 files with the structures of 1.8 and 1.10 (Fixtures/newer_hdf5.py, written by h5py): they load, and hostile ones do no harm.
@Suite("Newer HDF5 files", .serialized)
struct NewerHDF5Tests {
  static let versions = ["v108", "v110"]

  static func bytes(_ version: String) throws -> [UInt8] {
    let url = Bundle.module.url(
      forResource: "newer_hdf5.\(version).h5", withExtension: nil, subdirectory: "Fixtures/models")
    return [UInt8](try Data(contentsOf: #require(url)))
  }

  private static func target() throws -> Model {
    try Model(
      name: "newer", layers: (0..<10).map { try Make.dense(2, "linear", "layer_\($0)", input: $0 == 0 ? 2 : nil) })
  }

  /// The script says what the weights are.
  @Test("what h5py wrote is loaded", arguments: versions)
  func loads(_ version: String) throws {
    let bytes = try Self.bytes(version)
    #expect(bytes[8] == (version == "v108" ? 2 : 3))
    let model = try SavingTests.load(bytes)
    let weights = try Make.weights(model)
    #expect(weights.count == 20)
    for n in 0..<10 {
      let first = Float(n)
      #expect(weights[2 * n] == [first, first + 1 / 16, first + 2 / 16, first + 3 / 16])
      #expect(weights[2 * n + 1] == [-first, -first - 1 / 16])
    }
  }

  @Test("cut off at each place", arguments: versions)
  func truncated(_ version: String) throws {
    let bytes = try Self.bytes(version)
    let target = try Self.target()
    for count in stride(from: 0, to: bytes.count, by: 101) {
      #expect(!HostileFileTests.open(Array(bytes[..<count]), target), "\(count) of \(bytes.count) bytes")
    }
  }

  @Test("mutated", arguments: versions, [false, true])
  func mutated(_ version: String, _ repairs: Bool) throws {
    let bytes = try Self.bytes(version)
    let target = try Self.target()
    let checksums = HDF5Checksums(bytes)
    // The superblock, 32 objects' headers at least, and a heap and a tree of links; in the second file one more pair.
    #expect(checksums.places.count > 35)
    var copy = bytes
    checksums.repair(&copy)
    #expect(copy == bytes)
    var random = RandomStream(seed: 13, stream: repairs ? 1 : 0)
    var opened = 0
    for round in 0..<1500 {
      random.step = UInt32(round)
      var mutant = bytes
      for change in 0..<1 + random.integer(0, below: 3) {
        // Half of them where structures with checksums are.
        var at = random.integer(10 * change + 1, below: bytes.count)
        if change % 2 == 0 {
          let place = checksums.places[random.integer(10 * change + 4, below: checksums.places.count)]
          at = place.lowerBound + at % place.count
        }
        switch random.integer(10 * change + 2, below: 4) {
        case 0: mutant[at] ^= 1 << UInt8(random.integer(10 * change + 3, below: 8))
        case 1: mutant[at] = [0, 1, 0x7F, 0x80, 0xFF][random.integer(10 * change + 3, below: 5)]
        case 2:
          let from = random.integer(10 * change + 3, below: mutant.count)
          for i in 0..<min(8, mutant.count - max(at, from)) { mutant[at + i] = mutant[from + i] }
        default: for i in 0..<min(8, mutant.count - at) { mutant[at + i] = 0xFF }
        }
      }
      if repairs { checksums.repair(&mutant) }
      if HostileFileTests.open(mutant, target) { opened += 1 }
    }
    // Among so many there are harmless changes (weights); were there none, nothing but the checksum would have been tested.
    #expect(opened > 20 && opened < 1400, "\(opened)")
  }

  @Test("what is not read is said", arguments: versions)
  func refusals(_ version: String) throws {
    func message(_ at: Int, _ values: [UInt8]) throws -> String {
      var bytes = try Self.bytes(version)
      for (i, value) in values.enumerated() { bytes[at + i] = value }
      return Evaluate.message { _ = try SavingTests.load(bytes) }
    }
    #expect(try message(8, [4]).contains("uses an HDF5 feature that is not read here: superblock 4"))
    #expect(try message(9, [4]).contains("addresses that are not 8 bytes long"))
    #expect(try message(12, [0, 2]).contains("a user block"))
    #expect(try message(20, [48, 0, 0, 0, 0, 0, 0, 0]).contains("an extension of the superblock"))
    #expect(try message(28, [0xFF, 0xFF, 0xFF]).contains("is cut off"))
  }
}
