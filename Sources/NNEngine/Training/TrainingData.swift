import KernelTable

/// Samples as fit and evaluate take them: a tensor for each input, one for each output that has a loss, and weights of the samples.
public struct Samples {
  /// One tensor for each input of the model.
  public var x: [Tensor]
  /// One tensor for each output that has a loss.
  public var y: [Tensor]
  /// One number a sample; for all outputs when there is one, else for each of `y`, nil for none.
  public var weights: [Tensor?]

  /// Samples of a model with any number of inputs and outputs.
  public init(x: [Tensor], y: [Tensor], weights: [Tensor?] = []) { (self.x, self.y, self.weights) = (x, y, weights) }
  /// Samples of a model with one input and one output.
  public init(x: Tensor, y: Tensor, weights: Tensor? = nil) {
    self.init(x: [x], y: [y], weights: weights.map { [$0] } ?? [])
  }
}

/// Samples, checked once against a model and ready to be cut into batches.
struct TrainingData {
  let x: [Tensor]
  let y: [Tensor]
  let weights: [Tensor?]
  private let gathersX: [Gather]
  private let gathersY: [Gather]
  private let gathersW: [Gather?]
  /// The number of samples.
  let count: Int
  /// One sample's shapes.
  let shapes: StepProgram.Shapes

  /// Checks shapes, label values and finiteness for a call ("fit"); builds the model when it was not built before.
  init(_ samples: Samples, for model: Model, _ call: String) throws(NNError) {
    let compilation = try model.compiled(for: call)
    let targets = compilation.targets
    guard samples.y.count == targets.count else {
      throw .shape("\(call): expected \(targets.count) tensors of labels, got \(samples.y.count)")
    }
    // Before the model is built for x: a call that is refused must not decide what shape comes in.
    for y in samples.y {
      guard y.shape.rank > 0 else { throw .shape("\(call): y is a scalar; expected one label for each sample") }
      for x in samples.x where x.shape.rank > 0 && x.rows > 0 && x.rows != y.rows {
        throw .shape("\(call): x has \(x.rows) samples, y has \(y.rows)")
      }
    }
    let x = try model.adapted(samples.x, for: call)
    let outputs = model.outputShapes
    do throws(NNError) {
      for (target, y) in zip(targets, samples.y) {
        guard outputs.indices.contains(target.output) else { throw NNError(.internal, "the model is not built") }
        try target.loss.check(labels: y, output: outputs[target.output])
      }
      for x in x { try TrainingData.checkFinite(x, "x") }
      self.init(x, samples.y, try TrainingData.weights(samples, targets.count))
    } catch { throw NNError(error.code, "\(call): \(error.description)") }
  }

  private init(_ x: [Tensor], _ y: [Tensor], _ weights: [Tensor?]) {
    (self.x, self.y, self.weights) = (x, y, weights)
    gathersX = x.map { Gather($0) }
    gathersY = y.map { Gather($0) }
    gathersW = weights.map { $0.map { Gather($0) } }
    count = x.first?.rows ?? 0
    shapes = .init(x: x.map(\.shape.sample), y: y.map(\.shape.sample), weights: weights.map { $0 != nil })
  }

  /// The weights for each output.
  private static func weights(_ samples: Samples, _ outputs: Int) throws(NNError) -> [Tensor?] {
    var given = samples.weights
    if given.count == 1 { given = .init(repeating: given[0], count: outputs) }
    guard given.isEmpty || given.count == outputs else {
      throw .shape("'sample_weight' has \(given.count) tensors, expected one, or one for each of \(outputs) outputs")
    }
    var result: [Tensor?] = samples.y.map { _ in nil }
    for (i, weights) in given.enumerated() {
      guard let weights else { continue }
      let rows = samples.y[i].rows
      guard weights.shape.dimensions == [rows] || weights.shape.dimensions == [rows, 1] else {
        throw .shape("'sample_weight' must have shape (\(rows),): one number for each sample, got \(weights.shape)")
      }
      try checkFinite(weights, "sample_weight")
      result[i] = try weights.reshaped([rows])
    }
    return result
  }

  /// The samples of a range, sharing the memory.
  func slice(_ range: Range<Int>) throws(NNError) -> TrainingData {
    func slices(_ tensors: [Tensor?]) throws(NNError) -> [Tensor?] {
      var result: [Tensor?] = []
      for tensor in tensors { result.append(try tensor.map { (t) throws(NNError) in try t.slice(range) }) }
      return result
    }
    return TrainingData(
      try slices(x).compactMap { $0 }, try slices(y).compactMap { $0 }, try slices(weights))
  }

  /// The same samples, each weighed by its class too.
  func weighed(by classes: ClassWeights?, _ call: String) throws(NNError) -> TrainingData {
    guard let classes else { return self }
    guard y.count == 1 else {
      throw NNError(.notSupported, "\(call): 'class_weight' needs a model with one output; use sample_weight")
    }
    do throws(NNError) {
      return TrainingData(x, y, [try classes.weights(of: y[0], times: weights[0])])
    } catch { throw NNError(error.code, "\(call): \(error.description)") }
  }

