import Testing

@testable import NNEngine

/// Batch normalization against Keras's numbers: three batches in training, the moving averages after each, then inference.
@Suite("Golden: batch normalization")
struct BatchNormalizationFixtureTests {
  static let cases: [FixtureTable] =
    (try? Fixtures.cases(.layers).filter { Coverage.name($0).hasPrefix("bn_") && $0.has("batches") }) ?? []
  /// Frozen, yet called as in training.
  static let frozenCase = "bn_2d_trainableFalse_called_trainingTrue"

  /// One call: output, gradients by the input and the trainable weights, and the statistics if it keeps any.
  private static func run(
    _ layer: Layer, _ expected: FixtureTable, training: Bool, _ options: Program.Options, _ what: String
  ) throws {
    let context = CallContext(training: training)
    let x = try Evaluate.input(expected.array("x"))
    let y = try layer.call(x, context)
    let loss = try (y * .literal(Evaluate.tensor(expected.array("upstream")))).sum()
    let weights = layer.trainableVariables
    let gradients = try Symbol.gradients(of: loss, for: [x] + weights.map(context.read)).map { try #require($0) }
    #expect(context.updates.isEmpty == !training)
    let program = try Program(outputs: [y] + gradients, assignments: context.updates, options: options)
    program.run()
    let right = try [expected.array("y"), expected.array("dx")] + expected.arrays("dweights")
    let names = ["y", "dx"] + weights.map { "d" + $0.name }
    #expect(right.count == names.count)
    for (i, (name, right)) in zip(names, right).enumerated() {
      let value = try program.value(i)
      #expect(value.shape.dimensions == right.shape, "\(what): \(name)")
      // What cancels in a gradient of a normalized value is of the size of the upstream gradient times 1/deviation.
      let size = right.data.map(\.magnitude).max() ?? 0
      expectClose(value.values, right, relative: 1e-5, absolute: 1e-6 + 2e-6 * size, "\(what): \(name)")
    }
    guard training else { return }
    for (variable, right) in zip(layer.variables, try expected.arrays("weights_after")) {
      expectClose(try variable.value().values, right, relative: 1e-5, absolute: 1e-7, "\(what): \(variable.name) after")
    }
  }

  @Test("outputs, gradients, moving averages, inference", arguments: cases, [false, true])
  func keras(_ expected: FixtureTable, _ isReference: Bool) throws {
    let layer = try Layer.make("BatchNormalization", expected.arguments())
    let batches = try expected.tables("batches")
    try layer.build(Shape(Array(batches[0].array("x").shape.dropFirst())))
    #expect(try layer.variables.map { $0.name + ":0" } == expected.strings("weight_names"))
    for (variable, value) in zip(layer.variables, try expected.arrays("weights")) {
      #expect(variable.shape.dimensions == value.shape, "\(variable.name)")
      try variable.set(Evaluate.tensor(value))
    }
    let options = isReference ? Program.Options.reference : .standard
    for (i, batch) in batches.enumerated() {
      try Self.run(layer, batch, training: true, options, "\(Coverage.name(expected)), batch \(i)")
    }
    try Self.run(
      layer, expected.table("inference"), training: false, options, "\(Coverage.name(expected)), inference")
  }

  @Test("frozen is inference, whatever the call says, and keeps the statistics")
  func frozen() throws {
    let expected = try Fixtures.named(.layers, Self.frozenCase)
    let layer = try Layer.make("BatchNormalization")
    layer.trainable = false
    let x = try Evaluate.input(expected.array("x"))
    try layer.build(x.shape.sample)
    for (variable, value) in zip(layer.variables, try expected.arrays("weights")) {
      try variable.set(Evaluate.tensor(value))
    }
    let context = CallContext(training: true)
    let y = try layer.call(x, context)
    #expect(context.updates.isEmpty)
    expectClose(try Evaluate.values(y)[0].values, try expected.array("y"), relative: 1e-5, absolute: 1e-6, "y")
    for (variable, after) in zip(layer.variables, try expected.arrays("weights_after")) {
      #expect(try variable.value().values == after.floats)
    }
  }

  @Test("how many cases ran")
  func report() throws {
    #expect(Self.cases.count == 10)
    let all = try Fixtures.cases(.layers).filter { Coverage.name($0).hasPrefix("bn_") }
    #expect(all.count == Self.cases.count + 1)
    print("batch normalization: \(all.count) of \(all.count) cases of Keras run")
  }
}
