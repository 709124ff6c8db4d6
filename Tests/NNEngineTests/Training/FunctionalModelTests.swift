import Testing

@testable import NNEngine

/// Models with several inputs and outputs, shared layers, models in models.
@Suite("Functional models")
struct FunctionalModelTests {
  static func input(_ width: Int, _ name: String) throws -> LayerOutput { try .input(shape: [width], name: name) }

  static func dense(_ units: Int, _ name: String, _ activation: String = "tanh") throws -> Layer {
    try Make.dense(units, activation, name)
  }

  /// Two inputs through one shared layer; joined; two outputs.
  static func twins() throws -> Model {
    let (a, b) = (try input(3, "a"), try input(3, "b"))
    let shared = try dense(4, "shared")
    let both = try Make.layer("Concatenate", #"{"name": "both"}"#)([shared(a), shared(b)])[0]
    return try Model(
      name: "twins", inputs: [a, b],
      outputs: [dense(1, "same", "sigmoid")(both), dense(3, "kind", "softmax")(both)])
  }

  static func samples(_ n: Int) throws -> (a: Tensor, b: Tensor, same: Tensor, kind: Tensor) {
    let (a, kind) = try Make.samples(n, width: 3, seed: 1)
    let (b, other) = try Make.samples(n, width: 3, seed: 2)
    return (a, b, try Tensor((0..<n).map { kind.element($0) == other.element($0) ? 1 : 0 }), kind)
  }

  static let losses = #""loss": {"same": "binary_crossentropy", "kind": "sparse_categorical_crossentropy"}"#

  // MARK: Structure

  /// Keras orders layers by depth; a shared layer is listed once.
  @Test("layers, names, shapes, parameters")
  func structure() throws {
    let model = try Self.twins()
    #expect(model.layers.map(\.name) == ["a", "b", "shared", "both", "same", "kind"])
    #expect(model.inputNames == ["a", "b"] && model.outputNames == ["same", "kind"])
    #expect(model.outputShapes.map(\.dimensions) == [[1], [3]] && model.isBuilt)
    #expect(model.parameterCount == 3 * 4 + 4 + 8 * 1 + 1 + 8 * 3 + 3)
    #expect(model.className == "Model")
  }

  /// The table of TensorFlow 2.1 for models with branches: 98 columns, ends at 32, 53, 65.
  @Test("the summary says what each layer is connected to")
  func summary() throws {
    let lines = try Self.twins().summary().split(separator: "\n").map(String.init)
    #expect(lines[1] == String(repeating: "_", count: 98))
    #expect(lines.allSatisfy { $0.count <= 98 })
    func row(_ cells: String...) -> String {
      var text = ""
      for (cell, end) in zip(cells, [32, 53, 65, 98]) {
        text += cell + String(repeating: " ", count: end - text.count - cell.count)
      }
      return text
    }
    #expect(lines[2] == row("Layer (type)", "Output Shape", "Param #", "Connected to"))
    #expect(lines[4] == row("a (InputLayer)", "[(None, 3)]", "0", ""))
    #expect(lines[8] == row("shared (Dense)", "(None, 4)", "16", "a[0][0]"))
    #expect(lines[9] == row("", "", "", "b[0][0]"))
    #expect(lines[11] == row("both (Concatenate)", "(None, 8)", "0", "shared[0][0]"))
    #expect(lines[12] == row("", "", "", "shared[1][0]"))
  }

  @Test("a stack written with Input has the plain table, the input in it")
  func stack() throws {
    let x = try Self.input(3, "x")
    let model = try Model(name: "plain", inputs: [x], outputs: [Self.dense(2, "out")(Self.dense(4, "hidden")(x))])
    let lines = try model.summary().split(separator: "\n").map(String.init)
    #expect(lines[1].count == 65)
    #expect(lines[4].hasPrefix("x (InputLayer)               [(None, 3)]               0"))
  }

  @Test("its configuration makes the same model again")
  func configuration() throws {
    let model = try Self.twins()
    let text = JSON.text(model.configuration)
    let again = try Model(configuration: JSON.parse(text))
    #expect(JSON.text(again.configuration) == text)
    #expect(again.parameterCount == model.parameterCount)
    try again.setWeights(model.getWeights())
    let (a, b, _, _) = try Self.samples(5)
    #expect(try again.predict([a, b]).map(\.values) == model.predict([a, b]).map(\.values))
    // Keras's form of the calls.
    #expect(text.contains(#""inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]"#))
    #expect(text.contains(#""output_layers": [["same", 0, 0], ["kind", 0, 0]]"#))
  }

  @Test("clone: the same structure, sharing included, fresh weights")
  func clone() throws {
    let model = try Self.twins()
    let clone = try model.clone()
    #expect(clone.layers.map(\.name) == model.layers.map(\.name))
    #expect(clone.variables.count == model.variables.count)
    #expect(zip(clone.variables, model.variables).allSatisfy { $0 !== $1 })
    #expect(try clone.getWeights()[0].values != model.getWeights()[0].values)
  }

  @Test("what is no network")
  func wrong() throws {
    let (a, b) = (try Self.input(3, "a"), try Self.input(3, "b"))
    let y = try Self.dense(2, "y")(Make.layer("Add", #"{"name": "sum"}"#)([a, b])[0])
    #expect(
      Evaluate.message { _ = try Model(inputs: [a], outputs: [y]) }
        == "Model: the graph is disconnected: the outputs depend on the input 'b', which is not among 'inputs'")
    #expect(
      Evaluate.message { _ = try Model(inputs: [y], outputs: [y]) }
        == "Model: 'y' is no input; make inputs with Input(shape)")
    #expect(
      Evaluate.message { _ = try Make.layer("Concatenate", #"{"name": "c"}"#)([a]) }
        == "c: Concatenate takes two or more inputs, got 1; call it with a list: Concatenate(){a, b}")
    let model = try Model(inputs: [a, b], outputs: [y])
    #expect(Evaluate.message { try model.add(Self.dense(1, "z")) }.contains("Sequential only"))
    #expect(
      Evaluate.message { _ = try model.predict([Tensor(zeros: Shape([2, 3]))]) }.contains(
        "the model takes 2 inputs (a, b), got 1"))
    let twice = try Self.dense(2, "y")
    #expect(
      Evaluate.message { _ = try Model(inputs: [a, b], outputs: [y, twice(a)]) }
        == "Model: two layers are named 'y'; names must be unique in a model")
  }

