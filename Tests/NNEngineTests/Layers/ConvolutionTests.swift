import KernelTable
import Testing

@testable import NNEngine

/// What Keras's numbers (`LayerFixtureTests`) and the laws do not say.
@Suite("Convolutions and poolings")
struct ConvolutionTests {
  @Test("Keras's fields, each axis spelled out")
  func configuration() throws {
    func text(_ name: String, _ config: String) throws -> String {
      let table = try SimpleLayerTests.make(name, config).configuration
      let shown = ["kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "pool_size", "size"]
      return JSON.text(
        .table(Value.Table(table.entries.filter { shown.contains($0.name) }.map { ($0.name, $0.value) })))
    }
    // Conv.get_config and Pooling2D.get_config of tf_keras: tuples, which JSON writes as lists; strides None is pool_size.
    #expect(
      try text("Conv2D", #"{"filters": 1, "kernel_size": 3, "strides": [2, 1]}"#)
        == #"{"kernel_size": [3, 3], "strides": [2, 1], "padding": "valid", "data_format": "channels_last", "#
        + #""dilation_rate": [1, 1], "groups": 1}"#)
    #expect(
      try text("Conv1D", #"{"filters": 1, "kernel_size": [3], "padding": "causal", "data_format": null}"#)
        == #"{"kernel_size": [3], "strides": [1], "padding": "causal", "data_format": "channels_last", "#
        + #""dilation_rate": [1], "groups": 1}"#)
    #expect(
      try text("MaxPool2D", #"{"pool_size": [2, 3], "strides": null}"#)
        == #"{"pool_size": [2, 3], "strides": [2, 3], "padding": "valid", "data_format": "channels_last"}"#)
    #expect(try text("UpSampling2D", "{}") == #"{"size": [2, 2], "data_format": "channels_last"}"#)
    let margins = try SimpleLayerTests.make("ZeroPadding2D", #"{"padding": [1, 2]}"#).configuration["padding"]
    #expect(JSON.text(margins ?? .null) == "[[1, 1], [2, 2]]")
  }

  @Test(
    "Keras's other names", arguments: ["MaxPool1D", "AvgPool2D", "GlobalAvgPool2D", "GlobalMaxPool1D", "Convolution2D"])
  func aliases(_ name: String) throws { _ = try Layer.registry.entry(name) }

  @Test(
    "what is refused, and how",
    arguments: [
      (#"{"filters": 0, "kernel_size": 3}"#, "'filters' must be a positive integer, got 0"),
      (#"{"filters": 1, "kernel_size": [3, 3, 3]}"#, "'kernel_size' must be a positive integer or a list of two"),
      (#"{"filters": 1, "kernel_size": 3, "strides": 0}"#, "'strides' must be a positive integer or a list of two"),
      (#"{"filters": 1, "kernel_size": 3, "groups": 2}"#, "'groups' must be 1"),
      (#"{"filters": 1, "kernel_size": 3, "padding": "causal"}"#, "'padding' must be one of 'valid', 'same'"),
      (#"{"filters": 1, "kernel_size": 3, "data_format": "channels_first"}"#, "'data_format' must be one of"),
      (#"{"filters": 1, "kernel_size": 3, "strides": 2, "dilation_rate": 2}"#, "cannot both be more than 1"),
    ])
  func refused(_ config: String, _ words: String) {
    let message = Evaluate.message { _ = try SimpleLayerTests.make("Conv2D", config) }
    #expect(message.hasPrefix("Conv2D: ") && message.contains(words), "\(message)")
  }

  @Test("inputs that do not fit are named")
  func shapes() throws {
    func message(_ name: String, _ config: String, _ shape: [Int]) -> String {
      Evaluate.message { try SimpleLayerTests.make(name, config).build(Shape(shape)) }
    }
    let conv = #"{"filters": 2, "kernel_size": 3, "name": "c"}"#
    #expect(
      message("Conv2D", conv, [28, 28])
        == "c: Conv2D needs inputs of shape (None, height, width, channels), got (None, 28, 28)"
        + "; Reshape{target_shape={…, 1}} before it gives them one channel")
    #expect(
      message("Conv2D", conv, [2, 8, 1]) == "c: Conv2D: a window that reaches over 3 does not fit an input of extent 2")
    #expect(
      message("MaxPooling1D", #"{"name": "p"}"#, [8])
        == "p: MaxPooling1D needs inputs of shape (None, steps, channels), got (None, 8)"
        + "; Reshape{target_shape={…, 1}} before it gives them one channel")
    #expect(message("GlobalMaxPooling2D", #"{"name": "g"}"#, [4]).hasPrefix("g: GlobalMaxPooling2D needs inputs"))
  }

  @Test("NaN wins in a window; of equal numbers the first has the gradient")
  func maximum() throws {
    let layer = try SimpleLayerTests.make("MaxPooling1D", #"{"strides": 1}"#)
    let y = try SimpleLayerTests.output(layer, [1, 4, 1], [1, .nan, -.infinity, -.infinity]).values
    #expect(y[0].isNaN && y[1].isNaN && y[2] == -.infinity)
    let x = try Evaluate.input([0, 0, 0, 0], [1, 4, 1])
    let pooled = try layer.call(x, CallContext(training: true))
    let dx = try #require(try Symbol.gradients(of: pooled.sum(), for: [x])[0])
    #expect(try Evaluate.values(dx)[0].values == [1, 1, 1, 0])
  }

  @Test("glorot_uniform's limit counts the window: sqrt(6 / ((9·4) + (9·5)))")
  func fans() throws {
    let layer = try SimpleLayerTests.make("Conv2D", #"{"filters": 5, "kernel_size": 3}"#)
    try layer.build(Shape([8, 8, 4]))
    let largest = try layer.weights[0].value().values.map(\.magnitude).max() ?? 0
    let limit = (6 / Float(9 * 4 + 9 * 5)).squareRoot()
    #expect(largest <= limit && largest > 0.95 * limit)
  }

  static func model() throws -> Model {
    let model = try Model(
      name: "m",
      layers: [
        Make.layer(
          "Conv2D",
          #"{"filters": 8, "kernel_size": 3, "activation": "relu", "name": "c1", "input_shape": [20, 20, 1]}"#),
        Make.layer("MaxPooling2D", #"{"name": "p1"}"#),
        Make.layer(
          "Conv2D", #"{"filters": 16, "kernel_size": 3, "padding": "same", "activation": "elu", "name": "c2"}"#),
        Make.layer("AveragePooling2D", #"{"name": "p2", "padding": "same"}"#), Make.layer("Flatten", #"{"name": "f"}"#),
        Make.dense(10, "softmax", "d"),
      ])
    try model.compile(
      Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], "optimizer": "adam"}"#))
    return model
  }

  static func step(_ model: Model) throws -> StepProgram {
    try model.program(.train, batch: 64, .init(x: [Shape([20, 20, 1])], y: [.scalar], weights: [false]))
  }

  @Test("a step: bias and activation in the convolution, relu′ in the pooling's gradient, no gradient of the images")
  func program() throws {
    let listing = try Self.step(Self.model()).program.explain()
    func count(_ text: String) -> Int { listing.split(separator: "\n").count { $0.contains(text) } }
    #expect(count("Conv 3×3 + bias + relu") == 1 && count("Conv 3×3 + bias + elu") == 1, "\(listing)")
    #expect(count("MaxPoolGradient 2×2 * relu'") == 1, "\(listing)")
    // Forward two, and by its input the second only.
    #expect(count(" Conv 3×3") == 3 && count("ConvGradient 3×3") == 2, "\(listing)")
  }

  @Test("it learns: which half of an image is bright")
  func learns() throws {
    let x = try Tensor(uniform: Shape([256, 20, 20, 1]), high: 1, seed: 3)
    var values = x.values
    for n in 0..<256 { for i in 0..<200 { values[n * 400 + (n % 2) * 200 + i] += 1 } }
    let model = try Self.model()
    let y = try Tensor((0..<256).map { Float($0 % 2) })
    let history = try model.fit(
      x: Tensor(values, shape: x.shape), y: y, Make.options(#"{"epochs": 6, "batch_size": 32}"#))
    #expect(try #require(history.values("accuracy").last) > 0.95)
  }
}

/// Convolutions in a training step.
@Suite("Allocation in convolutions", .serialized)
struct ConvolutionAllocationTests {
  @Test("a step makes none", .countsAllocations, arguments: [1, 2])
  func step(_ threads: Int) throws {
    ThreadPool.shared.threadCount = threads
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    let step = try ConvolutionTests.step(ConvolutionTests.model())
    step.program.run()
    let made = try AllocationCounter.count { for _ in 0..<20 { step.program.run() } }
    #expect(made == 0)
  }
}
