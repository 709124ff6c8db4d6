extension Model {
  /// One update on all samples as a single batch. Returns the losses before the update, and the metrics, in the order of `metricsNames`.
  public func trainOnBatch(
    _ samples: Samples, classWeights: [Int: Double]? = nil
  ) throws(NNError) -> [Double] {
    let data = try TrainingData(samples, for: self, "train_on_batch")
      .weighed(by: classWeights.map(ClassWeights.init), "train_on_batch")
    let compilation = try compiled(for: "train_on_batch")
    guard !trainableVariables.isEmpty else {
      throw NNError(.state, "train_on_batch: nothing to train: every layer is frozen or without weights", path: [name])
    }
    let step = try program(.train, batch: data.count, data.shapes)
    data.feed(step, 0..<data.count)
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

  /// One update of a model with one input and one output.
  public func trainOnBatch(x: Tensor, y: Tensor) throws(NNError) -> [Double] { try trainOnBatch(Samples(x: x, y: y)) }

  /// The kernels of one training step on batches of this size; of a prediction when the model is not compiled.
  public func explain(batchSize: Int = 32) throws(NNError) -> String {
    try Model.check(batchSize, "explain")
    let outputs = outputShapes
    guard !outputs.isEmpty, inputShapes.count == inputCount else {
      throw NNError(.state, "explain: the model is not built yet; give the first layer an input_shape", path: [name])
    }
    var shapes = StepProgram.Shapes(x: inputShapes)
    guard let compilation else { return try program(.predict, batch: batchSize, shapes).program.explain() }
    for target in compilation.targets {
      let output = outputs[target.output]
      let isSparse = target.loss.labels == .classIndices
      shapes.y.append(isSparse ? Shape(unchecked: Array(output.dimensions.dropLast())) : output)
      shapes.weights.append(false)
    }
    let purpose: StepProgram.Purpose = trainableVariables.isEmpty ? .evaluate : .train
    return try program(purpose, batch: batchSize, shapes).program.explain()
  }
}
