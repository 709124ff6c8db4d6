/// Saving and loading.
extension Model {
  /// Saves the whole model: structure, weights, the arguments of compile, the optimizer's state. The format follows from the name (.h5, .keras,
  /// .safetensors, .npz), or from `format`. The file is there whole or not at all.
  public func save(_ path: String, includeOptimizer: Bool = true, format: String? = nil) throws(NNError) {
    try write(
      path, ModelContents(includesOptimizer: includeOptimizer), FileFormat.find(path, format: format, models: true))
  }

  /// The bytes of such a file.
  public func serialized(format: String, includeOptimizer: Bool = true) throws(NNError) -> [UInt8] {
    try inMemory(format: format, includeOptimizer: includeOptimizer).bytes
  }

  /// The same, without a copy.
  package func inMemory(format: String, includeOptimizer: Bool = true) throws(NNError) -> MemorySink {
    let sink = MemorySink()
    let format = try FileFormat.find(nil, format: format, models: true)
    try format.write(self, ModelContents(includesOptimizer: includeOptimizer), to: sink)
    return sink
  }

  /// Saves the weights alone; into .weights.h5 also the optimizer's state, as Keras 3 does.
  public func saveWeights(_ path: String, format: String? = nil) throws(NNError) {
    try requireBuilt("save_weights")
    try write(path, ModelContents(kind: .weights), FileFormat.find(path, format: format, models: false))
  }

  /// The bytes of such a file.
  public func serializedWeights(format: String) throws(NNError) -> [UInt8] {
    try weightsInMemory(format: format).bytes
  }

  /// The same, without a copy.
  package func weightsInMemory(format: String) throws(NNError) -> MemorySink {
    try requireBuilt("save_weights")
    let sink = MemorySink()
    try FileFormat.find(nil, format: format, models: false).write(self, ModelContents(kind: .weights), to: sink)
    return sink
  }

  private func requireBuilt(_ call: String) throws(NNError) {
    guard isBuilt else {
      throw NNError(.state, "\(call): the model is not built yet: the shape of its input is not known", path: [name])
    }
  }

  func write(_ path: String, _ contents: ModelContents, _ format: FileFormat) throws(NNError) {
    let file = try AtomicFile(path)
    try format.write(self, contents, to: file)
    try file.commit()
  }

  /// The model in a file of any of the formats, whichever Keras wrote it. With `compile`, it is compiled as it was, and training goes on
  /// where it was.
  public static func load(_ path: String, compile: Bool = true) throws(NNError) -> Model {
    try ModelFile.open(ByteSource(file: path)).model(compile: compile)
  }

  /// The model in the bytes of such a file.
  public static func load(bytes: UnsafeRawBufferPointer, compile: Bool = true) throws(NNError) -> Model {
    try ModelFile.open(ByteSource(bytes, owner: nil)).model(compile: compile)
  }

  /// Takes over the weights of a file: by the layers' order, or by their names, and then only those that both have. Mismatches are errors, unless
  /// `skipMismatch`: then such layers stay as they are. Nothing changes before everything was compared. Returns the names of the layers that
  /// were skipped.
  @discardableResult
  public func loadWeights(_ path: String, byName: Bool = false, skipMismatch: Bool = false) throws(NNError) -> [String]
  {
    try loadWeights(ModelFile.open(ByteSource(file: path)), byName, skipMismatch)
  }

  /// The same from the bytes of a file.
  @discardableResult
  public func loadWeights(
    bytes: UnsafeRawBufferPointer, byName: Bool = false, skipMismatch: Bool = false
  ) throws(NNError) -> [String] {
    try loadWeights(ModelFile.open(ByteSource(bytes, owner: nil)), byName, skipMismatch)
  }

  private func loadWeights(_ file: ModelFile, _ byName: Bool, _ skipMismatch: Bool) throws(NNError) -> [String] {
    guard !isActive else {
      throw NNError(.state, "load_weights: the model is being trained or evaluated", path: [name])
    }
    try requireBuilt("load_weights")
    let layers: [ModelRecord.LayerRecord]
    var state: OptimizerRecord?
    if byName {
      if let named = file.named { layers = try named() } else { layers = try file.record(self, false).layers }
    } else {
      let record = try file.record(self, !skipMismatch)
      layers = record.layers
      // As in Keras 3: a file of weights brings the optimizer's state along, for a model that is compiled in the same way.
      if file.configuration == nil, !skipMismatch { state = record.optimizer }
    }
    let (pairs, skipped) = try WeightMatching(self).match(layers, file.source, byName, skipMismatch)
    // Read first, set afterwards: an error of the disk must not leave half of the weights. What is in memory cannot fail.
    var values: [(Variable, Tensor)] = []
    for (variable, tensor) in pairs where !tensor.isInMemory { values.append((variable, try tensor.tensor())) }
    for (variable, value) in values { try variable.set(value) }
    for (variable, tensor) in pairs where tensor.isInMemory { try variable.overwrite(tensor.read(into:)) }
    if let state, let optimizer { try? optimizer.restore(state, of: trainableVariables) }
    return skipped
  }
}

