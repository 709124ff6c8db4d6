import KernelTable

/// Inputs and labels, checked once against a model and ready to be cut into batches.
struct TrainingData {
  let x: Tensor
  let y: Tensor
  let gatherX: Gather
  let gatherY: Gather
  var count: Int { x.rows }

  /// Checks shapes, label values and finiteness for a call ("fit"); builds the model when it was not built before.
  init(_ x: Tensor, _ y: Tensor, for model: Model, _ call: String) throws(NNError) {
    let compilation = try model.compiled(for: call)
    // Before the model is built for x: a call that is refused must not decide what shape comes in.
    guard y.shape.rank > 0 else { throw .shape("\(call): y is a scalar; expected one label for each sample") }
    guard x.shape.rank == 0 || x.rows == 0 || x.rows == y.rows else {
      throw .shape("\(call): x has \(x.rows) samples, y has \(y.rows)")
    }
    let x = try model.adapted(x, for: call)
    guard let output = model.outputShape else { throw NNError(.internal, "\(call): the model is not built") }
    do throws(NNError) {
      try compilation.loss.check(labels: y, output: output)
      try TrainingData.checkFinite(x, "x")
    } catch { throw NNError(error.code, "\(call): \(error.description)") }
    self.init(x, y)
  }

  private init(_ x: Tensor, _ y: Tensor) {
    self.x = x
    self.y = y
    gatherX = Gather(x)
    gatherY = Gather(y)
  }

  /// The samples of a range, sharing the memory.
  func slice(_ range: Range<Int>) throws(NNError) -> TrainingData {
    TrainingData(try x.slice(range), try y.slice(range))
  }

  private static func checkFinite(_ t: Tensor, _ name: String) throws(NNError) {
    guard t.dtype == .float32, t.shape.count > 0 else { return }
    let i = CPU.kernels.firstNonFinite(t.shape.count, t.floats)
    if i >= 0 {
      let row = i / max(1, t.shape.count / t.rows)
      let value = t.floats[i].isNaN ? "NaN" : "\(t.floats[i])"
      throw NNError(.notFinite, "\(name) contains \(value) in row \(row) (counted from 0)")
    }
  }
}

extension Model {
  /// `x` as the model takes it: at least one sample, each of the input's shape; (n,) is read as (n, 1). Builds the model when nothing was
  /// known of its input.
  func adapted(_ x: Tensor, for call: String) throws(NNError) -> Tensor {
    guard !layers.isEmpty else { throw NNError(.state, "\(call): the model has no layers", path: [name]) }
    guard x.shape.rank > 0 else { throw .shape("\(call): x is a scalar; expected a batch of samples") }
    guard x.rows > 0 else { throw .shape("\(call): x is empty (shape \(x.shape))") }
    var x = x
    if x.shape.rank == 1, inputShape == nil || inputShape?.dimensions == [1] { x = try x.reshaped([-1, 1]) }
    if let inputShape, x.shape.sample != inputShape {
      throw .shape("\(call): the model takes samples of shape \(inputShape.batched), got x of shape \(x.shape)")
    }
    if !isBuilt { try build(inputShape: x.shape.sample.dimensions) }
    return x
  }
}
