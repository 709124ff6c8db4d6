extension Model {
  /// The model's outputs for each sample; NaN in the input goes through to the output.
  public func predict(
    _ x: [Tensor], batchSize: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> [Tensor] {
    try whileActive { () throws(NNError) in
      try Model.check(batchSize, "predict")
      let x = try adapted(x, for: "predict")
      let rows = x.first?.rows ?? 0
      let result = try forward(x, batch: min(batchSize ?? Model.inferenceBatch, rows), .predict, callbacks, "predict")
      if isCancelled { throw NNError(.cancelled, "predict: cancelled", path: [name]) }
      return result
    }
  }

  /// The output of a model with one input and one output.
  public func predict(x: Tensor, batchSize: Int? = nil) throws(NNError) -> Tensor {
    try Model.only(predict([x], batchSize: batchSize), "predict")
  }

  /// The outputs for one batch, computed at once.
  public func predictOnBatch(_ x: [Tensor]) throws(NNError) -> [Tensor] {
    try whileActive { () throws(NNError) in
      let x = try adapted(x, for: "predict_on_batch")
      return try forward(x, batch: x.first?.rows ?? 1, .predict, [], "predict_on_batch")
    }
  }

  /// The class of each sample, as int32: the place of the largest output, counted from 0, or, where there is one output, whether it is
  /// greater than 0.5 (Keras 2's predict_classes).
  public func predictClasses(_ x: [Tensor], batchSize: Int? = nil) throws(NNError) -> Tensor {
    let output = try Model.only(predict(x, batchSize: batchSize), "predict_classes")
    let classes = output.shape.dimensions.last ?? 1
    let isBinary = output.shape.rank < 2 || classes == 1
    let symbol = try Symbol.literal(output)
    let program = try Program(outputs: [isBinary ? symbol.greater(0.5) : symbol.argMax(axis: -1)])
    program.run()
    return try program.value(0).astype(.int32)
  }

  /// The model as a function of one batch; with `training` its layers behave as they do in fit.
  public func call(_ x: [Tensor], training: Bool = false) throws(NNError) -> [Tensor] {
    try whileActive { () throws(NNError) in
      let x = try adapted(x, for: "call")
      let rows = x.first?.rows ?? 1
      // In training a batch may matter as a whole; else pieces do, and need no program for each size.
      return try forward(
        x, batch: training ? rows : min(Model.inferenceBatch, rows), training ? .callInTraining : .predict, [], "call")
    }
  }

  /// The model as a function, where it has one input and one output.
  public func callAsFunction(_ x: Tensor, training: Bool = false) throws(NNError) -> Tensor {
    try Model.only(call([x], training: training), "call")
  }

  /// The only output.
  static func only(_ outputs: [Tensor], _ call: String) throws(NNError) -> Tensor {
    guard outputs.count == 1 else { throw .shape("\(call): the model has \(outputs.count) outputs, expected one") }
    return outputs[0]
  }

  private func forward(
    _ x: [Tensor], batch: Int, _ purpose: StepProgram.Purpose, _ callbacks: [any Callback], _ call: String
  ) throws(NNError) -> [Tensor] {
    let shapes = StepProgram.Shapes(x: x.map(\.shape.sample))
    let gathers = x.map { Gather($0) }
    let rows = x.first?.rows ?? 0
    let full = try program(purpose, batch: batch, shapes)
    let outputShapes = outputShapes
    var results: [Tensor] = []
    for shape in outputShapes { results.append(try Tensor(zeros: shape.batch(rows))) }
    // A call for a single sample takes some microseconds: what nobody looks at is not made.
    let run =
      callbacks.isEmpty
      ? nil
      : TrainingRun(self, epochs: 1, steps: (rows + batch - 1) / max(batch, 1), samples: rows, isEvaluation: true)
    if let run { for callback in callbacks { try callback.predictBegan(run) } }
    var first = 0
    while first < rows, !isCancelled {
      if let run { for callback in callbacks { try callback.predictBatchBegan(run.stepsSeen, run) } }
      let count = min(batch, rows - first)
      let step = count == batch ? full : try program(purpose, batch: count, shapes)
      for i in gathers.indices { gathers[i].gather(first..<(first + count), into: step.x[i].pointer) }
      if step.isRandom { random.beginStep() }
      step.program.run()
      for i in results.indices {
        let width = outputShapes[i].count
        (results[i].unsharedFloats + first * width).update(from: step.program.pointer(i), count: count * width)
      }
      first += count
      guard let run else { continue }
      run.samplesSeen = first
      run.stepsSeen += 1
      for callback in callbacks { try callback.predictBatchEnded(run.stepsSeen - 1, run) }
    }
    if let run { for callback in callbacks { try callback.predictEnded(run) } }
    return results
  }
}
