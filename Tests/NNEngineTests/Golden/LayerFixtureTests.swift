import Testing

@testable import NNEngine

@Suite("Golden: layers")
struct LayerFixtureTests {
  static let names = ["dense", "dense_nobias", "dense_elu", "dense_softmax", "dense_3d", "flatten"]

  static func layer(_ expected: FixtureTable) throws -> Layer {
    let params = try expected.table("params")
    var table = Value.Table([("name", .string("layer"))])
    if params.has("units") { table["units"] = .integer(try params.int("units")) }
    if params.has("activation") { table["activation"] = .string(try params.string("activation")) }
    if params.has("use_bias") { table["use_bias"] = .bool(try params.bool("use_bias")) }
    return try Layer.make(params.string("layer"), Arguments([], table))
  }

  @Test("outputs and gradients are Keras's", arguments: try Fixtures.cases(.layers, names))
  func keras(_ expected: FixtureTable) throws {
    let layer = try Self.layer(expected)
    let x = try Evaluate.input(expected.array("x"))
    try layer.build(x.shape.sample)
    let weights = try expected.arrays("weights")
    #expect(try layer.variables.map { $0.name + ":0" } == expected.strings("weight_names"))
    for (variable, value) in zip(layer.variables, weights) { try variable.set(Evaluate.tensor(value)) }
    let context = CallContext(training: true)
    let y = try layer.call(x, context)
    #expect(try y.shape.dimensions == expected.array("y").shape)
    #expect(y.shape.sample == layer.outputShape)
    let upstream = try Symbol.literal(Evaluate.tensor(expected.array("upstream")))
    let targets = try [x] + layer.weights.map { try context.read($0) }
    let gradients = try Symbol.gradients(of: (y * upstream).sum(), for: targets).map { try #require($0) }
    for options in [Program.Options.standard, .reference] {
      let program = try Program(outputs: [y] + gradients, options: options)
      program.run()
      let right = try [expected.array("y"), expected.array("dx")] + expected.arrays("dweights")
      #expect(gradients.count + 1 == right.count)
      for (i, right) in right.enumerated() {
        expectClose(try program.value(i).values, right, relative: 1e-5, absolute: 1e-6, "\(expected.path), value \(i)")
      }
    }
  }
}
