import Foundation
import Testing

@testable import NNEngine

/// Files that Keras wrote (Fixtures/models): TensorFlow 2.1, tf_keras 2.21 and Keras 3.15, with what they predict and how they train on.
@Suite("Keras's model files")
struct KerasFileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: String
    let table: FixtureTable
    var testDescription: String { file }
  }

  static func path(_ file: String) throws -> String {
    let name = String(file.split(separator: "/").last ?? "")
    let url = Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures/models")
    return try #require(url?.path, "no \(name) in Fixtures/models")
  }

  static func cases(_ prefix: String) throws -> [Case] {
    var result: [Case] = []
    for library in [Fixtures.Library.tf21, .tfkeras, .keras3] {
      for table in try Fixtures.cases(.models, of: library) where try table.string("name").hasPrefix(prefix) {
        for file in try table.strings("files") { result.append(Case(file: file, table: table)) }
      }
    }
    return result
  }

  static let wholeModels = {
    (try? cases("m").filter { !$0.file.contains("weights.h5") && !$0.file.contains("m5_") }) ?? []
  }()
  static let resumed = { (try? cases("m5_")) ?? [] }()

  static func tensor(_ array: FixtureArray) throws -> Tensor { try Tensor(array.floats, shape: Shape(array.shape)) }

  @Test("there are as many as were made")
  func count() { #expect(Self.wholeModels.count == 20 && Self.resumed.count == 9) }

  @Test("loads, has the weights, predicts the same, is compiled", arguments: wholeModels)
  func loads(_ test: Case) throws {
    let model = try Model.load(Self.path(test.file))
    let weights = try test.table.arrays("weights")
    let own = try model.getWeights()
    #expect(own.count == weights.count)
    for (a, b) in zip(own, weights) {
      #expect(a.shape.dimensions == b.shape)
      #expect(a.values == b.floats)
    }
    let y = try model.predict(x: Self.tensor(test.table.array("x")))
    expectClose(y.values, try test.table.array("predict"), relative: 1e-6, absolute: 1e-6)
    #expect(model.isCompiled)
    if test.table.has("evaluate") {
      let values = try model.evaluate(
        x: Self.tensor(test.table.array("x_eval")), y: Self.tensor(test.table.array("y_eval")))
      expectClose(
        values.map { Float($0) }, try test.table.numbers("evaluate").map { Float($0) }, relative: 1e-5, absolute: 1e-6)
    }
    // Keras 3 and tf_keras lose the optimizer's state in some of their own files.
    if !test.file.contains("tfkeras.keras") {
      #expect(model.optimizer?.iterations == (try test.table.int("optimizer_iterations")))
    }
  }

  @Test("training goes on as Keras's did", arguments: resumed)
  func resumes(_ test: Case) throws {
    let model = try Model.load(Self.path(test.file))
    let options = try Make.options(#"{"epochs": 1, "batch_size": 8, "shuffle": false, "verbose": 0}"#)
    try model.fit(x: Self.tensor(test.table.array("x")), y: Self.tensor(test.table.array("y")), options)
    for (a, b) in zip(try model.getWeights(), try test.table.arrays("weights_after_one_more_epoch_batch8_noshuffle")) {
      expectClose(a.values, b, relative: 1e-4, absolute: 2e-6)
    }
  }

  @Test(
    "weights alone, in both layouts, go into a model that has others",
    arguments: try cases("m").filter { $0.file.contains("weights.h5") })
  func weights(_ test: Case) throws {
    let whole = test.file.replacing("weights.h5", with: "h5")
    let model = try Model.load(Self.path(whole))
    let zeros = try model.variables.map { try Tensor(zeros: $0.shape) }
    try model.setWeights(zeros)
    try model.loadWeights(Self.path(test.file))
    for (a, b) in zip(try model.getWeights(), try test.table.arrays("weights")) { #expect(a.values == b.floats) }
  }

  @Test(
    "the profile that all three read",
    arguments: [
      "m1_dense_bn_dropout_leakyrelu_sgd", "m2_flatten_bn_activation_nadam", "m3_regularized_constrained_adam",
      "m4_prelu_alphadropout_rmsprop",
    ])
  func universal(_ name: String) throws {
    let path = try Self.path(name + ".uni.h5")
    let table = try Fixtures.named(.models, name, of: .tf21)
    let model = try Model.load(path)
    let y = try model.predict(x: Self.tensor(table.array("x")))
    expectClose(y.values, try table.array("predict"), relative: 1e-6, absolute: 1e-6)
    // What we write has the same structure: groups, attributes' kinds, names, configuration.
    let bytes = try model.serialized(format: "h5")
    let ours = try HDF5Reader.read(ByteSource(bytes))
    let theirs = try HDF5Reader.read(ByteSource(file: path))
    #expect(Self.outline(.group(ours)) == Self.outline(.group(theirs)))
    for name in ["model_config", "training_config"] {
      let (a, b) = (try #require(ours.text(name)), try #require(theirs.text(name)))
      let (ours, theirs) = (JSON.text(Self.rounded(try JSON.parse(a))), JSON.text(Self.rounded(try JSON.parse(b))))
      let common = zip(ours, theirs).prefix { $0 == $1 }.count
      #expect(
        ours == theirs,
        "\(ours.dropFirst(max(0, common - 60)).prefix(160)) … \(theirs.dropFirst(max(0, common - 60)).prefix(160))")
    }
  }

  /// Names, kinds and shapes; our own attribute apart.
  static func outline(_ node: HDF5Node, _ path: String = "") -> [String] {
    switch node {
    case .dataset(let tensor): return ["\(path) \(tensor.type) \(tensor.shape)"]
    case .group(let group):
      let attributes = group.attributes.filter { $0.name != OwnState.key }.map { name, value in
        switch value {
        case .text(let text): "\(path)@\(name) \(text.hasPrefix("{") ? "{}" : text)"
        case .texts(let texts): "\(path)@\(name) \(texts)"
        case .noTexts: "\(path)@\(name) none"
        }
      }
      return attributes.sorted()
        + group.children.sorted { $0.name < $1.name }.flatMap { outline($0.node, path + "/" + $0.name) }
    }
  }

  /// Keras passes numbers through float32, and does not write down that AlphaDropout's other arguments are null.
  static func rounded(_ value: Value) -> Value {
    switch value {
    case .number(let x): .number(Double(Float(x)))
    case .integer(let n): .number(Double(n))
    case .list(let items): .list(items.map(rounded))
    case .table(let table):
      .table(
        Value.Table(
          table.entries.filter { !["noise_shape", "seed"].contains($0.name) || !$0.value.isNull }
            .map { ($0.name, rounded($0.value)) }))
    default: value
    }
  }
}
