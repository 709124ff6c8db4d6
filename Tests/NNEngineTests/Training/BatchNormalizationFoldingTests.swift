import Testing

@testable import NNEngine

/// fold_batch_normalization: the same function in inference, with fewer layers.
@Suite("Folding batch normalization", .serialized)
struct BatchNormalizationFoldingTests {
  static func normalization(_ name: String, _ json: String = "") throws -> Layer {
    try Make.layer("BatchNormalization", #"{"name": "\#(name)"\#(json)}"#)
  }
  static func flatten(_ shape: String) throws -> Layer {
    try Make.layer("Flatten", #"{"name": "flatten", "input_shape": \#(shape)}"#)
  }

  /// Every variable gets numbers that tell a mistake: no mean 0, no variance 1, no bias 0.
  static func fill(_ model: Model) throws {
    var numbers = TestNumbers(7)
    for variable in model.variables {
      var values = numbers.floats(variable.shape.count, scale: 0.6)
      if variable.name == "moving_variance" || variable.name == "gamma" { values = values.map { abs($0) + 0.3 } }
      try variable.set(Tensor(values, shape: variable.shape))
    }
  }

  static func expectFolded(
    _ model: Model, layers names: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try Make.weights(model)
    let folded = try model.foldingBatchNormalization()
    #expect(folded.layers.map(\.name) == names, sourceLocation: sourceLocation)
    #expect(folded.name == model.name && !folded.isCompiled, sourceLocation: sourceLocation)
    var numbers = TestNumbers(11)
    let inputs = try model.inputShapes.map {
      try Tensor(numbers.floats(9 * $0.count), shape: Shape([9] + $0.dimensions))
    }
    let (old, new) = (try model.predict(inputs), try folded.predict(inputs))
    for (a, b) in zip(new, old) {
      expectClose(a.values, b.values, relative: 1e-5, absolute: 1e-6, sourceLocation: sourceLocation)
    }
    #expect(try Make.weights(model) == before, sourceLocation: sourceLocation)
    // The new weights are its own.
    let mine = Set(folded.variables.map { ObjectIdentifier($0) })
    #expect(mine.isDisjoint(with: model.variables.map { ObjectIdentifier($0) }), sourceLocation: sourceLocation)
    // It can be written down and read again, and be trained.
    let again = try Model(configuration: JSON.parse(JSON.text(folded.configuration)))
    #expect(again.layers.map(\.name) == names && again.isBuilt, sourceLocation: sourceLocation)
  }

  /// The chapter's model_1: normalization at the start and after each activation, each into the Dense behind it.
  static func first() throws -> Model {
    try Model(
      name: "model_1",
      layers: [
        flatten("[4, 3]"), normalization("bn"), Make.dense(8, "elu", "a"), normalization("bn_1"),
        Make.dense(6, "elu", "b"), normalization("bn_2"), Make.dense(3, "softmax", "c"),
      ])
  }

  /// The chapter's model_2: normalization before the activations, after Dense layers without bias.
  static func second() throws -> Model {
    let plain = #", "use_bias": false"#
    return try Model(
      name: "model_2",
      layers: [
        flatten("[4, 3]"), normalization("bn"), Make.dense(8, "linear", "a", plain), normalization("bn_1"),
        Make.layer("Activation", #"{"activation": "elu", "name": "elu"}"#), Make.dense(6, "linear", "b", plain),
        normalization("bn_2"), Make.layer("Activation", #"{"activation": "elu", "name": "elu_1"}"#),
        Make.dense(3, "softmax", "c"),
      ])
  }

  @Test("the chapter's two networks, after some training")
  func chapter() throws {
    for (model, names) in [
      (try Self.first(), ["flatten", "a", "b", "c"]),
      (try Self.second(), ["flatten", "a", "elu", "b", "elu_1", "c"]),
    ] {
      let (x, y) = try Make.samples(120, width: 12)
      try model.compile(
        Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": "nadam"}"#))
      try model.fit(x: x.reshaped([120, 4, 3]), y: y, Make.options(#"{"epochs": 3}"#))
      try Self.expectFolded(model, layers: names)
      try Self.fill(model)
      try Self.expectFolded(model, layers: names)
      let folded = try model.foldingBatchNormalization()
      #expect(try !folded.summary().contains("BatchNormalization"))
      // Kernels and biases of three Dense layers on 12, 8 and 6 inputs.
      #expect(folded.parameterCount == 12 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3)
    }
  }

  @Test("over channels before Flatten, the scale repeats; over other axes too; several in a row")
  func flattened() throws {
    let shape = #", "input_shape": [2, 3, 4]"#
    for axis in ["-1", "1", "2", "[1, 3]"] {
      let model = try Model(
        name: "m",
        layers: [
          Self.normalization("bn", shape + #", "axis": \#(axis)"#), Make.layer("Flatten", #"{"name": "flat"}"#),
          Make.layer("Dropout", #"{"rate": 0.2, "name": "drop"}"#), Make.dense(5, "tanh", "a"),
        ])
      try Self.fill(model)
      try Self.expectFolded(model, layers: ["flat", "drop", "a"])
    }
    let row = try Model(
      name: "m",
      layers: [
        Self.normalization("x", #", "input_shape": [5], "center": false"#),
        Self.normalization("y", #", "scale": false"#),
        Make.dense(4, "linear", "a", #", "trainable": false"#),
        Make.layer("Dropout", #"{"rate": 0.2, "name": "drop"}"#),
        Self.normalization("z", #", "trainable": false, "epsilon": 0.01"#), Self.normalization("w"),
      ])
    try Self.fill(row)
    try Self.expectFolded(row, layers: ["a", "drop"])
    #expect(try row.foldingBatchNormalization().layers[0].trainable == false)
    // A Dense on matrices works along the last axis.
    let matrices = try Model(
      name: "m",
      layers: [
        Self.normalization("bn", #", "input_shape": [3, 4]"#), Make.dense(5, "linear", "a"), Self.normalization("bn_1"),
      ])
    try Self.fill(matrices)
    try Self.expectFolded(matrices, layers: ["a"])
  }

  @Test("what has no place to go stays")
  func stays() throws {
    // Another axis, and nothing flattens; a function between.
    let other = try Model(
      name: "m",
      layers: [
        Self.normalization("bn", #", "input_shape": [3, 4], "axis": 1"#), Make.dense(5, "linear", "a"),
        Self.normalization("bn_1", #", "axis": 1"#),
      ])
    try Self.fill(other)
    try Self.expectFolded(other, layers: ["bn", "a", "bn_1"])
    let between = try Model(
      name: "m",
      layers: [
        Make.dense(5, "elu", "a", input: 4), Self.normalization("bn"),
        Make.layer("Activation", #"{"activation": "elu", "name": "elu"}"#), Make.dense(2, "linear", "b"),
      ])
    try Self.fill(between)
    try Self.expectFolded(between, layers: ["a", "bn", "elu", "b"])
  }

  @Test("functional models: only what is called once and used once")
  func functional() throws {
    let x = try FunctionalModelTests.input(4, "x")
    let hidden = try Self.normalization("n")(Make.dense(5, "linear", "a")(x))
    // Two users of a normalization behind a Dense: that one folds back.
    let left = try Make.dense(3, "tanh", "left")(hidden)
    let right = try Make.dense(2, "tanh", "right")(Self.normalization("m")(hidden))
    let both = try Make.layer("Concatenate", #"{"name": "both"}"#)([left, right])[0]
    let end = try Self.normalization("end")(both)
    let model = try Model(name: "f", inputs: [x], outputs: [end, Make.dense(2, "softmax", "out")(end)])
    try Self.fill(model)
    try Self.expectFolded(model, layers: ["x", "a", "left", "right", "both", "end", "out"])

    // A shared Dense, and a Dense whose output is used besides.
    let (a, b) = (try FunctionalModelTests.input(4, "p"), try FunctionalModelTests.input(4, "q"))
    let shared = try Make.dense(3, "linear", "shared")
    let sum = try Make.layer("Add", #"{"name": "sum"}"#)([shared(Self.normalization("n1")(a)), shared(b)])[0]
    let twice = try Make.dense(2, "linear", "twice")(sum)
    let two = try Model(name: "g", inputs: [a, b], outputs: [Self.normalization("n2")(twice), twice])
    try Self.fill(two)
    #expect(
      Set(try two.foldingBatchNormalization().layers.map(\.name)) == ["p", "n1", "q", "shared", "sum", "twice", "n2"])
  }

  @Test("models in models, each once")
  func nested() throws {
    let inner = try Model(
      name: "inner", layers: [Make.dense(4, "linear", "a", input: 3), Self.normalization("n")])
    let (p, q) = (try FunctionalModelTests.input(3, "p"), try FunctionalModelTests.input(3, "q"))
    let sum = try Make.layer("Add", #"{"name": "sum"}"#)([inner.asLayer([p])[0], inner.asLayer([q])[0]])[0]
    let model = try Model(name: "outer", inputs: [p, q], outputs: [Make.dense(2, "softmax", "out")(sum)])
    try Self.fill(model)
    try Self.expectFolded(model, layers: ["p", "q", "inner", "sum", "out"])
    let folded = try model.foldingBatchNormalization()
    #expect(folded.parameterCount == 3 * 4 + 4 + 4 * 2 + 2)
  }

  @Test("a model that is not built is refused")
  func refusal() throws {
    let model = try Model(name: "m", layers: [Self.normalization("bn"), Make.dense(2, "linear", "a")])
    #expect(throws: NNError.self) { try model.foldingBatchNormalization() }
  }
}
