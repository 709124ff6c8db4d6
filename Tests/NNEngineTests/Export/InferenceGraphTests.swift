import Testing

@testable import NNEngine

/// What every export begins with: the graph computes what the model computes.
@Suite("Inference graph")
struct InferenceGraphTests {
  static func graph(_ model: Model, batch: Int = 3, rules: [any Rewriter.Rule] = []) throws -> InferenceGraph {
    try InferenceGraph(model, batch: batch, for: "export", rules: rules)
  }

  /// A model of the example of a layer's law.
  static func model(_ name: String) throws -> Model {
    let (layer, input, count) = try LayerLaws.layer(name)
    let inputs = try (0..<count).map { try LayerOutput.input(shape: input.dimensions, name: "in\($0)") }
    // An input layer is a model's beginning, not one of its functions.
    if name == "InputLayer" { return try Model(name: "law", layers: [layer, Make.dense(2, "tanh", "dense")]) }
    return try Model(name: "law", inputs: inputs, outputs: [layer(inputs)[0]])
  }

  /// Numbers that every layer takes; an embedding's are rows of its table.
  static func samples(_ model: Model, _ count: Int, isIndex: Bool = false) throws -> [Tensor] {
    var numbers = TestNumbers(5)
    return try model.inputShapes.map { shape in
      let values = numbers.floats(count * shape.count, scale: 2)
      return try Tensor(isIndex ? values.map { ($0.magnitude * 3).rounded(.down) } : values, shape: shape.batch(count))
    }
  }

  @Test("every layer: the graph's results are those of predict", arguments: LayerLaws.names)
  func everyLayer(_ name: String) throws {
    let model = try Self.model(name)
    try BatchNormalizationFoldingTests.fill(model)
    let x = try Self.samples(model, 3, isIndex: name == "Embedding")
    let results = try Self.graph(model).results(x)
    for (value, expected) in zip(results, try model.predict(x)) {
      expectClose(value.values, expected.values, relative: 1e-6, absolute: 1e-6, name)
    }
  }

