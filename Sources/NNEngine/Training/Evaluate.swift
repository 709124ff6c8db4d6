extension Model {
  /// The loss and the metrics over samples `x` with labels `y`, in the order of `metricsNames`.
  public func evaluate(
    x: Tensor, y: Tensor, batchSize: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> [Double] {
    beginActivity()
    defer { endActivity() }
    try Model.check(batchSize, "evaluate")
    let data = try TrainingData(x, y, for: self, "evaluate")
    let values = try evaluate(data, batchSize: batchSize ?? Model.inferenceBatch, callbacks: callbacks)
    if isCancelled { throw NNError(.cancelled, "evaluate: cancelled", path: [name]) }
    return values
  }

  /// Samples computed at once where the caller does not say: enough to keep the processor busy, little enough to stay in its cache.
  static let inferenceBatch = 256

  static func check(_ batchSize: Int?, _ call: String) throws(NNError) {
    if let batchSize, batchSize < 1 {
      throw .invalid("\(call): 'batch_size' must be a positive integer, got \(batchSize)")
    }
  }

  func evaluate(
    _ data: TrainingData, batchSize: Int, callbacks: [any Callback] = []
  ) throws(NNError) -> [Double] {
    let compilation = try compiled(for: "evaluate")
    let batch = min(batchSize, data.count)
    var totals: BatchTotals?
    let steps = (data.count + batch - 1) / batch
    let run = TrainingRun(
      self, epochs: 1, steps: steps, samples: data.count, validationSamples: 0, names: compilation.names,
      history: History(), isEvaluation: true)
    let (shapeX, shapeY) = (data.x.shape.sample, data.y.shape.sample)
    let full = try program(.evaluate, batch: batch, x: shapeX, y: shapeY)
    for callback in callbacks { try callback.testBegan(run) }
    for index in 0..<steps {
      if isCancelled { break }
      for callback in callbacks { try callback.testBatchBegan(index, run) }
      let first = index * batch
      let count = min(batch, data.count - first)
      let step = count == batch ? full : try program(.evaluate, batch: count, x: shapeX, y: shapeY)
      let sums = totals ?? BatchTotals(step, compilation.metrics)
      totals = sums
      data.gatherX.gather(first..<(first + count), into: step.x.pointer)
      if let y = step.y { data.gatherY.gather(first..<(first + count), into: y.pointer) }
      step.program.run()
      sums.add(step.program, count: count)
      run.totals = sums
      run.samplesSeen = sums.samples
      for callback in callbacks { try callback.testBatchEnded(index, run) }
    }
    let logs = Logs(run.logs())
    for callback in callbacks { try callback.testEnded(logs, run) }
    return logs.entries.map(\.value)
  }

  /// The model's output for each sample; NaN in the input goes through to the output.
  public func predict(x: Tensor, batchSize: Int? = nil) throws(NNError) -> Tensor {
    beginActivity()
    defer { endActivity() }
    try Model.check(batchSize, "predict")
    let x = try adapted(x, for: "predict")
    let batch = min(batchSize ?? Model.inferenceBatch, x.rows)
    let result = try forward(x, batch: batch, .predict)
    if isCancelled { throw NNError(.cancelled, "predict: cancelled", path: [name]) }
    return result
  }

  /// The model as a function of one batch; with `training` its layers behave as they do in fit.
  public func callAsFunction(_ x: Tensor, training: Bool = false) throws(NNError) -> Tensor {
    beginActivity()
    defer { endActivity() }
    let x = try adapted(x, for: "call")
    // In training a batch may matter as a whole; else pieces do, and need no program for each size.
    return try forward(
      x, batch: training ? x.rows : min(Model.inferenceBatch, x.rows), training ? .callInTraining : .predict)
  }

  private func forward(_ x: Tensor, batch: Int, _ purpose: StepProgram.Purpose) throws(NNError) -> Tensor {
    guard let output = outputShape else { throw NNError(.internal, "predict: the model is not built") }
    let gather = Gather(x)
    return try Tensor(output.batch(x.rows)) { (out) throws(NNError) in
      var first = 0
      let full = try program(purpose, batch: batch, x: x.shape.sample)
      while first < x.rows, !isCancelled {
        let count = min(batch, x.rows - first)
        let step = count == batch ? full : try program(purpose, batch: count, x: x.shape.sample)
        gather.gather(first..<(first + count), into: step.x.pointer)
        if purpose != .predict { random.beginStep() }
        step.program.run()
        (out + first * output.count).update(from: step.program.pointer(0), count: count * output.count)
        first += count
      }
    }
  }
}
