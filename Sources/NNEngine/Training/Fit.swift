extension Model {
  /// Trains on samples `x` with labels `y`, and returns what was recorded; `history` keeps it too.
  ///
  /// Weights change from batch to batch; whatever ends the training (its end, a callback, `cancel()`, an error), the model stays usable
  /// with the weights it has by then. When the loss or the weights stop being finite numbers, the weights go back to what they were at the
  /// beginning of that epoch, and the call fails with `.notFinite`.
  @discardableResult
  public func fit(
    x: Tensor, y: Tensor, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History {
    try options.validate()
    beginActivity()
    defer { endActivity() }
    let all = try TrainingData(x, y, for: self, "fit")
    var training = all
    var validation: TrainingData?
    if let given = options.validationData {
      do throws(NNError) { validation = try TrainingData(given.x, given.y, for: self, "fit") } catch {
        throw NNError(error.code, "validation_data: " + error.message, path: error.path)
      }
    } else if options.validationSplit > 0 {
      // Keras: the last samples, before any shuffling.
      let split = Int(Double(all.count) * (1 - options.validationSplit))
      guard split > 0, split < all.count else {
        throw .invalid("fit: validation_split=\(options.validationSplit) of \(all.count) samples leaves one part empty")
      }
      training = try all.slice(0..<split)
      validation = try all.slice(split..<all.count)
    }
    let trainer = try Trainer(self, training, validation, options, options.callbacks + callbacks)
    history = trainer.run.history
    try trainer.train()
    return trainer.run.history
  }
}

/// One call of fit.
private final class Trainer {
  let run: TrainingRun
  private let model: Model
  private let compilation: Compilation
  private let data: TrainingData
  private let validation: TrainingData?
  private let options: FitOptions
  private let callbacks: [any Callback]
  private let batch: Int
  private let full: StepProgram
  private let tail: StepProgram?
  private let totals: BatchTotals
  private var order: [Int]
  private let trained: [Variable]
  private let stream: RandomStream

  init(
    _ model: Model, _ data: TrainingData, _ validation: TrainingData?, _ options: FitOptions,
    _ callbacks: [any Callback]
  ) throws(NNError) {
    self.model = model
    self.data = data
    self.validation = validation
    self.options = options
    self.callbacks = callbacks
    compilation = try model.compiled(for: "fit")
    trained = model.trainableVariables
    guard !trained.isEmpty else {
      throw NNError(.state, "fit: nothing to train: every layer is frozen or without weights", path: [model.name])
    }
    batch = min(options.batchSize, data.count)
    let (shapeX, shapeY) = (data.x.shape.sample, data.y.shape.sample)
    full = try model.program(.train, batch: batch, x: shapeX, y: shapeY)
    let rest = data.count % batch
    tail = rest == 0 ? nil : try model.program(.train, batch: rest, x: shapeX, y: shapeY)
    totals = BatchTotals(full, compilation.metrics)
    order = Array(0..<data.count)
    stream = RandomState.newStream()
    model.random.seedIfNeeded()
    let history = History()
    history.parameters = Value.Table([
      ("batch_size", .integer(options.batchSize)), ("epochs", .integer(options.epochs)),
      ("steps", .integer((data.count + batch - 1) / batch)), ("samples", .integer(data.count)),
      ("verbose", .integer(options.verbose)), ("do_validation", .bool(validation != nil)),
      ("metrics", .list(compilation.names.map { .string($0) })),
    ])
    run = TrainingRun(
      model, epochs: options.epochs, steps: (data.count + batch - 1) / batch, samples: data.count,
      validationSamples: validation?.count ?? 0, names: compilation.names, history: history)
    run.totals = totals
  }

  func train() throws(NNError) {
    for callback in callbacks { try callback.prepare(run) }
    for callback in callbacks { try callback.trainBegan(run) }
    for epoch in options.initialEpoch..<options.epochs {
      guard try trainEpoch(epoch) else { break }
    }
    compilation.optimizer.applyAverages(trained)
    for callback in callbacks { try callback.trainEnded(run) }
  }

  /// False when the training ends with or in this epoch.
  private func trainEpoch(_ epoch: Int) throws(NNError) -> Bool {
    for callback in callbacks { try callback.epochBegan(epoch, run) }
    let before = try Snapshot(model.variables + compilation.optimizer.slotVariables)
    let iterations = compilation.optimizer.iterations
    if options.shuffle { shuffle(epoch) }
    totals.reset()
    run.samplesSeen = 0
    for step in 0..<run.steps {
      let first = step &* batch
      let count = min(batch, data.count &- first)
      for callback in callbacks { try callback.batchBegan(step, run) }
      try trainBatch(count == batch ? full : tail ?? full, first, count)
      guard totals.lastLoss.isFinite || acceptsNotFinite else {
        let loss = totals.lastLoss.isNaN ? "NaN" : "\(totals.lastLoss)"
        throw try failure("the loss became \(loss) in epoch \(epoch + 1), batch \(step + 1)", before, iterations)
      }
      run.samplesSeen = totals.samples
      for callback in callbacks { try callback.batchEnded(step, run) }
      if model.isCancelled {
        run.history.interruption = (epoch, step)
        return false
      }
      if run.isStopping { break }
    }
    // The last update is seen in no loss of this epoch; the next must not take its ruins for its beginning.
    guard acceptsNotFinite || model.trainableVariables.allSatisfy(\.isFinite) else {
      throw try failure("the weights became NaN or infinite in epoch \(epoch + 1)", before, iterations)
    }
    try endEpoch(epoch)
    return !run.isStopping && run.history.interruption == nil
  }

  private var acceptsNotFinite: Bool { callbacks.contains(where: \.acceptsNotFinite) }

  /// Goes back to the beginning of the epoch; what there is to say about it.
  private func failure(_ what: String, _ before: Snapshot, _ iterations: Int) throws(NNError) -> NNError {
    try before.restore()
    compilation.optimizer.iterations = iterations
    return NNError(
      .notFinite,
      "fit: \(what); the weights are back to the beginning of that epoch (a smaller learning rate or clipping may help)",
      path: [model.name])
  }

  private func shuffle(_ epoch: Int) {
    for i in order.indices { order[i] = i }
    RandomStream(seed: stream.seed, stream: stream.stream, step: UInt32(truncatingIfNeeded: epoch)).shuffle(&order)
  }

  /// The whole of a training step.
  private func trainBatch(_ step: StepProgram, _ first: Int, _ count: Int) throws(NNError) {
    order.withUnsafeBufferPointer { rows in
      let batch = UnsafeBufferPointer(rebasing: rows[first..<(first &+ count)])
      data.gatherX.gather(batch, into: step.x.pointer)
      if let y = step.y { data.gatherY.gather(batch, into: y.pointer) }
    }
    try compilation.optimizer.beginStep()
    model.random.beginStep()
    step.program.run()
    compilation.optimizer.endStep(trained)
    totals.add(step.program, count: count)
  }

  private func endEpoch(_ epoch: Int) throws(NNError) {
    let logs = Logs(run.logs())
    if let validation {
      let values = try model.evaluate(validation, batchSize: batch, callbacks: callbacks)
      if model.isCancelled {
        // Means over a part of the validation set would pass for the whole.
        run.history.interruption = (epoch, run.steps)
      } else {
        for (name, value) in zip(compilation.names, values) { logs["val_" + name] = value }
      }
    }
    // Keras's History is the last of the callbacks: it records what the others add (lr).
    defer {
      run.history.epochs.append(epoch)
      for (name, value) in logs.entries { run.history.append(name, value) }
    }
    for callback in callbacks { try callback.epochEnded(epoch, logs, run) }
  }
}
