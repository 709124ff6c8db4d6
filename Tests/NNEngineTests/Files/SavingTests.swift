import Testing

@testable import NNEngine

/// What is saved is loaded again as it was, in every format.
@Suite("Saving and loading")
struct SavingTests {
  static let formats = FileFormat.registry.filter(\.holdsModels).map(\.name)
  static let optimizers = OptimizerReferences.all.indices

  static func load(_ bytes: [UInt8], compile: Bool = true) throws -> Model {
    let box = Bytes(bytes)
    return try Model.load(bytes: UnsafeRawBufferPointer(box.buffer), compile: compile)
  }

  /// Bytes that stay where they are.
  final class Bytes {
    let buffer: UnsafeMutableRawBufferPointer
    init(_ bytes: [UInt8]) {
      buffer = .allocate(byteCount: bytes.count, alignment: 8)
      buffer.copyBytes(from: bytes)
    }
    deinit { buffer.deallocate() }
  }

  static func model(_ optimizer: Optimizer) throws -> Model {
    let model = try Model(
      name: "saved",
      layers: [
        Make.dense(6, "tanh", "hidden", input: 4),
        Make.layer("BatchNormalization", #"{"name": "norm"}"#),
        Make.layer("Dropout", #"{"name": "drop", "rate": 0.3}"#), Make.dense(3, "softmax", "output"),
      ])
    try model.compile(
      Arguments(
        [],
        Value.Table([
          ("optimizer", .object(optimizer)), ("loss", .string("sparse_categorical_crossentropy")),
          ("metrics", .list([.string("acc")])),
        ])))
    return model
  }

  @Test("training goes on bit for bit: weights, slots, count, random numbers", arguments: formats, optimizers)
  func resumes(_ format: String, _ index: Int) throws {
    let optimizer = try OptimizerReferences.all[index].optimizer()
    let model = try Self.model(optimizer)
    // A seed of its own, here and below: another test may set the process's at any moment.
    model.random.start(seed: 5)
    let (x, y) = try Make.samples(40)
    let options = try Make.options(#"{"epochs": 2, "batch_size": 16, "shuffle": false, "verbose": 0}"#)
    try model.fit(x: x, y: y, options)
    let bytes = try model.serialized(format: format)
    let again = try Self.load(bytes)
    #expect(again.optimizer?.iterations == optimizer.iterations)
    #expect(again.metricsNames == model.metricsNames)
    #expect(try again.serialized(format: format) == bytes)
    #expect(again.random.seed == 5 && again.random.step == model.random.step)
    again.randomPlace = model.randomPlace
    try model.fit(x: x, y: y, options)
    try again.fit(x: x, y: y, options)
    for (a, b) in zip(try model.getWeights(), try again.getWeights()) { #expect(haveSameBits(a.values, b.values)) }
    for (a, b) in zip(
      try model.optimizer?.state(of: model.trainableVariables) ?? [],
      try again.optimizer?.state(of: again.trainableVariables) ?? [])
    { #expect(a.name == b.name && haveSameBits(a.value.values, b.value.values)) }
  }

  @Test(
    "every layer comes back, with the same function", arguments: formats,
    LayerLaws.names.filter { $0 != "Lambda" && $0 != "InputLayer" })
  func layers(_ format: String, _ name: String) throws {
    let (layer, input, count) = try LayerLaws.layer(name)
    let inputs = try (0..<count).map { try LayerOutput.input(shape: input.dimensions, name: "in\($0)") }
    let model = try Model(name: "one", inputs: inputs, outputs: layer(inputs))
    let again = try Self.load(model.serialized(format: format))
    #expect(again.layers.map(\.name) == model.layers.map(\.name))
    var numbers = TestNumbers(7)
    let values = try inputs.map { input in
      let shape = input.shape.batch(2)
      // Embeddings take indices.
      let floats = name == "Embedding" ? (0..<shape.count).map { Float($0 % 5) } : numbers.floats(shape.count)
      return try Tensor(floats, shape: shape)
    }
    let (a, b) = (try model.predict(values), try again.predict(values))
    for (a, b) in zip(a, b) { #expect(haveSameBits(a.values, b.values)) }
    // Keras 2 counts batch normalization's axis from the front.
    if name != "BatchNormalization" { #expect(JSON.text(again.configuration) == JSON.text(model.configuration)) }
  }

  @Test("models in models, shared layers, several outputs", arguments: formats)
  func functional(_ format: String) throws {
    let a = try LayerOutput.input(shape: [4], name: "a")
    let b = try LayerOutput.input(shape: [4], name: "b")
    let body = try Model(
      name: "body",
      layers: [Make.dense(5, "elu", "inner", input: 4), Make.layer("BatchNormalization", #"{"name": "norm"}"#)])
    let (left, right) = (try body.asLayer([a])[0], try body.asLayer([b])[0])
    let joined = try Make.layer("Concatenate", #"{"name": "join"}"#)([left, right])[0]
    let model = try Model(
      name: "siamese", inputs: [a, b],
      outputs: [Make.dense(1, "sigmoid", "same")([joined])[0], Make.dense(2, "linear", "other")([joined])[0]])
    var numbers = TestNumbers(3)
    for variable in model.variables {
      try variable.set(Tensor(numbers.floats(variable.shape.count, scale: 0.7).map { $0 + 1 }, shape: variable.shape))
    }
    body.layers[0].trainable = false
    try model.compile(
      Make.arguments(
        #"{"loss": {"same": "binary_crossentropy", "other": "mse"}, "loss_weights": {"same": 0.5, "other": 2}, "metrics": {"same": ["acc"]}}"#
      ))
    let again = try Self.load(model.serialized(format: format))
    #expect(again.metricsNames == model.metricsNames)
    #expect(again.trainableVariables.map(\.path) == model.trainableVariables.map(\.path))
    for (a, b) in zip(try model.getWeights(), try again.getWeights()) { #expect(a.values == b.values) }
    let x = try [Tensor(numbers.floats(12), shape: Shape([3, 4])), Tensor(numbers.floats(12), shape: Shape([3, 4]))]
    for (a, b) in zip(try model.predict(x), try again.predict(x)) { #expect(haveSameBits(a.values, b.values)) }
    // The frozen layer stays the shared one.
    #expect(again.layers.filter { $0.nested != nil }.count == 1)
  }

  @Test("files: the name says the format; both, and what they hold, are checked")
  func names() throws {
    let folder = try TemporaryFolder()
    let model = try Make.classifier()
    for suffix in [".h5", ".hdf5", ".keras", ".safetensors", ".npz"] {
      try model.save(folder.path + "/m" + suffix)
      #expect(try Make.weights(Model.load(folder.path + "/m" + suffix)) == Make.weights(model))
    }
    #expect(Evaluate.message { try model.save(folder.path + "/m") }.contains("does not say which format"))
    #expect(Evaluate.message { try model.save(folder.path + "/m.weights.h5") }.contains("weights only"))
    #expect(Evaluate.message { try model.save(folder.path + "/m.h5", format: "kers") }.contains("did you mean 'keras'"))
    try model.save(folder.path + "/no_suffix", format: "npz")
    _ = try Model.load(folder.path + "/no_suffix")
    try model.saveWeights(folder.path + "/w.weights.h5")
    #expect(Evaluate.message { _ = try Model.load(folder.path + "/w.weights.h5") }.contains("weights only"))
    #expect(Evaluate.message { _ = try Model.load(folder.path + "/none.h5") }.contains("could not be opened"))
    #expect(Evaluate.message { _ = try Model.load(folder.path) }.contains("is not a file"))
  }

  @Test("weights by order and by name, with mismatches", arguments: [".h5", ".weights.h5", ".safetensors", ".npz"])
  func weights(_ suffix: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/w" + suffix
    let model = try Make.classifier()
    try model.saveWeights(file)
    let same = try Make.classifier()
    for variable in same.variables { try variable.set(Tensor(zeros: variable.shape)) }
    #expect(try same.loadWeights(file) == [])
    #expect(try Make.weights(same) == Make.weights(model))
    // Another last layer: an error that changes nothing, or skipped.
    let other = try Make.classifier(classes: 5)
    for variable in other.variables { try variable.set(Tensor(zeros: variable.shape)) }
    let message = Evaluate.message { try other.loadWeights(file) }
    #expect(message.contains("output") && message.contains("(6, 5)") && message.contains("(6, 3)"))
    #expect(try Make.weights(other).allSatisfy { $0.allSatisfy { $0 == 0 } })
    #expect(try other.loadWeights(file, skipMismatch: true) == ["output"])
    #expect(try Make.weights(other)[0] == Make.weights(model)[0])
    #expect(try Make.weights(other)[2].allSatisfy { $0 == 0 })
    // By name: a model with one layer in common.
    let part = try Model(
      name: "part", layers: [Make.dense(6, "tanh", "hidden", input: 4), Make.dense(2, "linear", "new")])
    let before = try Make.weights(part)
    try part.loadWeights(file, byName: true)
    #expect(try Make.weights(part)[0] == Make.weights(model)[0])
    #expect(try Make.weights(part)[2] == before[2])
    let stranger = try Model(name: "stranger", layers: [Make.dense(6, "tanh", "nobody", input: 4)])
    #expect(throws: NNError.self) { try stranger.loadWeights(file, byName: true) }
  }

  @Test("a part of a model: its layers as a model of their own")
  func part() throws {
    let model = try Make.classifier()
    let body = try Model(name: "body", layers: Array(model.layers.dropLast()))
    let again = try Self.load(body.serialized(format: "keras"))
    #expect(again.layers.count == 1)
    #expect(try Make.weights(again) == Array(Make.weights(model)[0..<2]))
  }

  @Test("users' functions are names in files, and must be registered")
  func functions() throws {
    final class Named: NamedFunction {
      let name: String? = "saving_test_loss"
      func call(_ arguments: [Value]) throws(NNError) -> Value {
        guard case .object(let truth) = arguments[0], case .object(let prediction) = arguments[1],
          let a = try ScopedSymbol.symbol(from: .object(truth)),
          let b = try ScopedSymbol.symbol(from: .object(prediction))
        else { throw .invalid("no tensors") }
        guard let scope = (truth as? ScopedSymbol)?.scope else { throw .invalid("no scope") }
        let difference = try a.reshaped(b.shape.dimensions) - b
        return .object(ScopedSymbol(try difference * difference, scope))
      }
    }
    let model = try Model(name: "m", layers: [Make.dense(1, "linear", "d", input: 2)])
    try model.compile(Arguments([], Value.Table([("loss", .object(Named()))])))
    let bytes = try model.serialized(format: "h5")
    let message = Evaluate.message { _ = try Self.load(bytes) }
    #expect(
      message.contains("saving_test_loss") && message.contains("custom_objects") && message.contains("compile=false"))
    #expect(try !Self.load(bytes, compile: false).isCompiled)
    CustomFunctions.register("saving_test_loss", Named())
    defer { CustomFunctions.register("saving_test_loss", nil) }
    #expect(try Self.load(bytes).isCompiled)
  }
}
