import Testing

@testable import NNEngine

/// What holds for every layer of the registry.
@Suite("Layer laws")
struct LayerLaws {
  /// For each class the arguments of an example, the shape of its input, and another that it does not take. A layer without an example
  /// fails the suite.
  static let examples: [String: (arguments: String, input: [Int])] = [
    "InputLayer": (#"{"input_shape": [4], "name": "subject"}"#, [4]),
    "Flatten": (#"{"name": "subject"}"#, [2, 3]),
    "Dense": (
      #"""
      {"name": "subject", "units": 5, "activation": {"class_name": "elu", "config": {"alpha": 0.5}}, "use_bias": true,
       "kernel_initializer": "he_normal", "bias_initializer": {"class_name": "Constant", "config": {"value": 0.1}},
       "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.02}}, "bias_regularizer": "l2",
       "activity_regularizer": "l1", "kernel_constraint": "max_norm", "bias_constraint": "non_neg"}
      """#, [4]
    ),
    "Activation": (#"{"name": "subject", "activation": "softmax"}"#, [3, 4]),
    "BatchNormalization": (
      #"{"name": "subject", "momentum": 0.9, "gamma_constraint": "non_neg", "beta_regularizer": "l2"}"#, [4]
    ),
    "Dropout": (#"{"name": "subject", "rate": 0.3, "noise_shape": [null, 1, 4], "seed": 3}"#, [3, 4]),
    "AlphaDropout": (#"{"name": "subject", "rate": 0.3}"#, [4]),
    "GaussianNoise": (#"{"name": "subject", "stddev": 0.5}"#, [4]),
    "GaussianDropout": (#"{"name": "subject", "rate": 0.3}"#, [4]),
    "RReLU": (#"{"name": "subject", "lower": 0.1, "upper": 0.2}"#, [4]),
    "ReLU": (#"{"name": "subject", "max_value": 6, "negative_slope": 0.1, "threshold": 1}"#, [4]),
    "LeakyReLU": (#"{"name": "subject", "alpha": 0.2}"#, [4]),
    "PReLU": (#"{"name": "subject", "alpha_initializer": "he_normal", "shared_axes": [1]}"#, [3, 4]),
    "ELU": (#"{"name": "subject", "alpha": 0.5}"#, [4]),
    "ThresholdedReLU": (#"{"name": "subject", "theta": 0.5}"#, [4]),
    "Softmax": (#"{"name": "subject", "axis": 1}"#, [3, 4]),
    "Reshape": (#"{"name": "subject", "target_shape": [2, 6]}"#, [3, 4]),
    "Permute": (#"{"name": "subject", "dims": [2, 1]}"#, [3, 4]),
    "RepeatVector": (#"{"name": "subject", "n": 3}"#, [4]),
    "Rescaling": (#"{"name": "subject", "scale": 0.5, "offset": 1}"#, [4]),
    "ActivityRegularization": (#"{"name": "subject", "l2": 0.1}"#, [4]),
    "LayerNormalization": (#"{"name": "subject", "epsilon": 0.01, "gamma_regularizer": "l2"}"#, [4]),
    "Embedding": (
      #"""
      {"name": "subject", "input_dim": 7, "output_dim": 3, "embeddings_regularizer": "l2", "activity_regularizer": "l1",
       "embeddings_constraint": "max_norm"}
      """#, [4]
    ),
    "Normalization": (#"{"name": "subject", "axis": [1, 2]}"#, [3, 4]),
    "Conv2D": (
      #"""
      {"name": "subject", "filters": 5, "kernel_size": [2, 3], "strides": 2, "padding": "same", "activation": "elu",
       "kernel_initializer": "he_normal", "bias_initializer": "ones", "kernel_regularizer": "l2", "bias_regularizer": "l1",
       "activity_regularizer": "l1", "kernel_constraint": "max_norm", "bias_constraint": "non_neg"}
      """#, [5, 4, 2]
    ),
    "Conv1D": (
      #"{"name": "subject", "filters": 3, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}"#, [6, 2]
    ),
    "MaxPooling2D": (#"{"name": "subject", "pool_size": [2, 3], "padding": "same"}"#, [5, 4, 3]),
    "MaxPooling1D": (#"{"name": "subject", "strides": 1}"#, [5, 3]),
    "AveragePooling2D": (#"{"name": "subject", "pool_size": 3, "strides": 2, "padding": "same"}"#, [5, 4, 3]),
    "AveragePooling1D": (#"{"name": "subject"}"#, [5, 3]),
    "GlobalMaxPooling2D": (#"{"name": "subject"}"#, [5, 4, 3]),
    "GlobalMaxPooling1D": (#"{"name": "subject"}"#, [5, 3]),
    "GlobalAveragePooling2D": (#"{"name": "subject"}"#, [5, 4, 3]),
    "GlobalAveragePooling1D": (#"{"name": "subject"}"#, [5, 3]),
    "ZeroPadding2D": (#"{"name": "subject", "padding": [[0, 1], [2, 3]]}"#, [5, 4, 3]),
    "UpSampling2D": (#"{"name": "subject", "size": [2, 3]}"#, [3, 4, 2]),
  ]

  /// The layers that take several inputs, and how many; each of the shape [3, 4].
  static let merging: [String: (arguments: String, inputs: Int)] = [
    "Add": (#"{"name": "subject"}"#, 3), "Subtract": (#"{"name": "subject"}"#, 2),
    "Multiply": (#"{"name": "subject"}"#, 3), "Average": (#"{"name": "subject"}"#, 3),
    "Maximum": (#"{"name": "subject"}"#, 3), "Minimum": (#"{"name": "subject"}"#, 2),
    "Concatenate": (#"{"name": "subject", "axis": 1}"#, 3),
    "Dot": (#"{"name": "subject", "axes": [2, -1], "normalize": true}"#, 2),
  ]

  static let names = Layer.registry.entries.map(\.name)

  /// Those that a file can hold: all but the user's own function.
  static let writable = names.filter { $0 != "Lambda" }

  /// The layer of the example, one input's shape, and how many inputs it takes.
  static func layer(_ name: String) throws -> (layer: Layer, input: Shape, count: Int) {
    if name == "Lambda" { return (try LambdaTests.doubling(), try Shape([4]), 1) }
    if let example = merging[name] {
      return (try Make.layer(name, example.arguments), try Shape([3, 4]), example.inputs)
    }
    let example = try #require(examples[name], "\(name) has no example")
    return (try Make.layer(name, example.arguments), try Shape(example.input), 1)
  }

  @Test("the configuration makes the same layer again", arguments: writable)
  func roundTrip(_ name: String) throws {
    let layer = try Self.layer(name).layer
    let text = JSON.text(layer.encoded)
    let again = try #require(try Layer.decode(JSON.parse(text)))
    #expect(JSON.text(again.encoded) == text)
    #expect(again.name == layer.name && again.className == name)
    // All fields are there, so what Keras writes after them can be compared.
    let fields = try Layer.registry.entry(name).fields.map(\.name)
    let own = fields.filter { !["input_shape", "input_dim", "batch_input_shape"].contains($0) }
    for field in own { #expect(layer.configuration[field] != nil, "\(field) is missing") }
  }

  @Test("it says what it does, and what each argument is for", arguments: Layer.registry.entries.map(\.name))
  func documented(_ name: String) throws {
    let entry = try Layer.registry.entry(name)
    #expect(entry.doc.count > 20)
    #expect(entry.shapes.contains("→"), "\(entry.name): what help says of its shapes")
    for field in entry.fields { #expect(field.doc.hasSuffix(".") && field.doc.count > 10, "\(field.name)") }
    #expect(Set(entry.fields.map(\.name)).count == entry.fields.count)
  }

  @Test("the declared output shape is the traced one, for any batch", arguments: names)
  func outputShape(_ name: String) throws {
    let (layer, input, count) = try Self.layer(name)
    try layer.build(.init(repeating: input, count: count))
    for (batch, training) in [(1, true), (2, false), (7, true)] {
      let x = try Symbol.fill(0.5, input.batch(batch))
      let y = try layer.call(.init(repeating: x, count: count), CallContext(training: training))
      #expect(y.map(\.shape) == layer.outputShapes.map { $0.batch(batch) })
    }
  }

  @Test("building twice keeps the variables", arguments: names)
  func buildTwice(_ name: String) throws {
    let (layer, input, count) = try Self.layer(name)
    let inputs = [Shape](repeating: input, count: count)
    try layer.build(inputs)
    let before = layer.variables.map { ObjectIdentifier($0) }
    try layer.build(inputs)
    #expect(layer.variables.map { ObjectIdentifier($0) } == before)
    for variable in layer.variables { #expect(variable.path == "subject/\(variable.name)") }
  }

  @Test("an error of shapes names the layer", arguments: names)
  func shapeError(_ name: String) throws {
    let (layer, input, count) = try Self.layer(name)
    try layer.build(.init(repeating: input, count: count))
    let wrong = try Shape(input.dimensions + [9])
    let message = Evaluate.message {
      _ = try layer.call(.init(repeating: .fill(0, wrong.batch(2)), count: count), CallContext(training: false))
    }
    if layer.variables.isEmpty, !layer.isInput {
      // A function takes inputs of other shapes too, or says why not.
      #expect(message == "no error" || message.hasPrefix("subject: "))
    } else {
      #expect(message == "subject: the layer was built for inputs of shape \(input.batched), got \(wrong.batched)")
    }
    // A function takes what it takes.
    if name == "Lambda" { return }
    guard count == 1 else {
      // One input is too few.
      #expect(Evaluate.message { try Self.layer(name).layer.build(input) }.contains("\(name) takes two"))
      return
    }
    #expect(
      Evaluate.message { try Self.layer(name).layer.build([input, input]) } == "subject: \(name) takes one input, got 2"
        || layer.isInput)
    #expect(
      Evaluate.message { _ = try layer.call(.fill(0, .scalar), CallContext(training: false)) }
        == "subject: the input has no batch axis")
  }

  @Test("an unknown argument is answered with the layer's name", arguments: names)
  func unknownArgument(_ name: String) throws {
    let text = Evaluate.message { _ = try Make.layer(name, #"{"trainabel": false}"#) }
    #expect(text == "\(name): unknown field 'trainabel'; did you mean 'trainable'?")
  }

  /// The subject and a layer after it, which keeps the training going.
  static func model(_ name: String, trainable: Bool) throws -> (Model, Layer, Tensor, Tensor) {
    let (layer, input, count) = try layer(name)
    layer.trainable = trainable
    var model = try Model(name: "law")
    if count > 1 {
      let x = try LayerOutput.input(shape: input.dimensions, name: "in")
      let branches = try (0..<count).map { try Make.layer("Dense", #"{"units": 4, "name": "branch\#($0)"}"#)(x) }
      let y = try Make.dense(2, "softmax", "last")(
        Make.layer("Flatten", #"{"name": "flatten"}"#)(layer(branches)[0]))
      model = try Model(name: "law", inputs: [x], outputs: [y])
    } else if layer.isInput {
      try model.add(layer)
    } else {
      try model.add(Make.layer("InputLayer", #"{"name": "in", "input_shape": \#(input.dimensions)}"#))
      try model.add(layer)
    }
    if count == 1 {
      try model.add(Make.layer("Flatten", #"{"name": "flatten"}"#))
      try model.add(Make.dense(2, "softmax", "last"))
    }
    try model.compile(
      Make.arguments(
        #"""
        {"loss": "sparse_categorical_crossentropy", "optimizer":
         {"class_name": "SGD", "config": {"learning_rate": 0.1, "momentum": 0.9}}}
        """#))
    var numbers = TestNumbers(6)
    // An embedding takes indices, and each of its seven rows shall occur.
    let values = name == "Embedding" ? (0..<16 * input.count).map { Float($0 % 7) } : numbers.floats(16 * input.count)
    let x = try Tensor(values, shape: input.batch(16))
    return (model, layer, x, try Tensor((0..<16).map { Float($0 % 2) }))
  }

  @Test("frozen: not a bit of its variables changes in fit", arguments: names)
  func frozen(_ name: String) throws {
    let (model, layer, x, y) = try Self.model(name, trainable: false)
    let before = try layer.variables.map { try $0.value().values }
    let last = try #require(model.layers.last).variables
    let lastBefore = try last.map { try $0.value().values }
    try model.fit(x: x, y: y, Make.options(#"{"epochs": 3, "batch_size": 4}"#))
    for (variable, old) in zip(layer.variables, before) { #expect(haveSameBits(try variable.value().values, old)) }
    #expect(try last.map { try $0.value().values } != lastBefore)
  }

  @Test("not frozen: every weight moves", arguments: names)
  func trained(_ name: String) throws {
    let (model, layer, x, y) = try Self.model(name, trainable: true)
    let before = try layer.weights.map { try $0.value().values }
    try model.fit(x: x, y: y, Make.options(#"{"epochs": 3, "batch_size": 4}"#))
    for (variable, old) in zip(layer.weights, before) {
      #expect(try variable.value().values != old, "\(variable.path)")
    }
  }

  @Test("the program of a training step is that of the reference", arguments: names)
  func reference(_ name: String) throws {
    let (model, _, x, _) = try Self.model(name, trainable: true)
    let feed = try Evaluate.input(x)
    let context = CallContext(training: true)
    let y = try model.call([feed], context)[0]
    let targets = try model.trainableVariables.map { try context.read($0) }
    let gradients = try Symbol.gradients(of: y.square().mean(), for: targets).compactMap { $0 }
    let values = try [Program.Options.standard, .reference].map { options in
      let program = try Program(outputs: [y] + gradients, options: options)
      program.run()
      return try (0...gradients.count).map { try program.value($0).values }
    }
    for i in values[0].indices { expectClose(values[0][i], values[1][i], relative: 1e-5, absolute: 1e-6, "value \(i)") }
  }
}
