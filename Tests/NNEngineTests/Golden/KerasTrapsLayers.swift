import Glibc
import Testing

@testable import NNEngine

/// Traps 11–15: batch normalization, saturated outputs, SELU and its dropout, constraints, penalties.
@Suite("Keras's traps: layers")
struct KerasTrapsLayers {
  private static func statistics(_ shape: [Int], _ x: [Float]) throws -> [Float] {
    let layer = try Make.layer("BatchNormalization", #"{"momentum": 0, "name": "n"}"#)
    let context = CallContext(training: true)
    let y = try layer.call(Evaluate.input(x, shape), context)
    try Program(outputs: [y], assignments: context.updates).run()
    return try layer.nonTrainableVariables.flatMap { try $0.value().values }
  }

  @Test("trap 11: moving variances are those of the population, of images those of the sample")
  func movingVariance() throws {
    let x: [Float] = [1, 2, 3, 4]
    expectClose(try Self.statistics([4, 1], x), [2.5, 1.25], relative: 1e-6)
    expectClose(try Self.statistics([2, 2, 1], x), [2.5, 1.25], relative: 1e-6)
    expectClose(try Self.statistics([1, 2, 2, 1], x), [2.5, 1.25 * 4 / 3], relative: 1e-6)
  }

  @Test("trap 11: a call in training moves the statistics; frozen, the layer is inference and nothing moves")
  func callInTraining() throws {
    let layer = try Make.layer("BatchNormalization", #"{"name": "n", "input_shape": [2]}"#)
    let model = try Model(name: "m", layers: [layer])
    let x = try Tensor([1, 2, 3, 6], shape: Shape([2, 2]))
    #expect(layer.nonTrainableVariables.map(\.name) == ["moving_mean", "moving_variance"])
    let normalized = try model(x, training: true).values
    expectClose(try layer.variables[2].value().values, [0.02, 0.04], relative: 1e-5)
    #expect(abs(normalized[0] + 1) < 1e-3 && abs(normalized[2] - 1) < 1e-3)
    layer.trainable = false
    let before = try Make.weights(model)
    #expect(try model(x, training: true).values == model.predict(x: x).values)
    #expect(try Make.weights(model) == before)
    #expect(layer.trainableVariables.isEmpty && layer.nonTrainableVariables.count == 4)
  }

  /// One sample is certain and wrong by 200 logits, the other certain and right.
  private static func saturated(_ last: String, units: Int, _ loss: String, between: Bool) throws -> Double {
    var layers = [try Make.dense(units, last, "a", input: units)]
    if between { layers.append(try Make.layer("Rescaling", #"{"scale": 1, "name": "r"}"#)) }
    let model = try Model(name: "m", layers: layers)
    let eye = try Tensor(identity: units)
    try model.setWeights([eye, Tensor(zeros: Shape([units]))])
    try model.compile(Make.arguments(#"{"loss": "\#(loss)"}"#))
    let x = try Tensor(units == 2 ? [0, 200, 200, 0] : [200, -200], shape: Shape([2, units]))
    return try model.evaluate(x: x, y: Tensor([0, 0]))[0]
  }

  @Test("trap 12: a last softmax or sigmoid gives its logits to the loss; a layer between loses them, and 1e-7 cuts")
  func logits() throws {
    #expect(try Self.saturated("softmax", units: 2, "sparse_categorical_crossentropy", between: false) == 100)
    #expect(try Self.saturated("sigmoid", units: 1, "binary_crossentropy", between: false) == 100)
    let cut = -log(1e-7) / 2
    let softmax = try Self.saturated("softmax", units: 2, "sparse_categorical_crossentropy", between: true)
    #expect(abs(softmax - cut) < 1e-4, "\(softmax)")
    // Keras 2 adds ε to the cut probability once more, and 1 − 1e-7 is 1 − 2⁻²³ in float32.
    let sigmoid = try Self.saturated("sigmoid", units: 1, "binary_crossentropy", between: true)
    #expect(abs(sigmoid + log(1.1920929e-7 + 1e-7) / 2) < 1e-4, "\(sigmoid)")
  }

  @Test("trap 13: AlphaDropout's constants, and SELU's")
  func alphaDropout() throws {
    for rate in [0.1, 0.2, 0.5] {
      let model = try Model(
        name: "m",
        layers: [Make.layer("AlphaDropout", #"{"rate": \#(rate), "input_shape": [1000], "name": "a"}"#)])
      let alpha = -1.7580993408473766
      let a = 1 / ((1 - rate) * (1 + rate * alpha * alpha)).squareRoot()
      let b = -a * alpha * rate
      let x = try Tensor(0.75, shape: Shape([20, 1000]))
      let y = try model(x, training: true).values
      let (dropped, kept) = (Float(a * alpha + b), Float(a * 0.75 + b))
      var count = 0
      for value in y {
        if abs(value - dropped) < 1e-5 { count += 1 } else { #expect(abs(value - kept) < 1e-5) }
      }
      #expect(abs(Double(count) / 20_000 - rate) < 5 * (rate * (1 - rate) / 20_000).squareRoot())
      #expect(try model(x).values == x.values)
    }
    let selu = try #require(try Activation.decode(.string("selu")))
    let y = try Evaluate.values(selu(Evaluate.input([1, -.infinity, -1], [3])))[0].values
    expectClose(
      y, [1.0507009873554805, -1.7580993408473766, -1.7580993408473766 * (1 - Float(exp(-1.0)))], relative: 1e-6)
  }

  @Test("trap 14: max_norm changes even weights inside the ball, by epsilon; it acts after each update")
  func maxNorm() throws {
    let constraint = try RegularizerTests.constraint("max_norm")
    let inside = try Evaluate.values(constraint.apply(Evaluate.input([0.1, 0.1], [2, 1])))[0].values
    #expect(inside == [0.09999993, 0.09999993])
    let (x, y) = try Make.samples(16)
    let capped = #", "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 0.5}}"#
    let model = try Model(
      name: "m", layers: [Make.dense(5, "elu", "a", input: 4, capped), Make.dense(3, "softmax", "b")])
    try model.compile(Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": "sgd"}"#))
    for _ in 0..<2 {
      _ = try model.trainOnBatch(x: x, y: y)
      let kernel = try model.weights(0)
      for column in 0..<5 {
        let norm = (0..<4).reduce(Float(0)) { $0 + kernel[$1 * 5 + column] * kernel[$1 * 5 + column] }.squareRoot()
        #expect(norm <= 0.500001)
      }
    }
  }

  @Test("trap 15: l2(f) is f·Σw², added after the mean over the batch, in loss, val_loss and evaluate")
  func penalty() throws {
    let (x, y) = try Make.samples(30)
    func model(_ more: String) throws -> Model {
      let model = try Model(
        name: "m", layers: [Make.dense(5, "elu", "a", input: 4, more), Make.dense(3, "softmax", "b")])
      try model.compile(
        Make.arguments(
          #"""
          {"loss": "sparse_categorical_crossentropy", "metrics": ["sparse_categorical_crossentropy"],
           "optimizer": {"class_name": "SGD", "config": {"learning_rate": 0}}}
          """#))
      return model
    }
    let l2 = try model(#", "kernel_regularizer": {"class_name": "l2", "config": {"l": 0.3}}"#)
    let penalty = try l2.weights(0).reduce(0.0) { $0 + 0.3 * Double($1) * Double($1) }
    for batch in [7, 30] {
      let history = try l2.fit(x: x, y: y, Make.options(#"{"batch_size": \#(batch), "validation_split": 0.2}"#))
      for prefix in ["", "val_"] {
        let plain = try history.values(prefix + "sparse_categorical_crossentropy")[0]
        expectClose([try history.values(prefix + "loss")[0]], [plain + penalty], relative: 1e-5)
      }
      let values = try l2.evaluate(x: x, y: y, batchSize: batch)
      expectClose([values[0]], [values[1] + penalty], relative: 1e-5)
    }
    // The activity's penalty is a sum over the batch, divided by its size.
    let activity = try model(#", "activity_regularizer": {"class_name": "l1", "config": {"l": 0.3}}"#)
    let hidden = try Model(name: "h", layers: [activity.layers[0]])
    let sum = try hidden.predict(x: x).values.reduce(0.0) { $0 + 0.3 * Double(abs($1)) }
    let values = try activity.evaluate(x: x, y: y, batchSize: 30)
    expectClose([values[0]], [values[1] + sum / 30], relative: 1e-5)
  }
}

extension Model {
  /// The numbers of variable `i`.
  fileprivate func weights(_ i: Int) throws -> [Float] { try variables[i].value().values }
}
