import Testing

@testable import NNEngine

/// Traps 16–32: what fit, compile and evaluate mean.
@Suite("Keras's traps: training")
struct KerasTrapsTraining {
  private static let still = #"{"class_name": "SGD", "config": {"learning_rate": 0}}"#

  /// Labels sorted by class: validation sees classes that training never saw.
  @Test("trap 16: validation_split takes the last samples, before any shuffling: 63 and 0.2 leave 50")
  func validationSplit() throws {
    let (x, _) = try Make.samples(63)
    let y = try Tensor((0..<63).map { $0 < 50 ? Float(0) : 2 })
    let model = try Make.classifier(optimizer: Self.still)
    let history = try model.fit(x: x, y: y, Make.options(#"{"validation_split": 0.2, "batch_size": 50}"#))
    for (key, range) in [("loss", 0..<50), ("val_loss", 50..<63)] {
      let right = try model.evaluate(x: x.slice(range), y: y.slice(range), batchSize: 50)[0]
      expectClose([try history.values(key)[0]], [right], relative: 1e-6, key)
    }
    var both = try Make.options(#"{"validation_split": 0.2}"#)
    both.validationData = Samples(x: x, y: y)
    #expect(throws: NNError.self) { try model.fit(x: x, y: y, both) }
  }

  @Test("trap 18: history: loss first, metrics by the user's words, val_ after; running means, and no rate unasked")
  func history() throws {
    let (x, y) = try Make.samples(20)
    let model = try Model(name: "m", layers: [Make.dense(3, "softmax", "a", input: 4)])
    try model.compile(
      Make.arguments(
        #"""
        {"loss": "sparse_categorical_crossentropy", "metrics": ["acc", "sparse_categorical_crossentropy"],
         "optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.5}}}
        """#))
    var losses: [Double] = []
    let recorder = Recorder()
    recorder.action = { event, run in
      if event.hasPrefix("batch") { losses.append(run.logs()[0].value) }
    }
    var options = try Make.options(#"{"batch_size": 8, "shuffle": false}"#)
    options.validationData = Samples(x: x, y: y)
    let history = try model.fit(x: x, y: y, options, callbacks: [recorder])
    #expect(
      history.keys == [
        "loss", "acc", "sparse_categorical_crossentropy", "val_loss", "val_acc", "val_sparse_categorical_crossentropy",
      ])
    // The weights moved meanwhile: the mean over the epoch is not the loss at its end, which val_loss is.
    #expect(try history.values("loss")[0] == losses.last)
    #expect(try history.values("loss")[0] != history.values("val_loss")[0])
    #expect(try history.values("val_loss")[0] == model.evaluate(x: x, y: y, batchSize: 8)[0])
    // Validation in every second epoch: its lists are shorter.
    let half = try model.fit(
      x: x, y: y, Make.options(#"{"epochs": 5, "validation_split": 0.2, "validation_freq": 2}"#))
    #expect(try half.values("loss").count == 5 && half.values("val_loss").count == 2)
  }

  @Test("trap 19: params are TensorFlow 2.1's")
  func parameters() throws {
    let (x, y) = try Make.samples(20)
    let history = try Make.classifier().fit(
      x: x, y: y, Make.options(#"{"batch_size": 8, "epochs": 2, "validation_split": 0.2}"#))
    #expect(
      JSON.text(.table(history.parameters)) == """
        {"batch_size": 8, "epochs": 2, "steps": 2, "samples": 16, "verbose": 1, "do_validation": true, \
        "metrics": ["loss", "accuracy"]}
        """)
  }

  @Test("trap 23: schedules count steps across calls of fit; a boundary still has the rate before it")
  func schedules() throws {
    let (x, y) = try Make.samples(24)
    let model = try Make.classifier(
      optimizer: #"""
        {"class_name": "SGD", "config": {"learning_rate":
         {"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [5], "values": [0.5, 0.25]}}}}
        """#)
    let options = try Make.options(#"{"batch_size": 8}"#)  // three steps
    var rates: [Double] = []
    let recorder = Recorder()
    recorder.action = { event, run in
      if event.hasPrefix("epoch"), let rate = try run.model.optimizer?.learningRate { rates.append(rate) }
    }
    for _ in 0..<3 { try model.fit(x: x, y: y, options, callbacks: [recorder]) }
    #expect(model.optimizer?.iterations == 9)
    #expect(rates == [0.5, 0.5, 0.25])  // before steps 0, 3 and 6
    let schedule = try Make.schedule("PiecewiseConstantDecay", #"{"boundaries": [5], "values": [0.5, 0.25]}"#)
    #expect(try [4, 5, 6].map { try schedule.rate(step: $0) } == [0.5, 0.5, 0.25])
    #expect(throws: NNError.self) {
      try Make.schedule("PiecewiseConstantDecay", #"{"boundaries": [5], "values": [1]}"#)
    }
  }

  @Test("trap 24: freezing needs no recompiling, counts change at once, model.trainable sets all layers")
  func freezing() throws {
    let (x, y) = try Make.samples(16)
    let model = try Make.classifier()
    model.layers[0].trainable = false  // after compile, before the first fit
    #expect(try model.summary().contains("Non-trainable params: 30"))
    let before = try Make.weights(model)
    try model.fit(x: x, y: y)
    #expect(try Make.weights(model)[0] == before[0] && Make.weights(model)[2] != before[2])
    model.layers[0].trainable = true
    try model.fit(x: x, y: y)
    #expect(try Make.weights(model)[0] != before[0])
    model.trainable = false
    #expect(model.layers.allSatisfy { !$0.trainable })
  }

  @Test("trap 25: compile resets the optimizer's state, not the weights; a wrong loss is an error of compile")
  func compile() throws {
    let (x, y) = try Make.samples(16)
    let model = try Make.classifier(optimizer: #""adam""#)
    try model.fit(x: x, y: y)
    let trained = try Make.weights(model)
    let optimizer = try #require(model.optimizer)
    try model.compile(
      Arguments([], .init([("loss", .string("sparse_categorical_crossentropy")), ("optimizer", .object(optimizer))])))
    #expect(try Make.weights(model) == trained)
    #expect(optimizer.iterations == 0)
    #expect(try optimizer.state(of: model.trainableVariables).allSatisfy { $0.value.values.allSatisfy { $0 == 0 } })
    #expect(model.metricsNames == ["loss"])
    let message = Evaluate.message { try model.compile(Make.arguments(#"{"loss": "sparse_crossentropy"}"#)) }
    #expect(message.contains("unknown loss 'sparse_crossentropy'"), "\(message)")
  }

  @Test("trap 26: a copy from the configuration: same names, fresh weights, not compiled")
  func clone() throws {
    let model = try Make.classifier()
    let clone = try Model(configuration: model.configuration)
    #expect(clone.variables.map(\.path) == model.variables.map(\.path))
    #expect(try Make.weights(clone)[0] != Make.weights(model)[0])
    #expect(!clone.isCompiled)
    #expect(!zip(clone.variables, model.variables).contains { $0 === $1 })
  }

  @Test("trap 27: layers of another model are shared; a name taken twice is an error; names are Keras's")
  func names() throws {
    let model = try Make.classifier()
    let other = try Model(name: "b", layers: Array(model.layers.dropLast()))
    #expect(other.layers[0] === model.layers[0] && other.variables[0] === model.variables[0])
    let message = Evaluate.message { try other.add(Make.dense(2, "linear", "hidden")) }
    #expect(message.contains("two layers are named 'hidden'"), "\(message)")
    for (name, snake) in [
      ("PReLU", "p_re_lu"), ("LeakyReLU", "leaky_re_lu"), ("ELU", "elu"), ("ReLU", "re_lu"), ("Dense", "dense"),
      ("BatchNormalization", "batch_normalization"), ("AlphaDropout", "alpha_dropout"),
      ("Conv2D", "conv2d"), ("MaxPooling2D", "max_pooling2d"), ("Conv2DTranspose", "conv2d_transpose"),
      ("GlobalAveragePooling1D", "global_average_pooling1d"), ("UpSampling2D", "up_sampling2d"),
    ] { #expect(LayerNames.snakeCase(name) == snake) }
  }

  /// Predictions 1 for labels 1, 2, 3: a matrix of differences would have the mean 4/3 as well, so the labels are not symmetric.
  @Test("trap 28: labels (n,) beside outputs (n, 1) are no matrix; bytes go in unscaled")
  func shapes() throws {
    let model = try Model(name: "m", layers: [Make.dense(1, "linear", "a", input: 1)])
    try model.setWeights([Tensor([1], shape: Shape([1, 1])), Tensor([0])])
    try model.compile(Make.arguments(#"{"loss": "mse", "metrics": ["mae"]}"#))
    let x = try Tensor([1, 2, 255]).astype(.uint8)
    #expect(try model.predict(x: x).values == [1, 2, 255])
    for labels in [try Tensor([1, 2, 254]), try Tensor([1, 2, 254], shape: Shape([3, 1]))] {
      for dtype in [DType.float32, .uint8, .int32] {
        expectClose(try model.evaluate(x: x, y: labels.astype(dtype)), [1.0 / 3, 1.0 / 3], relative: 1e-6)
      }
    }
  }

  @Test("trap 29: accuracy is binary, categorical or sparse by the shapes")
  func accuracy() throws {
    let accuracy = try MetricFixtureTests.metric("accuracy")
    func result(_ y: [Float], _ yShape: [Int], _ p: [Float], _ pShape: [Int]) throws -> Double {
      try MetricTests.result(accuracy, [(Tensor(y, shape: Shape(yShape)), Tensor(p, shape: Shape(pShape)))])
    }
    // 0.5 is not more than 0.5.
    #expect(try result([1, 0, 1, 0], [4], [0.9, 0.5, 0.5, 0.6], [4, 1]) == 0.5)
    let p: [Float] = [0.1, 0.9, 0.8, 0.2, 0.3, 0.7]
    #expect(try result([0, 1, 0, 1, 0, 1], [3, 2], p, [3, 2]) == 2.0 / 3)
    #expect(try result([1, 1, 1], [3], p, [3, 2]) == 2.0 / 3)
    #expect(try result([1, 1, 1], [3, 1], p, [3, 2]) == 2.0 / 3)
  }

  @Test("trap 30: model(x) is inference, fit is training; predictions are float32; evaluate: the loss alone, or a list")
  func modes() throws {
    let model = try Model(
      name: "m",
      layers: [
        Make.layer("Dropout", #"{"rate": 0.5, "input_shape": [200], "name": "d"}"#), Make.dense(1, "linear", "a"),
      ])
    try model.setWeights([Tensor(1, shape: Shape([200, 1])), Tensor([0])])
    try model.compile(Make.arguments(#"{"loss": "mae", "optimizer": \#(Self.still)}"#))
    let x = try Tensor(1, shape: Shape([4, 200]))
    let y = try Tensor([200, 200, 200, 200])
    #expect(try model(x).values == y.values)
    #expect(try model(x, training: true).values != y.values)
    let prediction = try model.predict(x: x.astype(.uint8))
    #expect(prediction.dtype == .float32 && prediction.values == y.values)
    #expect(try model.evaluate(x: x, y: y) == [0])
    #expect(try model.fit(x: x, y: y).values("loss")[0] > 1)
    #expect(model.metricsNames == ["loss"])
  }

  @Test("trap 31: epochs is the number of the last, plus 1; fit goes on with the optimizer's state")
  func initialEpoch() throws {
    let (x, y) = try Make.samples(20)
    let (whole, parts) = (try Make.classifier(optimizer: #""adam""#), try Make.classifier(optimizer: #""adam""#))
    let quiet = #""shuffle": false"#
    try whole.fit(x: x, y: y, Make.options(#"{"epochs": 5, \#(quiet)}"#))
    try parts.fit(x: x, y: y, Make.options(#"{"epochs": 3, \#(quiet)}"#))
    let history = try parts.fit(x: x, y: y, Make.options(#"{"epochs": 5, "initial_epoch": 3, \#(quiet)}"#))
    #expect(history.epochs == [3, 4])
    #expect(try Make.weights(whole) == Make.weights(parts))
  }

  @Test("trap 32: train_on_batch returns the loss before the update; metrics begin anew with each call")
  func trainOnBatch() throws {
    let (x, y) = try Make.samples(12)
    let model = try Make.classifier(optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 0.5}}"#)
    for _ in 0..<3 {
      let before = try model.evaluate(x: x, y: y)
      expectClose(try model.trainOnBatch(x: x, y: y), before, relative: 1e-6)
      #expect(try model.evaluate(x: x, y: y)[0] < before[0])
    }
  }
}