extension ModelFile {
  func model(compile: Bool) throws(NNError) -> Model {
    guard let configuration else {
      throw source.error("holds weights only: make the model, then use load_weights")
    }
    let model: Model
    do throws(NNError) {
      model = try Model(configuration: ConfigurationReading.model(configuration))
      if !model.isBuilt, let shape = ConfigurationReading.builtShape(configuration) {
        try model.build(inputShape: shape)
      }
    } catch { throw error.within(source.name) }
    let record = try record(model, true)
    if model.isBuilt {
      let (pairs, _) = try WeightMatching(model).match(record.layers, source, false, false)
      for (variable, tensor) in pairs { try variable.overwrite(tensor.read(into:)) }
      let variables = model.variables
      for index in own?.frozen ?? [] where variables.indices.contains(index) { variables[index].trainable = false }
    }
    if compile { try self.compile(model, record) }
    if let own, let seed = own.seed, let step = own.step {
      model.random.go(to: RandomPlace(seed: seed, step: step, isOwn: false))
    }
    return model
  }

  private func compile(_ model: Model, _ record: ModelRecord) throws(NNError) {
    guard let arguments = own?.compilation?.table ?? compilation else { return }
    do throws(NNError) {
      let table = try ConfigurationReading.compilation(arguments)
      guard table["loss"] != nil else { return }
      try model.compile(Arguments([], table))
      if let state = record.optimizer { try model.optimizer?.restore(state, of: model.trainableVariables) }
    } catch {
      var error = error.within(source.name)
      if !error.message.contains("compile=false") { error.message += " (load with compile=false to do without)" }
      throw error
    }
  }
}

extension Layer {
  /// The layer's variables, not copied.
  var record: ModelRecord.LayerRecord {
    .init(
      name: name, weights: variablesInFiles.map { StoredTensor($0.path, $0) },
      inner: nested?.layers.map(\.record) ?? [],
      className: className)
  }
}

extension Model {
  func record(
    _ contents: ModelContents, _ dialect: KerasConfiguration, isLegacy: Bool
  ) throws(NNError) -> ModelRecord {
    var record = ModelRecord()
    record.layers = layers.map(\.record)
    let order: OptimizerRecord.Order = dialect.generation == .two ? .bySlot : .byWeight
    if contents.kind == .weights {
      if dialect.generation == .three, let optimizer {
        record.optimizer = try self.record(of: optimizer, order)
      }
      return record
    }
    var own = OwnState()
    if random.hasSeed { (own.seed, own.step) = (random.seed, random.step) }
    own.training = contents.training
    own.frozen = variables.indices.filter { variables[$0].role == .weight && !variables[$0].trainable }
    record.own = own
    if contents.kind == .backup {
      record.trainingTensors = contents.trainingTensors.enumerated().map { StoredTensor("\($0)", $1) }
      if let optimizer { record.optimizer = try optimizer.record(of: trainableVariables, order) }
      return record
    }
    record.configuration = .table(try dialect.model(self))
    if let compilation, contents.includesOptimizer {
      let arguments = try ConfigurationWriting.compilation(compilation.options, compilation.optimizer)
      record.compilation =
        dialect.generation == .two ? dialect.trainingConfig(arguments) : dialect.compileConfig(arguments)
      record.optimizer = try self.record(of: compilation.optimizer, order)
      var exact = compilation.options
      exact.optimizer = compilation.optimizer
      record.own?.compilation = try ConfigurationWriting.portable(.table(exact.configuration))
    }
    return record
  }

  /// Keras 3 has the rate among the state.
  private func record(of optimizer: Optimizer, _ order: OptimizerRecord.Order) throws(NNError) -> OptimizerRecord {
    var record = try optimizer.record(of: trainableVariables, order)
    if order == .byWeight, optimizer.schedule == nil, record.iterations > 0 {
      let rate = try Tensor(scalar: Float(optimizer.learningRate))
      record.tensors.insert(StoredTensor("learning_rate", rate), at: 0)
    }
    return record
  }
}
