extension Model {
  /// One update on all of `x` as a single batch. Returns the loss before the update, and the metrics, in the order of `metricsNames`.
  public func trainOnBatch(x: Tensor, y: Tensor) throws(NNError) -> [Double] {
    let data = try TrainingData(x, y, for: self, "train_on_batch")
    let compilation = try compiled(for: "train_on_batch")
    guard !trainableVariables.isEmpty else {
      throw NNError(.state, "train_on_batch: nothing to train: every layer is frozen or without weights", path: [name])
    }
    let step = try program(.train, batch: data.count, x: data.x.shape.sample, y: data.y.shape.sample)
    data.gatherX.gather(0..<data.count, into: step.x.pointer)
    if let y = step.y { data.gatherY.gather(0..<data.count, into: y.pointer) }
    let before = try Snapshot(variables + compilation.optimizer.slotVariables)
    let iterations = compilation.optimizer.iterations
    try compilation.optimizer.beginStep()
    random.beginStep()
    step.program.run()
    compilation.optimizer.endStep(trainableVariables)
    guard step.program.pointer(0)[0].isFinite else {
      try before.restore()
      compilation.optimizer.iterations = iterations
      throw NNError(
        .notFinite,
        "train_on_batch: the loss is not a finite number; the weights are as they were (a smaller learning rate or "
          + "clipping may help)", path: [name])
    }
    let totals = BatchTotals(step, compilation.metrics)
    totals.add(step.program, count: data.count)
    return totals.values()
  }

  /// The kernels of one training step on batches of this size; of a prediction when the model is not compiled.
  public func explain(batchSize: Int = 32) throws(NNError) -> String {
    try Model.check(batchSize, "explain")
    guard let input = inputShape, let output = outputShape else {
      throw NNError(.state, "explain: the model is not built yet; give the first layer an input_shape", path: [name])
    }
    guard let compilation else { return try program(.predict, batch: batchSize, x: input).program.explain() }
    let y = compilation.loss.labels == .classIndices ? Shape(unchecked: Array(output.dimensions.dropLast())) : output
    let purpose: StepProgram.Purpose = trainableVariables.isEmpty ? .evaluate : .train
    return try program(purpose, batch: batchSize, x: input, y: y).program.explain()
  }
}
