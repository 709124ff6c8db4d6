import Testing

@testable import NNEngine

/// sample_weight, class_weight, generators, validation_freq, steps.
@Suite("Weights of samples, and other sources of batches")
struct WeightedTrainingTests {
  static func linear(_ more: String = "") throws -> Model {
    let model = try Model(name: "m", layers: [Make.dense(1, "linear", "d", input: 1)])
    try model.setWeights([Tensor([2], shape: Shape([1, 1])), Tensor([0])])
    try model.compile(Make.arguments(#"{"loss": "mse", "metrics": ["mae"], "optimizer": "sgd"\#(more)}"#))
    return model
  }

  /// Σ w·l / N; metrics do not see the weights, weighted_metrics divide by Σ w. Outputs 2, 4; labels 1, 1: squares 1, 9; weights
  /// 1, 3: loss (1 + 27) / 2 = 14, mae (1 + 3) / 2 = 2, weighted mae (1 + 9) / 4 = 2.5.
  @Test("trap 17: sample_weight: loss by the number of samples, weighted metrics by the sum of weights")
  func sampleWeight() throws {
    let model = try Self.linear(
      #", "weighted_metrics": [{"class_name": "MeanAbsoluteError", "config": {"name": "w"}}]"#)
    let samples = Samples(
      x: try Tensor([1, 2], shape: Shape([2, 1])), y: try Tensor([1, 1]), weights: try Tensor([1, 3]))
    #expect(model.metricsNames == ["loss", "mean_absolute_error", "w"] || model.metricsNames == ["loss", "mae", "w"])
    let values = try model.evaluate(samples)
    #expect(values[0] == 14 && values[1] == 2)
    #expect(values[2] == 2.5)
    // dL/dw = Σ w · 2 (2x − 1) x / N = (2 + 36) / 2 = 19, dL/db = (2 + 18) / 2 = 10; rate 0.01.
    _ = try model.trainOnBatch(samples)
    expectClose(try model.getWeights().flatMap(\.values), [1.81, -0.1], relative: 1e-6, absolute: 0)
  }

  @Test("trap 17: class_weight is a sample weight by class; a class without one is an error")
  func classWeight() throws {
    let (x, y) = try Make.samples(24)
    let weights = [0: 1.0, 1: 2.5, 2: 0.5]
    let byClass = try Make.classifier()
    let bySample = try Make.classifier()
    try byClass.fit(
      x: x, y: y, Make.options(#"{"epochs": 3, "shuffle": false, "class_weight": {"0": 1, "1": 2.5, "2": 0.5}}"#))
    let each = try Tensor((0..<24).map { Float(weights[Int(y.element($0))] ?? 0) })
    try bySample.fit(Samples(x: x, y: y, weights: each), Make.options(#"{"epochs": 3, "shuffle": false}"#))
    #expect(try Make.weights(byClass) == Make.weights(bySample))
    let plain = try Make.classifier()
    try plain.fit(x: x, y: y, Make.options(#"{"epochs": 3, "shuffle": false}"#))
    #expect(try Make.weights(plain) != Make.weights(byClass))
    let message = Evaluate.message { try byClass.fit(x: x, y: y, Make.options(#"{"class_weight": {"0": 1, "2": 1}}"#)) }
    #expect(message.contains("'class_weight' has no weight for the class 1"))
  }

  @Test("sample weights follow their samples through shuffling and validation_split")
  func splitWeights() throws {
    let (x, y) = try Make.samples(30)
    // Weight 0 for the last third: the same as not having it, but for the number that the loss is divided by.
    let weights = try Tensor((0..<30).map { $0 < 20 ? 1 : 0 })
    let model = try Make.classifier()
    let history = try model.fit(
      Samples(x: x, y: y, weights: weights), Make.options(#"{"validation_split": 0.3333, "batch_size": 20}"#))
    #expect(try history.values("val_loss") == [0])
    #expect(try history.values("loss")[0] > 0)
  }

  @Test("a generator gives the same training as the rows in order")
  func generator() throws {
    let (x, y) = try Make.samples(20)
    let rows = try Make.classifier()
    let expected = try rows.fit(x: x, y: y, Make.options(#"{"epochs": 2, "batch_size": 8, "shuffle": false}"#))
    let batches = try [0..<8, 8..<16, 16..<20].map { Samples(x: try x.slice($0), y: try y.slice($0)) }
    for options in [#"{"epochs": 2}"#, #"{"epochs": 2, "steps_per_epoch": 3}"#] {
      let model = try Make.classifier()
      var next = 0
      let generator = BatchGenerator { () throws(NNError) in
        defer { next += 1 }
        // Without steps_per_epoch nil ends an epoch.
        let isEnd = !options.contains("steps") && next % 4 == 3
        return isEnd ? nil : batches[options.contains("steps") ? next % 3 : next % 4]
      }
      let history = try model.fit(generator, Make.options(options))
      #expect(try Make.weights(model) == Make.weights(rows))
      #expect(try history.values("loss") == expected.values("loss"))
    }
    let model = try Make.classifier()
    try model.fit(BatchGenerator(batches), Make.options(#"{"epochs": 2}"#))
    #expect(try Make.weights(model) == Make.weights(rows))
    #expect(try model.evaluate(BatchGenerator(batches)) == model.evaluate(x: x, y: y, batchSize: 8))
  }

  @Test("a generator that ends early, gives nothing, or gives what does not fit")
  func brokenGenerator() throws {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier()
    var count = 0
    let two = BatchGenerator { () throws(NNError) in
      count += 1
      return count <= 2 ? Samples(x: x, y: y) : nil
    }
    #expect(
      Evaluate.message { try model.fit(two, Make.options(#"{"steps_per_epoch": 5}"#)) }
        == "fit: the generator ended after 2 batches of an epoch, but an epoch has 5 steps")
    #expect(
      Evaluate.message { try model.fit(BatchGenerator { nil }) } == "fit: the generator gave no batch for an epoch")
    let wrong = BatchGenerator([Samples(x: x, y: try y.slice(0..<7))])
    #expect(Evaluate.message { try model.fit(wrong) } == "fit: x has 8 samples, y has 7 (batch 1 of the generator)")
    // The model is as usable as before.
    try model.fit(x: x, y: y)
  }

  /// Trap 18: the lists of validation are shorter.
  @Test("validation_freq", arguments: [("2", 2), ("[1, 5]", 2), ("3", 1), ("5", 1)])
  func validationFreq(_ frequency: String, _ count: Int) throws {
    let (x, y) = try Make.samples(20)
    let history = try Make.classifier().fit(
      x: x, y: y, Make.options(#"{"epochs": 5, "validation_split": 0.2, "validation_freq": \#(frequency)}"#))
    #expect(try history.values("loss").count == 5)
    #expect(try history.values("val_loss").count == count)
  }

  @Test("steps_per_epoch: so many batches of each new order; more than there are is an error")
  func stepsPerEpoch() throws {
    let (x, y) = try Make.samples(20)
    let model = try Make.classifier()
    let history = try model.fit(x: x, y: y, Make.options(#"{"epochs": 2, "batch_size": 8, "steps_per_epoch": 2}"#))
    #expect(model.optimizer?.iterations == 4)
    #expect(history.parameters["steps"]?.text == "2" && history.parameters["samples"]?.text == "16")
    #expect(
      Evaluate.message { try model.fit(x: x, y: y, Make.options(#"{"batch_size": 8, "steps_per_epoch": 4}"#)) }
        .contains(
          "4 steps of 8 samples are more than the 20 samples make (3 steps)"))
  }

  @Test("test_on_batch, predict_on_batch, predict_classes")
  func onBatch() throws {
    let (x, y) = try Make.samples(300)
    let model = try Make.classifier()
    expectClose(
      try model.testOnBatch(Samples(x: x, y: y)).map { Float($0) },
      try model.evaluate(x: x, y: y).map { Float($0) }, relative: 1e-6, absolute: 0)
    let p = try model.predict(x: x)
    #expect(try model.predictOnBatch([x])[0].values == p.values)
    let classes = try model.predictClasses([x])
    #expect(classes.dtype == .int32 && classes.shape.dimensions == [300])
    for i in [0, 17, 299] {
      let row = Array(p.values[(3 * i)..<(3 * i + 3)])
      #expect(row[Int(classes.element(i))] == row.max())
    }
    let binary = try Model(name: "b", layers: [Make.dense(1, "sigmoid", "d", input: 4)])
    let yes = try binary.predict(x: x).values.map { $0 > 0.5 ? Float(1) : 0 }
    #expect(try binary.predictClasses([x]).values == yes)
    #expect(try binary.predictClasses([x]).shape.dimensions == [300, 1])
  }

  @Test("options without effect are errors")
  func noEffect() throws {
    #expect(Evaluate.message { _ = try Make.options(#"{"validation_freq": 2}"#) }.contains("has no effect"))
    #expect(Evaluate.message { _ = try Make.options(#"{"validation_steps": 2}"#) }.contains("has no effect"))
    #expect(Evaluate.message { _ = try Make.options(#"{"steps_per_epoch": 0}"#) }.contains("positive integer"))
  }
}