  // MARK: Numbers

  /// A layer that is used twice gets the sum of both uses' gradients: dL/dw by central differences.
  @Test("training several outputs: the loss is the weighted sum, and the update its gradient")
  func step() throws {
    let model = try Self.twins()
    let (a, b, same, kind) = try Self.samples(6)
    try model.compile(
      Make.arguments(
        #"""
        {\#(Self.losses), "loss_weights": {"kind": 0.25}, "metrics": {"kind": "accuracy"},
         "optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.5}}}
        """#))
    let samples = Samples(x: [a, b], y: [same, kind])
    #expect(model.metricsNames == ["loss", "same_loss", "kind_loss", "kind_accuracy"])
    let before = try model.getWeights()
    let values = try model.evaluate(samples)
    expectClose([Float(values[0])], [Float(values[1] + 0.25 * values[2])], relative: 1e-6, absolute: 0)
    // The gradient of one shared weight, numerically.
    let kernel = model.variables[0]
    var slopes: [Float] = []
    for index in [0, 5, 11] {
      var losses: [Double] = []
      for step: Float in [1e-2, -1e-2] {
        var moved = before[0].values
        moved[index] += step
        try kernel.set(Tensor(moved, shape: kernel.shape))
        losses.append(try model.evaluate(samples)[0])
      }
      slopes.append(Float((losses[0] - losses[1]) / 2e-2))
    }
    try model.setWeights(before)
    let trained = try model.trainOnBatch(samples)
    expectClose(trained.map { Float($0) }, values.map { Float($0) }, relative: 1e-6, absolute: 0)
    let after = try kernel.value().values
    let moved = [0, 5, 11].map { (before[0].values[$0] - after[$0]) / 0.5 }
    expectClose(moved, slopes, relative: 2e-3, absolute: 1e-4)
  }

  @Test("fit: history has each output's loss, with validation; data by lists")
  func fit() throws {
    let model = try Self.twins()
    let (a, b, same, kind) = try Self.samples(40)
    try model.compile(Make.arguments(#"{\#(Self.losses), "optimizer": "adam", "metrics": ["accuracy"]}"#))
    let history = try model.fit(
      Samples(x: [a, b], y: [same, kind]), Make.options(#"{"epochs": 30, "batch_size": 8, "validation_split": 0.2}"#))
    let names = ["loss", "same_loss", "kind_loss", "same_accuracy", "kind_accuracy"]
    #expect(history.keys == names + names.map { "val_" + $0 })
    let loss = try history.values("loss")
    #expect(loss[29] < loss[0])
    let predictions = try model.predict([a, b])
    #expect(predictions.map(\.shape.dimensions) == [[40, 1], [40, 3]])
  }

  @Test("a model in a model: shared weights, frozen as a whole, its name in errors")
  func nested() throws {
    let body = try Model(name: "body", layers: [Self.dense(4, "first"), Self.dense(2, "second")])
    let (a, b) = (try Self.input(3, "a"), try Self.input(3, "b"))
    let difference = try Make.layer("Subtract", #"{"name": "difference"}"#)([body.asLayer(a), body.asLayer(b)])[0]
    let model = try Model(name: "outer", inputs: [a, b], outputs: [Self.dense(1, "out", "linear")(difference)])
    #expect(model.layers.map(\.name) == ["a", "b", "body", "difference", "out"])
    #expect(model.layers[2].nested === body && model.variables.count == 6)
    let (x, z, same, _) = try Self.samples(8)
    // By hand: the difference of the body's outputs, then the last layer.
    let (u, v) = (try body.predict(x: x).values, try body.predict(x: z).values)
    let last = try model.layers[4].variables.map { try $0.value().values }
    let expected = (0..<8).map { i in
      (u[2 * i] - v[2 * i]) * last[0][0] + (u[2 * i + 1] - v[2 * i + 1]) * last[0][1] + last[1][0]
    }
    expectClose(try model.predict([x, z])[0].values, expected, relative: 1e-5, absolute: 1e-6)
    body.trainable = false
    #expect(model.trainableVariables.map(\.path) == ["out/kernel", "out/bias"])
    try model.compile(Make.arguments(#"{"loss": "mse", "optimizer": "adam"}"#))
    let before = try body.getWeights().map(\.values)
    try model.fit(Samples(x: [x, z], y: [same]), Make.options(#"{"epochs": 2}"#))
    #expect(try body.getWeights().map(\.values) == before)
    body.trainable = true
    try model.fit(Samples(x: [x, z], y: [same]), Make.options(#"{"epochs": 2}"#))
    #expect(try body.getWeights().map(\.values) != before)
    // Round trip with the inner model's configuration inside.
    let text = JSON.text(model.configuration)
    #expect(JSON.text(try Model(configuration: JSON.parse(text)).configuration) == text)
    // In a Sequential, too.
    let stack = try Model(name: "stack", layers: [body.asLayer, Self.dense(1, "top")])
    #expect(stack.isBuilt && stack.layers[0].nested === body)
    #expect(try stack.predict(x: x).shape.dimensions == [8, 1])
  }

  /// Keras updates the moving averages at each call: twice (1 − momentum).
  @Test("batch normalization that is called twice keeps both batches")
  func sharedBatchNormalization() throws {
    let (a, b) = (try Self.input(2, "a"), try Self.input(2, "b"))
    let norm = try Make.layer("BatchNormalization", #"{"name": "norm", "momentum": 0.5}"#)
    let sum = try Make.layer("Add", #"{"name": "sum"}"#)([norm(a), norm(b)])[0]
    let model = try Model(name: "m", inputs: [a, b], outputs: [sum])
    let x = try Tensor([1, 2, 3, 4], shape: Shape([2, 2]))
    let z = try Tensor([10, 20, 30, 40], shape: Shape([2, 2]))
    _ = try model.call([x, z], training: true)
    // Means (2, 3), then (20, 30): ((0·½ + 2·½)·½ + 20·½), …
    expectClose(try norm.variables[2].value().values, [10.5, 15.75], relative: 1e-6, absolute: 0)
  }
}
