import Testing

@testable import NNEngine

/// Layers against Keras's numbers: outputs, and gradients by inputs and weights.
@Suite("Golden: layers")
struct LayerFixtureTests {
  /// What other tests prove, and what is not there yet.
  static let coverage = Coverage(
    .layers,
    skipping: [
      ("conv2d_transpose", "a later issue"), ("depthwise_conv2d", "a later issue"), ("simplernn", "a later issue"),
      ("lstm", "a later issue"), ("gru", "a later issue"),
      ("embedding", "has a test of its own, since its input has no gradient"),
      ("bn_", "batch normalization has tests of its own"), ("regularizer", "tested with regularizers"),
      ("constraint", "tested with constraints"),
    ])

  static let cases: [FixtureTable] = (try? coverage.cases) ?? []

  @Test("outputs and gradients", arguments: cases)
  func keras(_ expected: FixtureTable) throws {
    let layer = try Layer.make(expected.table("params").string("layer"), expected.arguments())
    let x = try Evaluate.input(expected.array("x"))
    try layer.build(x.shape.sample)
    let weights = try expected.arrays("weights")
    #expect(
      try layer.variables.map { $0.name + ":0" }
        == expected.strings("weight_names").map { String($0.split(separator: "/").last ?? "") })
    for (variable, value) in zip(layer.variables, weights) { try variable.set(Evaluate.tensor(value)) }
    try Self.check(layer, x, expected, weights: expected.arrays("dweights"))
  }

  static func check(_ layer: Layer, _ x: Symbol, _ expected: FixtureTable, weights: [FixtureArray]) throws {
    let context = CallContext(training: true)
    let y = try layer.call(x, context)
    #expect(try y.shape.dimensions == expected.array("y").shape)
    #expect(layer.outputShape == y.shape.sample)
    let loss = try (y * .literal(Evaluate.tensor(expected.array("upstream")))).sum()
    let targets = try [x] + layer.trainableVariables.map(context.read)
    let gradients = try Symbol.gradients(of: loss, for: targets).map { try #require($0) }
    let right = try [expected.array("y"), expected.array("dx")] + weights
    let names = ["y", "dx"] + layer.weights.map(\.name)
    #expect(right.count == gradients.count + 1)
    for options in [Program.Options.standard, .reference] {
      let program = try Program(outputs: [y] + gradients, options: options)
      program.run()
      for (i, (name, right)) in zip(names, right).enumerated() {
        expectClose(try program.value(i).values, right, relative: 1e-5, absolute: 1e-6, name)
      }
    }
  }

  @Test("PReLU")
  func prelu() throws {
    let expected = try Fixtures.named(.activations, "layer_PReLU")
    let layer = try Layer.make("PReLU")
    let x = try Evaluate.input(expected.array("x"))
    try layer.build(x.shape.sample)
    try layer.weights[0].set(Evaluate.tensor(expected.array("alpha")))
    try Self.check(layer, x, expected, weights: [expected.array("dalpha")])
  }

  @Test("how many cases ran")
  func report() throws {
    #expect(Self.cases.count == 29)
    try Self.coverage.report(run: Self.cases.count)
  }
}
