/// Batch normalization is in inference a factor and a shift for each feature; a Dense next to it can take them into its weights.
extension Model {
  /// A new model that computes the same function in inference, with every BatchNormalization that has a Dense to go to inside that Dense:
  /// after a linear one, or before any, also across Flatten and layers that do nothing in inference. Weights are copied, names stay;
  /// the new model is not compiled. What cannot be folded (a shared layer, a value that is used twice, another axis) stays.
  public func foldingBatchNormalization() throws(NNError) -> Model {
    guard isBuilt, let input = inputShape else {
      throw NNError(
        .state, "fold_batch_normalization: the model is not built yet; give the first layer an input_shape",
        path: [name])
    }
    var folding = Folding(self)
    folding.foldAll()
    let result = try isSequential ? folding.sequential(self) : folding.functional(self)
    if !result.isBuilt { try result.build(inputShape: input.dimensions) }
    try folding.setWeights()
    return result
  }
}

/// The calls of a model as a graph from which batch normalizations disappear.
private struct Folding {
  /// A call of a layer.
  private struct Call {
    let layer: Layer
    var inputs: [Place]
    let original: LayerCall?
    var isFolded = false
  }
  /// An output of a call.
  private struct Place: Hashable {
    var call: Int
    var index: Int
  }
  /// What a Dense becomes, in double precision.
  private struct Weights {
    let units: Int
    var kernel: [Double]
    var bias: [Double]
  }

  private var calls: [Call] = []
  private var outputs: [Place] = []
  private var dense: [ObjectIdentifier: Weights] = [:]
  private var made: [ObjectIdentifier: (old: Layer, new: Layer)] = [:]

  init(_ model: Model) {
    guard let network = model.network else {
      for (i, layer) in model.layers.enumerated() {
        calls.append(Call(layer: layer, inputs: i == 0 ? [] : [Place(call: i - 1, index: 0)], original: nil))
      }
      outputs = [Place(call: calls.count - 1, index: 0)]
      return
    }
    let numbers = Dictionary(uniqueKeysWithValues: network.calls.enumerated().map { (ObjectIdentifier($1), $0) })
    func place(_ output: LayerOutput) -> Place {
      Place(call: numbers[ObjectIdentifier(output.call)] ?? 0, index: output.index)
    }
    calls = network.calls.map { Call(layer: $0.layer, inputs: $0.inputs.map(place), original: $0) }
    outputs = network.outputs.map(place)
  }

  // MARK: What can be folded

  /// Until nothing changes: where several follow each other, one makes room for the next.
  mutating func foldAll() {
    var changes = true
    while changes {
      changes = false
      for i in calls.indices where !calls[i].isFolded && isAlone(i) {
        guard let normalization = FoldedNormalization(calls[i].layer) else { continue }
        if foldBack(i, normalization) || foldForward(i, normalization) { changes = true }
      }
    }
  }

  /// Whether this is the layer's only call.
  private func isAlone(_ i: Int) -> Bool { calls.count { $0.layer === calls[i].layer } == 1 }

  /// The only user of a call's result; nil where there are several, or where the model puts it out.
  private func user(of i: Int) -> Int? {
    let users = calls.indices.filter { j in !calls[j].isFolded && calls[j].inputs.contains { $0.call == i } }
    guard users.count == 1, calls[users[0]].inputs.count == 1, !outputs.contains(where: { $0.call == i }) else {
      return nil
    }
    return users[0]
  }

  /// Into the linear Dense before.
  private mutating func foldBack(_ i: Int, _ normalization: FoldedNormalization) -> Bool {
    guard normalization.isOverLastAxis else { return false }
    var j = i
    while let before = calls[j].inputs.first?.call, user(of: before) == j, isAlone(before) {
      j = before
      if let weights = weights(of: j), calls[j].layer.kind(Dense.self)?.activation == .linear {
        var new = weights
        for (k, value) in weights.kernel.enumerated() {
          new.kernel[k] = value * normalization.factor[k % weights.units]
        }
        for u in 0..<weights.units {
          new.bias[u] = weights.bias[u] * normalization.factor[u] + normalization.shift[u]
        }
        dense[ObjectIdentifier(calls[j].layer)] = new
        remove(i)
        return true
      }
      guard calls[j].layer.isIdentityInInference else { return false }
    }
    return false
  }

