extension Model {
  /// The losses and the metrics over samples, in the order of `metricsNames`.
  public func evaluate(
    _ samples: Samples, batchSize: Int? = nil, steps: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> [Double] {
    try whileActive { () throws(NNError) in
      try Model.check(batchSize, "evaluate")
      try Model.check(steps: steps, "evaluate")
      let data = try TrainingData(samples, for: self, "evaluate")
      return try evaluate(
        RowBatches(self, .evaluate, data, batchSize: batchSize ?? Model.inferenceBatch, steps: steps),
        callbacks: callbacks, "evaluate")
    }
  }

  /// The same over the batches of a generator: `steps` of them, or until it ends.
  public func evaluate(
    _ generator: BatchGenerator, steps: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> [Double] {
    try whileActive { () throws(NNError) in
      try Model.check(steps: steps, "evaluate")
      _ = try compiled(for: "evaluate")
      return try evaluate(
        GeneratedBatches(self, .evaluate, generator, steps: steps, "evaluate"), callbacks: callbacks, "evaluate")
    }
  }

  /// The losses and the metrics over samples `x` with labels `y`.
  public func evaluate(
    x: Tensor, y: Tensor, batchSize: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> [Double] {
    try evaluate(Samples(x: x, y: y), batchSize: batchSize, callbacks: callbacks)
  }

  /// The losses and the metrics of one batch.
  public func testOnBatch(_ samples: Samples) throws(NNError) -> [Double] {
    try whileActive { () throws(NNError) in
      let data = try TrainingData(samples, for: self, "test_on_batch")
      return try evaluate(
        RowBatches(self, .evaluate, data, batchSize: data.count), callbacks: [], "test_on_batch")
    }
  }

  /// Samples computed at once where the caller does not say: enough to keep the processor busy, little enough to stay in its cache.
  static let inferenceBatch = 256

  static func check(_ batchSize: Int?, _ call: String) throws(NNError) {
    if let batchSize, batchSize < 1 {
      throw .invalid("\(call): 'batch_size' must be a positive integer, got \(batchSize)")
    }
  }

  static func check(steps: Int?, _ call: String) throws(NNError) {
    if let steps, steps < 1 { throw .invalid("\(call): 'steps' must be a positive integer, got \(steps)") }
  }

  /// Runs something that `cancel` ends.
  func whileActive<R>(_ body: () throws(NNError) -> R) throws(NNError) -> R {
    beginActivity()
    defer { endActivity() }
    return try body()
  }

  /// One pass over a source. When it is cancelled, an error.
  func evaluate(_ source: BatchSource, callbacks: [any Callback], _ call: String) throws(NNError) -> [Double] {
    let pass = EvaluationPass(self, try compiled(for: call), source)
    guard let values = try pass.goOn(callbacks) else {
      throw NNError(.cancelled, "\(call): cancelled", path: [name])
    }
    return values
  }
}

/// One pass over a source, which may be interrupted and go on later.
final class EvaluationPass {
  private unowned let model: Model
  private let compilation: Compilation
  private let source: BatchSource
  private let run: TrainingRun
  private var known: [any Callback] = []
  private var hasBegun = false

  init(_ model: Model, _ compilation: Compilation, _ source: BatchSource) {
    (self.model, self.compilation, self.source) = (model, compilation, source)
    run = TrainingRun(
      model, epochs: 1, steps: source.steps ?? 0, samples: source.samples ?? 0, names: compilation.names,
      isEvaluation: true)
  }

  /// To its end; nil when it was cancelled before, and then it goes on from there the next time.
  func goOn(_ callbacks: [any Callback]) throws(NNError) -> [Double]? {
    run.hold(model)
    defer { run.letGo() }
    for callback in callbacks where !known.contains(where: { $0 === callback }) { try callback.testBegan(run) }
    known = callbacks
    if !hasBegun { try source.begin(epoch: 0) }
    hasBegun = true
    while !model.isCancelled, let (step, count) = try source.next() {
      for callback in callbacks { try callback.testBatchBegan(run.stepsSeen, run) }
      if step.isRandom { model.random.beginStep() }
      step.program.run()
      let totals = run.totals ?? BatchTotals(step, compilation.metrics)
      run.totals = totals
      totals.add(step.program, count: count)
      run.samplesSeen = totals.samples
      run.stepsSeen += 1
      for callback in callbacks { try callback.testBatchEnded(run.stepsSeen - 1, run) }
    }
    if model.isCancelled { return nil }
    let logs = Logs(run.logs())
    for callback in callbacks { try callback.testEnded(logs, run) }
    return logs.entries.map(\.value)
  }

  /// Forgets callbacks that belong to a call that is over.
  func forget(_ companions: [any Callback]) { known.removeAll { one in companions.contains { $0 === one } } }
}
