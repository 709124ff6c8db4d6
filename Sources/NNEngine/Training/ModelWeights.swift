import Glibc

/// The numbers of a model.
extension Model {
  /// All variables, layer by layer, each layer's weights before its statistics. A layer's are listed once.
  public var variables: [Variable] { Model.unique(layers.flatMap(\.variables)) }
  /// Those that training changes.
  public var trainableVariables: [Variable] { Model.unique(layers.flatMap(\.trainableVariables)) }
  /// Statistics, and the weights that are frozen.
  public var nonTrainableVariables: [Variable] { Model.unique(layers.flatMap(\.nonTrainableVariables)) }

  /// Each once: models in a model may share layers.
  static func unique(_ variables: [Variable]) -> [Variable] {
    var known: Set<ObjectIdentifier> = []
    return variables.filter { known.insert(ObjectIdentifier($0)).inserted }
  }

  /// The number of numbers.
  public var parameterCount: Int { variables.reduce(0) { $0 + $1.shape.count } }

  /// Copies of all values, in the order of `variables`.
  public func getWeights() throws(NNError) -> [Tensor] {
    var result: [Tensor] = []
    for variable in variables { result.append(try variable.value()) }
    return result
  }

  /// Overwrites all values; all shapes are checked before any value changes.
  public func setWeights(_ values: [Tensor]) throws(NNError) {
    let variables = variables
    guard isBuilt else { throw NNError(.state, "set_weights: the model is not built yet", path: [name]) }
    guard values.count == variables.count else {
      throw NNError(
        .invalidArgument, "set_weights: expected \(variables.count) tensors, got \(values.count)", path: [name])
    }
    for (variable, value) in zip(variables, values) where variable.shape != value.shape {
      throw NNError(
        .shape, "set_weights: \(variable.path) has shape \(variable.shape), got \(value.shape)", path: [name])
    }
    for (variable, value) in zip(variables, values) { try variable.set(value) }
  }
}

/// The numbers of a model's optimizer.
extension Model {
  /// Copies of what the optimizer keeps: the count of its steps (int32, a scalar), then its slots, slot by slot in the order of
  /// `trainableVariables`; Nadam's product of momenta stands behind the count. Keras 2's `optimizer.get_weights`, but the slots are there
  /// before the first step, too.
  public func getOptimizerWeights() throws(NNError) -> [Tensor] {
    let optimizer = try optimizerWithState("get_optimizer_weights")
    return [try Tensor(Double(optimizer.iterations), shape: .scalar, dtype: .int32)]
      + (try optimizer.state(of: trainableVariables).map(\.value))
  }

  /// Sets what `getOptimizerWeights` gave; when something does not fit, nothing is changed.
  public func setOptimizerWeights(_ values: [Tensor]) throws(NNError) {
    let optimizer = try optimizerWithState("set_optimizer_weights")
    guard let count = values.first, count.shape.count == 1 else {
      throw NNError(
        .invalidArgument,
        "set_optimizer_weights: expected the count of steps (a number) first, got \(values.first.map { "shape \($0.shape)" } ?? "nothing")",
        path: [name])
    }
    guard let iterations = Int(exactly: try count.item()) else {
      throw NNError(
        .invalidArgument, "set_optimizer_weights: the count of steps must be a whole number, got \(try count.item())",
        path: [name])
    }
    do throws(NNError) {
      try optimizer.setState(Array(values.dropFirst()), iterations: iterations, of: trainableVariables)
    } catch { throw error.within("set_optimizer_weights") }
  }

  private func optimizerWithState(_ call: String) throws(NNError) -> Optimizer {
    guard isBuilt else { throw NNError(.state, "\(call): the model is not built yet", path: [name]) }
    guard let optimizer else { throw NNError(.state, "\(call): the model is not compiled", path: [name]) }
    return optimizer
  }
}

/// Values to come back to.
struct Snapshot {
  private let values: [(variable: Variable, value: Tensor)]

  init(_ variables: [Variable]) throws(NNError) {
    var values: [(Variable, Tensor)] = []
    for variable in variables { values.append((variable, try variable.value())) }
    self.values = values
  }

  func restore() throws(NNError) { for (variable, value) in values { try variable.set(value) } }

  /// Keeps only what is something else by now.
  func changed() -> Snapshot {
    Snapshot(
      values: values.filter { variable, value in
        withExtendedLifetime(value) {
          memcmp(variable.pointer, value.floats, variable.shape.count * MemoryLayout<Float>.stride) != 0
        }
      })
  }

  private init(values: [(variable: Variable, value: Tensor)]) { self.values = values }
}

/// A number that tells whether variables have the bits that they had: FNV-1a, by words.
struct Digest: Equatable {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ variables: [Variable]) {
    for variable in variables {
      let words = variable.words
      for i in 0..<variable.shape.count { hash = (hash ^ UInt64(words[i])) &* 0x100_0000_01b3 }
    }
  }
}