  /// Into the Dense behind.
  private mutating func foldForward(_ i: Int, _ normalization: FoldedNormalization) -> Bool {
    var isFlat = false
    var j = i
    while let next = user(of: j), isAlone(next) {
      j = next
      let layer = calls[j].layer
      if let weights = weights(of: j) {
        guard isFlat || normalization.isOverLastAxis else { return false }
        let rows = weights.kernel.count / weights.units
        var new = weights
        for row in 0..<rows {
          let feature = isFlat ? normalization.feature(at: row) : row
          for u in 0..<weights.units {
            new.kernel[row * weights.units + u] *= normalization.factor[feature]
            new.bias[u] += normalization.shift[feature] * weights.kernel[row * weights.units + u]
          }
        }
        dense[ObjectIdentifier(layer)] = new
        remove(i)
        return true
      }
      if layer.kind(Flatten.self) != nil {
        isFlat = true
      } else if !layer.isIdentityInInference {
        return false
      }
    }
    return false
  }

  private mutating func remove(_ i: Int) {
    calls[i].isFolded = true
    // The first layer of a Sequential has none.
    let source = calls[i].inputs.first
    for j in calls.indices where !calls[j].isFolded {
      if let source {
        calls[j].inputs = calls[j].inputs.map { $0.call == i ? source : $0 }
      } else {
        calls[j].inputs.removeAll { $0.call == i }
      }
    }
    if let source { outputs = outputs.map { $0.call == i ? source : $0 } }
  }

  /// A Dense's weights as they are by now.
  private func weights(of i: Int) -> Weights? {
    let layer = calls[i].layer
    if let changed = dense[ObjectIdentifier(layer)] { return changed }
    guard let definition = layer.kind(Dense.self), let kernel = layer.numbers("kernel") else { return nil }
    let bias = layer.numbers("bias") ?? .init(repeating: 0, count: definition.units)
    return Weights(units: definition.units, kernel: kernel, bias: bias)
  }

  // MARK: The new model

  mutating func sequential(_ model: Model) throws(NNError) -> Model {
    var layers: [Layer] = []
    if let input = model.inputLayer { layers.append(try copy(input)) }
    let first = calls.firstIndex { !$0.isFolded }
    for i in calls.indices where !calls[i].isFolded {
      // Where the first layer has gone, the next one says what comes in.
      let declares = i == first && i > 0 && model.inputLayer == nil
      layers.append(try copy(calls[i].layer, declaring: declares ? model.inputShape : nil))
    }
    return try Model(name: model.name, layers: layers)
  }

  mutating func functional(_ model: Model) throws(NNError) -> Model {
    var results: [Place: LayerOutput] = [:]
    func result(_ place: Place) throws(NNError) -> LayerOutput {
      guard let known = results[place] else { throw NNError(.internal, "a call came before its inputs") }
      return known
    }
    for i in calls.indices where !calls[i].isFolded {
      let layer = try copy(calls[i].layer)
      var inputs: [LayerOutput] = []
      for input in calls[i].inputs { inputs.append(try result(input)) }
      let call = try inputs.isEmpty ? LayerCall(input: layer) : LayerCall(layer, inputs)
      for output in call.outputs { results[Place(call: i, index: output.index)] = output }
    }
    var (inputs, outputs): ([LayerOutput], [LayerOutput]) = ([], [])
    for input in model.network?.inputs ?? [] {
      guard let i = calls.firstIndex(where: { $0.original === input.call }) else { continue }
      inputs.append(try result(Place(call: i, index: input.index)))
    }
    for output in self.outputs { outputs.append(try result(output)) }
    return try Model(name: model.name, inputs: inputs, outputs: outputs)
  }

