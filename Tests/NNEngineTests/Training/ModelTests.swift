import Glibc
import Testing

@testable import NNEngine

@Suite("Models")
struct ModelTests {
  // MARK: Labels

  /// (n,), (n, 1), and every storage type.
  @Test("labels in any shape and type that means the same", arguments: DType.allCases)
  func labels(_ dtype: DType) throws {
    let (x, whole) = try Make.samples(24, classes: 2)
    let y = try whole.astype(dtype)
    var results: [[[Float]]] = []
    for y in [whole, y, try y.reshaped([24, 1])] {
      let model = try Make.classifier(classes: 2)
      let history = try model.fit(x: x, y: y, Make.options(#"{"shuffle": false, "batch_size": 7, "epochs": 2}"#))
      #expect(try history.values("loss").allSatisfy(\.isFinite))
      results.append(try Make.weights(model))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test("yes-or-no labels beside an output (n, 1)", arguments: DType.allCases, ["mse", "binary_crossentropy"])
  func binary(_ dtype: DType, _ loss: String) throws {
    let (x, whole) = try Make.samples(24, classes: 2)
    var results: [[[Float]]] = []
    for y in [whole, try whole.astype(dtype), try whole.astype(dtype).reshaped([24, 1])] {
      let model = try Make.classifier(classes: 1, loss: loss, last: "sigmoid")
      try model.fit(x: x, y: y, Make.options(#"{"shuffle": false, "batch_size": 8, "epochs": 2}"#))
      results.append(try Make.weights(model))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test("inputs of any type are numbers", arguments: DType.allCases)
  func inputs(_ dtype: DType) throws {
    let x = try Tensor([1, 0, 1, 1, 0, 0, 1, 0], shape: Shape([2, 4]))
    let model = try Make.classifier()
    #expect(try model.predict(x: x.astype(dtype)).values == model.predict(x: x).values)
  }

  // MARK: evaluate and predict

  /// Keras's formula, from the predictions: mean of −log p of the label, plus the penalties; the share of right ones.
  @Test("evaluate is what its formula says")
  func evaluate() throws {
    let (x, y) = try Make.samples(50)
    let regularized = #", "kernel_regularizer": "l2", "bias_regularizer": "l1""#
    let model = try Model(
      name: "m", layers: [Make.dense(5, "elu", "a", input: 4, regularized), Make.dense(3, "softmax", "b")])
    try model.compile(
      Make.arguments(
        #"{"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy", "sparse_categorical_crossentropy"]}"#))
    try model.fit(x: x, y: y)
    let p = try model.predict(x: x).values.map { Double($0) }
    var (loss, right) = (0.0, 0.0)
    for (row, label) in y.values.enumerated() {
      let classes = p[row * 3..<row * 3 + 3]
      loss -= (classes[row * 3 + Int(label)]).logarithm / 50
      if classes[row * 3 + Int(label)] == classes.max() { right += 1.0 / 50 }
    }
    let kernel = try model.variables[0].value().values.reduce(0.0) { $0 + 0.01 * Double($1 * $1) }
    let bias = try model.variables[1].value().values.reduce(0.0) { $0 + 0.01 * Double(abs($1)) }
    for batch in [7, 50, 256] {
      expectClose(
        try model.evaluate(x: x, y: y, batchSize: batch), [loss + kernel + bias, right, loss], relative: 1e-5,
        "batches of \(batch)")
    }
  }

  @Test("predictions do not depend on the batch size, and come in order")
  func predict() throws {
    let (x, _) = try Make.samples(70)
    let model = try Make.classifier(hidden: 40)
    let whole = try model.predict(x: x)
    #expect(whole.shape.dimensions == [70, 3])
    for batch in [1, 7, 32, 69] {
      expectClose(try model.predict(x: x, batchSize: batch).values, whole.values, relative: 2e-6, "batches of \(batch)")
    }
    #expect(try model(x).values == model.predict(x: x, batchSize: 70).values)
    #expect(try model(x.slice(3..<4)).values == model.predict(x: x.slice(3..<4)).values)
  }

  // MARK: Weights and configuration

  @Test("weights taken from one model and given to another make the same model")
  func weights() throws {
    let (x, y) = try Make.samples(30)
    let (a, b) = (try Make.classifier(), try Make.classifier())
    try a.fit(x: x, y: y)
    let kept = try a.getWeights()
    try b.setWeights(kept)
    #expect(try a.predict(x: x).values == b.predict(x: x).values)
    // What was taken is a copy.
    let values = kept.map(\.values)
    try a.fit(x: x, y: y)
    #expect(kept.map(\.values) == values)
    #expect(try Make.weights(a) != values)
    #expect(a.variables.map(\.path) == ["hidden/kernel", "hidden/bias", "output/kernel", "output/bias"])
    #expect(a.parameterCount == 4 * 6 + 6 + 6 * 3 + 3)
  }

  @Test("the configuration makes a model of the same structure")
  func configuration() throws {
    let model = try Model(
      name: "m",
      layers: [
        Make.layer("InputLayer", #"{"input_shape": [2, 2], "name": "in"}"#), Make.layer("Flatten", #"{"name": "f"}"#),
        Make.dense(3, "elu", "a", input: nil, #", "kernel_regularizer": "l1", "trainable": false"#),
        Make.layer("Activation", #"{"activation": "tanh", "name": "t"}"#),
      ])
    let text = JSON.text(model.configuration)
    let again = try Model(configuration: JSON.parse(text))
    #expect(JSON.text(again.configuration) == text)
    #expect(again.name == "m" && again.inputShape == model.inputShape && again.outputShape == model.outputShape)
    #expect(again.trainableVariables.isEmpty)
    #expect(again.variables.map(\.path) == model.variables.map(\.path))
    try again.setWeights(model.getWeights())
    let x = try Tensor([1, 2, 3, 4], shape: Shape([1, 2, 2]))
    #expect(try again.predict(x: x).values == model.predict(x: x).values)
  }

  @Test("the bare list of layers of old files is read, too")
  func oldConfiguration() throws {
    let json = #"""
      {"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "d", "units": 3, "batch_input_shape": [null, 4]}},
        {"class_name": "Activation", "config": {"name": "a", "activation": "relu"}}]}
      """#
    let model = try Model(configuration: JSON.parse(json))
    #expect(model.layers.map(\.name) == ["d", "a"])
    #expect(model.outputShape?.dimensions == [3])
  }

  @Test(
    "configurations that are none",
    arguments: [
      ("[]", "model configuration: expected a table with 'class_name' and 'config', got a list of 0"),
      (
        #"{"class_name": "Graph"}"#,
        "model configuration: class 'Graph' is not known; expected 'Sequential', 'Model' or 'Functional'"
      ),
      (#"{"class_name": "Sequential"}"#, "model configuration: expected a list of layers, got nil"),
      (
        #"{"class_name": "Sequential", "config": {"layers": [3]}}"#,
        "model configuration: layer 1 is 3, expected {class_name, config}"
      ),
      (
        #"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dens", "config": {}}]}}"#,
        "unknown layer 'Dens'; did you mean 'Dense'?"
      ),
    ])
  func wrongConfiguration(_ json: String, _ message: String) {
    #expect(Evaluate.message { _ = try Model(configuration: JSON.parse(json)) } == message)
  }

  // MARK: Sharing and freezing

  @Test("models share layers, and with them the weights")
  func sharing() throws {
    let (x, y) = try Make.samples(30)
    let a = try Make.classifier()
    let b = try Model(name: "b", layers: [a.layers[0], Make.dense(2, "softmax", "other")])
    try b.compile(Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": "sgd"}"#))
    let before = try a.predict(x: x).values
    let own = try a.layers[1].variables.map { try $0.value().values }
    try b.fit(x: x, y: Tensor(y.values.map { min($0, 1) }))
    #expect(try a.predict(x: x).values != before)
    #expect(try a.layers[1].variables.map { try $0.value().values } == own)
    #expect(a.variables[0] === b.variables[0])
  }

  @Test("freezing counts from the next fit on, without compiling again, and can be undone")
  func freezing() throws {
    let (x, y) = try Make.samples(30)
    let model = try Make.classifier()
    let hidden = model.layers[0]
    func moved() throws -> (hidden: Bool, output: Bool) {
      let before = try Make.weights(model)
      try model.fit(x: x, y: y)
      let after = try Make.weights(model)
      return (before[0] != after[0], before[2] != after[2])
    }
    #expect(try moved() == (true, true))
    hidden.trainable = false
    #expect(try moved() == (false, true))
    hidden.trainable = true
    #expect(try moved() == (true, true))
    model.trainable = false
    #expect(model.layers.allSatisfy { !$0.trainable })
    #expect(model.trainableVariables.isEmpty && model.nonTrainableVariables.count == 4)
    model.trainable = true
    #expect(try moved() == (true, true))
  }

  @Test("a model that is not told its input learns it from the data")
  func lateBuild() throws {
    let (x, y) = try Make.samples(12)
    let model = try Model(name: "late", layers: [Make.dense(5, "elu", "a"), Make.dense(3, "softmax", "b")])
    try model.compile(Make.arguments(#"{"loss": "sparse_categorical_crossentropy"}"#))
    #expect(!model.isBuilt && model.inputShape == nil && model.outputShape == nil)
    #expect(try model.fit(x: x, y: y).epochs == [0])
    #expect(model.inputShape?.dimensions == [4])
    #expect(model.optimizer?.className == "RMSprop")
  }

  @Test("layers can be taken off and others put on")
  func pop() throws {
    let (x, _) = try Make.samples(6)
    let model = try Make.classifier()
    #expect(try model.predict(x: x).shape.dimensions == [6, 3])
    #expect(try model.pop().name == "output")
    #expect(try model.predict(x: x).shape.dimensions == [6, 6])
    try model.add(Make.dense(2, "linear", "new"))
    #expect(try model.predict(x: x).shape.dimensions == [6, 2])
  }
}

extension Double {
  fileprivate var logarithm: Double { log(self) }
}

/// Found by reading the code: each of these once went wrong.
@Suite("Regressions of models")
struct ModelRegressionTests {
  @Test("freezing a batch normalization without weights takes effect at the next fit")
  func frozenWithoutWeights() throws {
    let (x, y) = try Make.samples(16)
    let normalization = try Make.layer("BatchNormalization", #"{"center": false, "scale": false, "name": "n"}"#)
    let model = try Model(
      name: "m", layers: [Make.dense(5, "elu", "a", input: 4), normalization, Make.dense(3, "softmax", "b")])
    try model.compile(Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": "sgd"}"#))
    try model.fit(x: x, y: y)
    let moving = try normalization.variables[0].value().values
    normalization.trainable = false
    try model.fit(x: x, y: y)
    #expect(try normalization.variables[0].value().values == moving)
    normalization.trainable = true
    try model.fit(x: x, y: y)
    #expect(try normalization.variables[0].value().values != moving)
  }

  @Test("a second model compiled with the same optimizer leaves the first able to train")
  func sharedOptimizer() throws {
    let (x, y) = try Make.samples(16)
    let optimizer = try Optimizer.make("Adam")
    let models = try ["one", "two"].map { name in
      let model = try Model(
        name: name, layers: [Make.dense(5, "elu", "\(name)_a", input: 4), Make.dense(3, "softmax", "\(name)_b")])
      try model.compile(
        Arguments(
          [], .init([("loss", .string("sparse_categorical_crossentropy")), ("optimizer", .object(optimizer))])))
      try model.fit(x: x, y: y)
      return model
    }
    try models[0].fit(x: x, y: y)
    // The slots that the program moved are those that the optimizer knows.
    let slots = try optimizer.state(of: models[0].trainableVariables)
    #expect(slots.contains { $0.value.values.contains { $0 != 0 } })
  }

  @Test("a build that fails leaves the model ready for a shape that fits")
  func failedBuild() throws {
    let model = try Model(
      name: "m",
      layers: [
        Make.layer("Dense", #"{"units": 3, "name": "a"}"#), Make.layer("Permute", #"{"dims": [2, 1], "name": "p"}"#),
      ])
    #expect(throws: NNError.self) { try model.build(inputShape: [5]) }
    #expect(model.inputShape == nil)
    try model.build(inputShape: [4, 6])
    #expect(model.outputShape?.dimensions == [3, 4])
  }

  @Test("a seed that is set later governs dropout, too")
  func laterSeed() throws {
    let model = try Model(
      name: "m",
      layers: [Make.layer("Dropout", #"{"rate": 0.5, "input_shape": [64], "name": "d"}"#)])
    let x = try Tensor(1, shape: Shape([8, 64]))
    _ = try model(x, training: true)
    let (seed, key) = (UInt64(9), model.random)
    RandomState.set(seed: seed)
    key.seedIfNeeded()
    #expect(key.step == 0)
    let first = try model(x, training: true).values
    #expect(first != (try model(x, training: true).values))
    #expect(Set(first) == [0, 2])
  }

  @Test("a mask that is larger than the input is refused")
  func noiseShape() throws {
    let model = try Model(
      name: "m",
      layers: [
        Make.dense(1, "linear", "a", input: 3),
        Make.layer("Dropout", #"{"rate": 0.5, "noise_shape": [null, 4], "name": "d"}"#),
      ])
    let error = #expect(throws: NNError.self) { try model(Tensor(1, shape: Shape([2, 3])), training: true) }
    #expect(error?.description.contains("'noise_shape' (nil, 4) does not fit the input's shape (2, 1)") == true)
  }
}
