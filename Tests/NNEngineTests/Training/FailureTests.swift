import Testing

@testable import NNEngine

/// What is wrong with a call is said in one line, and the model stays as it was.
@Suite("Bad input to models")
struct FailureTests {
  static func message(_ body: () throws -> Void) -> String { Evaluate.message(body) }

  // MARK: Losses that are no numbers

  /// A rate so large that the second batch's loss is infinite or NaN.
  static let wild = #"{"class_name": "SGD", "config": {"learning_rate": 1e30}}"#

  @Test("a loss that is no number: epoch and batch are named, the epoch's weights come back")
  func notFinite() throws {
    let (x, y) = try Make.samples(24)
    let model = try Make.classifier(loss: "mse", optimizer: Self.wild, last: "linear")
    let target = try Tensor(y.values.flatMap { [$0, 1 - $0, 2] }, shape: Shape([24, 3]))
    let before = try Make.weights(model)
    let text = Self.message { try model.fit(x: x, y: target, Make.options(#"{"batch_size": 8, "epochs": 2}"#)) }
    #expect(text.hasPrefix("model: fit: the loss became "), "\(text)")
    #expect(
      text.hasSuffix(
        " in epoch 1, batch 2; the weights are back to the beginning of that epoch (a smaller learning rate or clipping "
          + "may help)"), "\(text)")
    #expect(try Make.weights(model) == before)
    #expect(model.optimizer?.iterations == 0)
    try model.optimizer?.setLearningRate(0.01)
    #expect(try model.fit(x: x, y: target).epochs == [0])
  }

  /// The loss of an epoch's last batch is finite, but the update after it ruins the weights: the epoch that follows must not take
  /// those for its beginning.
  @Test("weights that an epoch's last update ruined come back, too")
  func ruinedByTheLastBatch() throws {
    let (x, y) = try Make.samples(24)
    for epochs in [1, 3] {
      let model = try Make.classifier(
        loss: "mse", optimizer: #"{"class_name": "SGD", "config": {"learning_rate": 1e39}}"#, last: "linear")
      let target = try Tensor(y.values.flatMap { [$0, 1 - $0, 2] }, shape: Shape([24, 3]))
      let before = try Make.weights(model)
      let text = Self.message {
        try model.fit(x: x, y: target, Make.options(#"{"batch_size": 24, "epochs": \#(epochs)}"#))
      }
      #expect(text.contains("in epoch 1"), "\(text)")
      #expect(try Make.weights(model) == before)
    }
  }

  // MARK: Data

  static func nan(_ count: Int, at index: Int, _ value: Float = .nan) throws -> Tensor {
    var values = [Float](repeating: 0.5, count: count * 4)
    values[index] = value
    return try Tensor(values, shape: Shape([count, 4]))
  }

  @Test("of large data, which threads check, it is the first wrong number that is named")
  func firstOfMany() throws {
    let count = 1 << 18  // four parts
    let (x, y) = (try Self.nan(count, at: 4 * 150_001 + 2), try Tensor(zeros: Shape([count])))
    var values = x.values
    values[4 * 70_000] = .infinity
    values[4 * 200_000] = .nan
    let model = try Make.classifier()
    for (x, message) in [
      (x, "fit: x contains NaN in row 150001 (counted from 0)"),
      (try Tensor(values, shape: x.shape), "fit: x contains inf in row 70000 (counted from 0)"),
    ] {
      #expect(Self.message { try model.fit(x: x, y: y) } == message)
    }
  }

  @Test("what is wrong with the data is said in full")
  func data() throws {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier()
    let before = try Make.weights(model)
    let cases: [(x: Tensor, y: Tensor, message: String)] = [
      (try Self.nan(8, at: 13), y, "fit: x contains NaN in row 3 (counted from 0)"),
      (try Self.nan(8, at: 28, -.infinity), y, "fit: x contains -inf in row 7 (counted from 0)"),
      (
        x, try Tensor([0, 1, 2, 3, 0, 1, 2, 0]),
        "fit: y has label 3 at row 3 (counted from 0), but the output has 3 classes (0 … 2)"
      ),
      (
        x, try Tensor([0, 1, -1, 2, 0, 1, 2, 0]),
        "fit: y has label -1 at row 2 (counted from 0), but the output has 3 classes (0 … 2)"
      ),
      (
        x, try Tensor([0, 0.5, 1, 2, 0, 1, 2, 0]),
        "fit: y has label 0.5 at row 1 (counted from 0), but labels are whole numbers: the output has 3 classes (0 … 2)"
      ),
      (x, try y.slice(0..<7), "fit: x has 8 samples, y has 7"),
      (
        try x.slice(0..<0), try y.slice(0..<0), "fit: x is empty (shape (0, 4))"
      ),
      (
        try Tensor(zeros: Shape([8, 5])), y,
        "fit: the model takes samples of shape (None, 4), got x of shape (8, 5)"
      ),
      (
        try Tensor(zeros: Shape([8])), y, "fit: the model takes samples of shape (None, 4), got x of shape (8,)"
      ),
      (try Tensor(scalar: 1), y, "fit: x is a scalar; expected a batch of samples"),
      (x, try Tensor(scalar: 1), "fit: y is a scalar; expected one label for each sample"),
      (
        x, try Tensor(zeros: Shape([8, 3])),
        "fit: SparseCategoricalCrossentropy: labels of shape (None, 3) do not fit the output (None, 3): expected class indices of "
          + "shape (None,) or (None, 1); one-hot labels need categorical_crossentropy"
      ),
    ]
    for (x, y, message) in cases { #expect(Self.message { try model.fit(x: x, y: y) } == message) }
    #expect(
      Self.message { _ = try model.evaluate(x: cases[3].x, y: cases[3].y) } == cases[3].message.replacingFit("evaluate")
    )
    #expect(
      Self.message { _ = try model.trainOnBatch(x: x, y: cases[2].y) }
        == cases[2].message.replacingFit("train_on_batch"))
    #expect(
      Self.message { _ = try model.predict(x: cases[7].x) } == cases[7].message.replacingFit("predict"))
    // predict lets NaN through to the rows that have it.
    let p = try model.predict(x: cases[0].x).values
    #expect(p[9...11].allSatisfy(\.isNaN) && p[0...8].allSatisfy { !$0.isNaN })
    #expect(try Make.weights(model) == before)
    #expect(try model.fit(x: x, y: y).epochs == [0])
  }

  @Test("validation data is checked before training")
  func validationData() throws {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier()
    let before = try Make.weights(model)
    var options = FitOptions()
    options.validationData = Samples(x: try Tensor(zeros: Shape([8, 5])), y: y)
    #expect(
      Self.message { try model.fit(x: x, y: y, options) }
        == "validation_data: fit: the model takes samples of shape (None, 4), got x of shape (8, 5)")
    options.validationSplit = 0.5
    #expect(
      Self.message { try model.fit(x: x, y: y, options) }
        == "fit: give 'validation_data' or 'validation_split', not both")
    #expect(
      Self.message { try model.fit(x: x, y: y, Make.options(#"{"validation_split": 0.05}"#)) } == "no error")
    #expect(
      Self.message { try model.fit(x: x.slice(0..<1), y: y.slice(0..<1), Make.options(#"{"validation_split": 0.5}"#)) }
        == "fit: validation_split=0.5 of 1 samples leaves one part empty")
    #expect(try Make.weights(model) != before)
  }

  // MARK: Order of calls

  @Test("calls at the wrong moment")
  func order() throws {
    let (x, y) = try Make.samples(8)
    let empty = try Model(name: "empty")
    #expect(Self.message { try empty.fit(x: x, y: y) } == "empty: fit: the model is not compiled; call compile first")
    #expect(Self.message { _ = try empty.predict(x: x) } == "empty: predict: the model has no layers")
    #expect(Self.message { try empty.pop() } == "empty: pop: the model has no layers")
    #expect(Self.message { _ = try empty.build(inputShape: [3]) } == "empty: build: the model has no layers")
    let open = try Model(name: "open", layers: [Make.dense(2, "linear", "a")])
    #expect(
      Self.message { _ = try open.summary() }
        == "open: summary: the model is not built yet; give the first layer an input_shape, or call build or fit")
    #expect(Self.message { _ = try open.setWeights([]) } == "open: set_weights: the model is not built yet")
    #expect(
      Self.message { _ = try open.evaluate(x: x, y: y) }
        == "open: evaluate: the model is not compiled; call compile first")
    #expect(
      Self.message { _ = try open.explain() }
        == "open: explain: the model is not built yet; give the first layer an input_shape")
    let frozen = try Make.classifier()
    frozen.trainable = false
    #expect(
      Self.message { try frozen.fit(x: x, y: y) }
        == "model: fit: nothing to train: every layer is frozen or without weights")
    #expect(
      Self.message { _ = try frozen.trainOnBatch(x: x, y: y) }
        == "model: train_on_batch: nothing to train: every layer is frozen or without weights")
  }

  @Test("layers that do not fit together")
  func structure() throws {
    let dense = try Make.dense(2, "linear", "a", input: 3)
    let model = try Model(name: "m", layers: [dense])
    #expect(
      Self.message { try model.add(dense) }
        == "m: layer 'a' is in the model already; a Sequential holds each layer once")
    #expect(
      Self.message { try model.add(Make.dense(2, "linear", "a")) }
        == "m: two layers are named 'a'; names must be unique in a model")
    #expect(
      Self.message { try model.add(Make.layer("InputLayer", #"{"input_shape": [2]}"#)) }
        == "m: an InputLayer can only be the first layer")
    #expect(
      Self.message { try model.add(Make.dense(2, "linear", "b", input: 5)) }
        == "m/b: the layer declares inputs of shape (None, 5), got (None, 2)")
    #expect(model.layers.count == 1)
    #expect(
      Self.message { _ = try model.layer(named: "aa") } == "m: no layer named 'aa'; did you mean 'a'?")
    #expect(
      Self.message { try model.build(inputShape: [4]) }
        == "m: build: the model takes inputs of shape (None, 3), got (None, 4)")
    #expect(Self.message { _ = try Model(name: "") } == "Sequential: 'name' must not be empty")
  }

  // MARK: Names and arguments

  @Test(
    "compile",
    arguments: [
      (#"{"loss": "msee"}"#, "model: compile: 'loss': unknown loss 'msee'; did you mean 'mse'?"),
      (
        #"{"loss": "mse", "optimizer": "sdg"}"#,
        "model: compile: 'optimizer': unknown optimizer 'sdg'; did you mean 'sgd'?"
      ),
      (
        #"{"loss": "mse", "metrics": ["acuracy"]}"#,
        "model: compile: 'metrics': unknown metric 'acuracy'; did you mean 'accuracy'?"
      ),
      (#"{"loss": "mse", "metric": ["acc"]}"#, "model: compile: unknown field 'metric'; did you mean 'metrics'?"),
      (#"{"optimizer": "sgd"}"#, "model: compile: 'loss' is required (a loss)"),
      (#"{"loss": "mse", "metrics": ["acc", "acc"]}"#, "model: compile: the metric 'acc' is given twice"),
      (#"{"loss": 3}"#, "model: compile: 'loss' must be a loss or nil, got 3"),
    ])
  func compile(_ json: String, _ message: String) throws {
    let model = try Make.classifier()
    #expect(Self.message { try model.compile(Make.arguments(json)) } == message)
    #expect(model.metricsNames == ["loss", "accuracy"])  // as it was
  }

  @Test(
    "fit's options",
    arguments: [
      (#"{"epoch": 3}"#, "fit: unknown field 'epoch'; did you mean 'epochs'?"),
      (#"{"epochs": 0}"#, "fit: 'epochs' must be a positive integer, got 0"),
      (#"{"batch_size": 2.5}"#, "fit: 'batch_size' must be a positive integer, got 2.5"),
      (#"{"verbose": 3}"#, "fit: 'verbose' must be 0, 1 or 2, got 3"),
      (#"{"validation_split": 1}"#, "fit: 'validation_split' must be a number in [0.0, 1.0), got 1"),
      (
        #"{"validation_data": [1, 2]}"#,
        "fit: 'validation_data' must be {x, y}, {x, y, sample_weight} or a generator or nil, got a list of 2"
      ),
      (
        #"{"callbacks": [1]}"#,
        "fit: 'callbacks': expected callbacks, such as EarlyStopping or an instance of a class of your own, got 1"
      ),
      (#"{"shuffle": "yes"}"#, "fit: 'shuffle' must be true or false, got 'yes'"),
    ])
  func options(_ json: String, _ message: String) {
    #expect(Self.message { _ = try Make.options(json) } == message)
  }

  @Test("batch sizes of evaluate and predict")
  func batchSizes() throws {
    let (x, y) = try Make.samples(8)
    let model = try Make.classifier()
    #expect(
      Self.message { _ = try model.evaluate(x: x, y: y, batchSize: 0) }
        == "evaluate: 'batch_size' must be a positive integer, got 0")
    #expect(
      Self.message { _ = try model.predict(x: x, batchSize: -1) }
        == "predict: 'batch_size' must be a positive integer, got -1")
  }

  @Test("set_weights: all shapes are checked before any value changes")
  func setWeights() throws {
    let model = try Make.classifier()
    let before = try Make.weights(model)
    var values = try model.getWeights()
    #expect(
      Self.message { try model.setWeights(Array(values.dropLast())) } == "model: set_weights: expected 4 tensors, got 3"
    )
    values[0] = try Tensor(zeros: values[0].shape)
    values[3] = try Tensor(zeros: Shape([4]))
    #expect(
      Self.message { try model.setWeights(values) } == "model: set_weights: output/bias has shape (3,), got (4,)")
    #expect(try Make.weights(model) == before)
  }
}

extension String {
  /// The same message from another call.
  fileprivate func replacingFit(_ call: String) -> String { call + dropFirst("fit".count) }
}