  /// Puts these rows into a program's feeds.
  func feed(_ step: StepProgram, _ rows: UnsafeBufferPointer<Int>) {
    feed(step) { gather, feed in gather.gather(rows, into: feed.pointer) }
  }

  /// Puts a range of rows into a program's feeds.
  func feed(_ step: StepProgram, _ rows: Range<Int>) {
    feed(step) { gather, feed in gather.gather(rows, into: feed.pointer) }
  }

  @inline(__always) private func feed(_ step: StepProgram, _ fill: (Gather, Variable) -> Void) {
    for i in gathersX.indices { fill(gathersX[i], step.x[i]) }
    for i in step.y.indices {
      fill(gathersY[i], step.y[i])
      if let weights = step.weights[i], let gather = gathersW[i] { fill(gather, weights) }
    }
  }

  /// All of the data is read, so all threads read.
  private static func firstNonFinite(_ t: Tensor) -> Int {
    let (count, floats, kernels) = (t.shape.count, t.floats, CPU.kernels)
    let chunks = max(1, min(64, count >> 18))
    let found = UnsafeMutablePointer<Int>.allocate(capacity: chunks)
    defer { found.deallocate() }
    ThreadPool.shared.run(chunks) { chunk in
      let (low, high) = (count * chunk / chunks, count * (chunk + 1) / chunks)
      let i = kernels.firstNonFinite(high - low, floats + low)
      found[chunk] = i < 0 ? -1 : low + i
    }
    return (0..<chunks).lazy.map { found[$0] }.first { $0 >= 0 } ?? -1
  }

  private static func checkFinite(_ t: Tensor, _ name: String) throws(NNError) {
    guard t.dtype == .float32, t.shape.count > 0 else { return }
    let i = firstNonFinite(t)
    if i >= 0 {
      let row = i / max(1, t.shape.count / t.rows)
      let value = t.floats[i].isNaN ? "NaN" : "\(t.floats[i])"
      throw NNError(.notFinite, "\(name) contains \(value) in row \(row) (counted from 0)")
    }
  }
}

extension Model {
  /// `x` as the model takes it: a tensor for each input, at least one sample, each of the input's shape; (n,) is read as (n, 1). Builds
  /// the model when nothing was known of its input.
  func adapted(_ x: [Tensor], for call: String) throws(NNError) -> [Tensor] {
    guard !layers.isEmpty else { throw NNError(.state, "\(call): the model has no layers", path: [name]) }
    guard x.count == inputCount else {
      throw .shape(
        "\(call): the model takes \(inputCount) inputs (\(inputNames.joined(separator: ", "))), got \(x.count)")
    }
    var result: [Tensor] = []
    for (i, x) in x.enumerated() {
      let name = inputCount == 1 ? "x" : "input '\(inputNames[i])'"
      guard x.shape.rank > 0 else { throw .shape("\(call): \(name) is a scalar; expected a batch of samples") }
      guard x.rows > 0 else { throw .shape("\(call): \(name) is empty (shape \(x.shape))") }
      if let first = result.first, first.rows != x.rows {
        throw .shape("\(call): \(name) has \(x.rows) samples, the first input has \(first.rows)")
      }
      var x = x
      let expected = inputShapes.indices.contains(i) ? inputShapes[i] : nil
      if x.shape.rank == 1, expected == nil || expected?.dimensions == [1] { x = try x.reshaped([-1, 1]) }
      if let expected, !x.shape.isBatch(of: expected) {
        let what = inputCount == 1 ? "x" : name
        throw .shape("\(call): the model takes samples of shape \(expected.batched), got \(what) of shape \(x.shape)")
      }
      result.append(x)
    }
    if !isBuilt { try prepare(result.map(\.shape.sample)) }
    for (layer, x) in inputConsumers(result) {
      do throws(NNError) { try layer.checkInput(x) } catch {
        throw NNError(error.code, "\(call): " + error.message, path: [name] + error.path)
      }
    }
    return result
  }

  /// The layers that see an input of the model as it is, with that input.
  func inputConsumers(_ x: [Tensor]) -> [(Layer, Tensor)] {
    guard let network else {
      guard let layer = layers.first, let x = x.first else { return [] }
      return layer.nested?.inputConsumers([x]) ?? [(layer, x)]
    }
    var result: [(Layer, Tensor)] = []
    for call in network.calls where !call.inputs.isEmpty {
      let given = call.inputs.map { input in network.inputs.firstIndex(of: input) }
      if let nested = call.layer.nested {
        let tensors = given.compactMap { $0.map { x[$0] } }
        if tensors.count == given.count { result += nested.inputConsumers(tensors) }
      } else {
        result += given.compactMap { $0.map { (call.layer, x[$0]) } }
      }
    }
    return result
  }
}