  /// The same layer, new; shared where it is shared.
  private mutating func copy(_ layer: Layer, declaring input: Shape? = nil) throws(NNError) -> Layer {
    if let known = made[ObjectIdentifier(layer)] { return known.new }
    let new: Layer
    if let nested = layer.nested {
      new = try nested.foldingBatchNormalization().asLayer
    } else {
      var configuration = layer.configuration
      if let input {
        configuration["batch_input_shape"] = .list([.null] + input.dimensions.map { .integer($0) })
      }
      if let weights = dense[ObjectIdentifier(layer)], weights.bias.contains(where: { $0 != 0 }) {
        configuration["use_bias"] = .bool(true)
      }
      let encoded = Value.Table([("class_name", .string(layer.className)), ("config", .table(configuration))])
      guard let decoded = try Layer.decode(.table(encoded)) else {
        throw NNError(.internal, "\(layer.name) cannot be made again")
      }
      new = decoded
    }
    made[ObjectIdentifier(layer)] = (layer, new)
    return new
  }

  func setWeights() throws(NNError) {
    for (old, new) in made.values where old.nested == nil {
      let folded = dense[ObjectIdentifier(old)]
      for variable in new.variables {
        if let folded {
          let values = variable.name == "kernel" ? folded.kernel : folded.bias
          try variable.set(Tensor(values.map { Float($0) }, shape: variable.shape))
        } else if let source = old.variables.first(where: { $0.name == variable.name }) {
          try variable.set(source.value())
        }
      }
    }
  }
}

/// What a BatchNormalization does in inference: y = factor · x + shift for each feature.
private struct FoldedNormalization {
  let factor: [Double]
  let shift: [Double]
  /// Whether its features are those of the last axis.
  let isOverLastAxis: Bool
  private let input: Shape
  /// The features' axes, of one sample.
  private let axes: [Int]

  /// Nil for other layers, and those that are not built.
  init?(_ layer: Layer) {
    guard let definition = layer.kind(BatchNormalization.self), let input = layer.inputShape,
      let mean = layer.numbers("moving_mean"), let variance = layer.numbers("moving_variance"),
      let axes = try? input.batch(1).axes(definition.axis.values, for: "BatchNormalization")
    else { return nil }
    let gamma = layer.numbers("gamma") ?? .init(repeating: 1, count: mean.count)
    let beta = layer.numbers("beta") ?? .init(repeating: 0, count: mean.count)
    factor = zip(gamma, variance).map { $0 / ($1 + definition.epsilon).squareRoot() }
    shift = zip(beta, zip(mean, factor)).map { $0 - $1.0 * $1.1 }
    self.input = input
    self.axes = axes.map { $0 - 1 }.sorted()
    isOverLastAxis = axes == [input.rank]
  }

  /// The feature of an element of a sample, by their row-major positions.
  func feature(at position: Int) -> Int {
    var (rest, result, stride) = (position, 0, 1)
    for axis in input.dimensions.indices.reversed() {
      if axes.contains(axis) {
        result += rest % input[axis] * stride
        stride *= input[axis]
      }
      rest /= input[axis]
    }
    return result
  }
}

extension Layer {
  /// The value of the variable with this name.
  fileprivate func numbers(_ name: String) -> [Double]? {
    guard let variable = variables.first(where: { $0.name == name }) else { return nil }
    return (0..<variable.shape.count).map { Double(variable.pointer[$0]) }
  }

  /// Whether it gives its input on, as it is, in inference.
  fileprivate var isIdentityInInference: Bool {
    kind(DropoutLayer.self) != nil || kind(AlphaDropout.self) != nil
      || kind(GaussianNoise.self) != nil || kind(GaussianDropout.self) != nil
      || kind(ActivityRegularization.self) != nil
      || kind(ActivationLayer.self)?.activation == .linear
  }
}

extension Layer {
  fileprivate func kind<D: LayerFunction>(_ type: D.Type) -> D? { definition as? D }
}