  @Test("normalizations go into the products beside them: book's models, images, lines")
  func folding() throws {
    func convolution(_ name: String, _ activation: String) throws -> Layer {
      try Make.layer(
        "Conv2D", #"{"name": "\#(name)", "filters": 3, "kernel_size": 2, "activation": "\#(activation)", "use_bias": false}"#)
    }
    let images = try Model(
      name: "images",
      layers: [
        Make.layer("InputLayer", #"{"input_shape": [5, 4, 2]}"#), convolution("conv", "linear"),
        BatchNormalizationFoldingTests.normalization("bn"), Make.layer("ReLU", #"{"name": "relu"}"#),
        Make.layer("Flatten", #"{"name": "flatten"}"#), BatchNormalizationFoldingTests.normalization("bn_1"),
        Make.dense(3, "linear", "dense"), BatchNormalizationFoldingTests.normalization("bn_2"),
        Make.layer("Softmax", #"{"name": "softmax"}"#),
      ])
    for (model, kinds) in [
      (images, ["Conv", "relu", "Gemm", "Softmax"]),
      (try BatchNormalizationFoldingTests.first(), ["Gemm", "elu", "Gemm", "elu", "Gemm", "Softmax"]),
    ] {
      try BatchNormalizationFoldingTests.fill(model)
      let graph = try Self.graph(model)
      let steps = graph.steps.filter { !($0.operation is Reshape) }
      #expect(steps.map { ($0.operation as? Map)?.label ?? type(of: $0.operation).name } == kinds)
      let x = try Self.samples(model, 3)
      expectClose(
        try graph.results(x)[0].values, try model.predict(x)[0].values, relative: 1e-5, absolute: 1e-6, model.name)
    }
    let graph = try Self.graph(images)
    #expect(graph.steps.filter { !($0.operation is Reshape) }.map(\.layers) == [
      ["conv", "bn"], ["relu"], ["bn_1", "dense", "bn_2"], ["softmax"],
    ])
    #expect(graph.constants.map(\.name) == ["conv/kernel", "conv/bias", "dense/kernel", "dense/bias"])
  }

  /// x = 1000 ± 1, normalized by its own statistics: the mean must be taken away before products are summed.
  @Test("a large shift is not folded: digits would be lost")
  func largeShift() throws {
    let bn = try BatchNormalizationFoldingTests.normalization("bn", #", "input_shape": [4]"#)
    let model = try Model(name: "far", layers: [bn, Make.dense(3, "linear", "dense")])
    try BatchNormalizationFoldingTests.fill(model)
    let mean = try #require(model.variables.first { $0.name == "moving_mean" })
    try mean.set(Tensor(1000, shape: mean.shape))
    let graph = try Self.graph(model)
    #expect(graph.steps.map { type(of: $0.operation).name } == ["Binary", "Gemm"])
    let x = try Tensor([1000.5, 999.25, 1001, 998.75], shape: Shape([1, 4]))
    let one = try Self.graph(model, batch: 1)
    expectClose(try one.results([x])[0].values, try model.predict([x])[0].values, relative: 1e-4, absolute: 1e-4)
  }

  @Test("several inputs and outputs, a shared layer, models in models, with names")
  func networks() throws {
    let twins = try FunctionalModelTests.twins()
    let (a, b) = (try FunctionalModelTests.input(3, "first"), try FunctionalModelTests.input(3, "second"))
    let inner = try twins.asLayer([a, b])
    let model = try Model(
      name: "outer", inputs: [a, b], outputs: [inner[1], FunctionalModelTests.dense(2, "more")(inner[0])])
    let graph = try Self.graph(model)
    #expect(graph.inputs.map(\.name) == ["first", "second"])
    #expect(graph.outputs.map(\.name) == model.outputNames)
    #expect(graph.outputs.map(\.shape.dimensions) == [[3, 3], [3, 2]])
    #expect(graph.steps.flatMap(\.layers).contains("twins/shared"))
    // The shared kernel is there once.
    #expect(graph.constants.filter { $0.name.hasPrefix("shared/kernel") }.count == 1)
    let x = try Self.samples(model, 3)
    for (value, expected) in zip(try graph.results(x), try model.predict(x)) {
      expectClose(value.values, expected.values, relative: 1e-6, absolute: 1e-6)
    }
  }

  @Test("the order does not change from call to call, nor with the batch")
  func order() throws {
    let model = try FunctionalModelTests.twins()
    func text(_ batch: Int) throws -> [String] {
      let graph = try Self.graph(model, batch: batch)
      return graph.steps.map { "\($0.operation.label) \($0.inputs) \($0.outputs) \($0.layers)" }
        + graph.constants.map { "\($0.name) \($0.value)" }
    }
    #expect(try text(2) == text(2))
    #expect(try text(2) == text(3))
  }

  @Test("each value is made before it is used, and weights that nobody needs are not there")
  func listing() throws {
    let model = try FunctionalModelTests.twins()
    let graph = try Self.graph(model)
    var known = Set(graph.inputs.map(\.value) + graph.constants.map(\.value))
    #expect(known.count == graph.inputs.count + graph.constants.count)
    for step in graph.steps {
      #expect(step.inputs.allSatisfy(known.contains))
      for (output, shape) in zip(step.outputs, try step.operation.shapes(of: step.inputs.map { graph.shapes[$0] })) {
        #expect(known.insert(output).inserted)
        #expect(graph.shapes[output] == shape)
      }
    }
    #expect(graph.outputs.allSatisfy { known.contains($0.value) })
    #expect(known == Set(graph.shapes.indices))
    // Gamma, beta, mean and variance are in the kernels.
    let folded = try BatchNormalizationFoldingTests.first()
    #expect(try Self.graph(folded).constants.count == 6)
  }

  @Test("what cannot be exported says so")
  func refusals() throws {
    let unbuilt = try Model(name: "unbuilt", layers: [Make.dense(3, "linear", "dense")])
    #expect(
      Evaluate.message { _ = try Self.graph(unbuilt) }
        == "unbuilt: export: the model is not built yet: the shape of its input is not known")
  }
}
