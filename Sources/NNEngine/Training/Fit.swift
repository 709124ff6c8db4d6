extension Model {
  /// Trains on samples, and returns what was recorded; `history` keeps it too.
  ///
  /// Weights change from batch to batch; whatever ends the training (its end, a callback, `cancel()`, an error), the model stays usable
  /// with the weights it has by then. When the loss or the weights stop being finite numbers, the weights go back to what they were at the
  /// beginning of that epoch, and the call fails with `.notFinite`.
  @discardableResult
  public func fit(
    _ samples: Samples, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History {
    try options.validate()
    return try whileActive { () throws(NNError) in
      var samples = samples
      if samples.weights.isEmpty { samples.weights = options.sampleWeights }
      let all = try TrainingData(samples, for: self, "fit")
      var (training, validation): (TrainingData, TrainingData?) = (all, nil)
      if options.validationSplit > 0 {
        // Keras: the last samples, before any shuffling.
        let split = Int(Double(all.count) * (1 - options.validationSplit))
        guard split > 0, split < all.count else {
          throw .invalid(
            "fit: validation_split=\(options.validationSplit) of \(all.count) samples leaves one part empty")
        }
        training = try all.slice(0..<split)
        validation = try all.slice(split..<all.count)
      }
      // As in later Keras: classes weigh in training only; validation's loss stays comparable.
      training = try training.weighed(by: options.classWeight, "fit")
      try checkTrainable()
      let stream = RandomState.newStream()
      let source = try RowBatches(
        self, .train, training, batchSize: options.batchSize, steps: options.stepsPerEpoch,
        shuffledBy: options.shuffle ? stream : nil)
      return try train(source, validation, options, callbacks)
    }
  }

  /// Trains on the batches of a generator: `steps_per_epoch` of them an epoch, or as many as come until it gives nil.
  @discardableResult
  public func fit(
    _ generator: BatchGenerator, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History {
    try options.validate()
    guard options.validationSplit == 0 else {
      throw .invalid("fit: 'validation_split' needs tensors; with a generator give 'validation_data'")
    }
    guard options.sampleWeights.isEmpty else {
      throw .invalid("fit: with a generator 'sample_weight' comes with each batch: return x, y, sample_weight")
    }
    return try whileActive { () throws(NNError) in
      _ = try compiled(for: "fit")
      let source = GeneratedBatches(
        self, .train, generator, steps: options.stepsPerEpoch, classWeights: options.classWeight, "fit")
      return try train(source, nil, options, callbacks)
    }
  }

  /// Trains a model with one input and one output on samples `x` with labels `y`.
  @discardableResult
  public func fit(
    x: Tensor, y: Tensor, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History { try fit(Samples(x: x, y: y), options, callbacks: callbacks) }

  private func checkTrainable() throws(NNError) {
    guard !isBuilt || !trainableVariables.isEmpty else {
      throw NNError(.state, "fit: nothing to train: every layer is frozen or without weights", path: [name])
    }
  }

  private func train(
    _ source: BatchSource, _ split: TrainingData?, _ options: FitOptions, _ callbacks: [any Callback]
  ) throws(NNError) -> History {
    var validation: BatchSource?
    if let data = split {
      validation = try RowBatches(
        self, .evaluate, data, batchSize: options.batchSize, steps: options.validationSteps)
    } else if let given = options.validation {
      do throws(NNError) {
        switch given {
        case .samples(let samples):
          let data = try TrainingData(samples, for: self, "fit")
          validation = try RowBatches(
            self, .evaluate, data, batchSize: options.batchSize, steps: options.validationSteps)
        case .generator(let generator):
          validation = GeneratedBatches(self, .evaluate, generator, steps: options.validationSteps, "fit")
        }
      } catch { throw NNError(error.code, "validation_data: " + error.message, path: error.path) }
    }
    let trainer = try Trainer(self, source, validation, options, options.callbacks + callbacks)
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
  private let source: BatchSource
  private let validation: BatchSource?
  private let options: FitOptions
  private let callbacks: [any Callback]
  private var trained: [Variable]

  init(
    _ model: Model, _ source: BatchSource, _ validation: BatchSource?, _ options: FitOptions,
    _ callbacks: [any Callback]
  ) throws(NNError) {
    (self.model, self.source, self.validation) = (model, source, validation)
    (self.options, self.callbacks) = (options, callbacks)
    compilation = try model.compiled(for: "fit")
    trained = model.trainableVariables
    model.random.seedIfNeeded()
    let history = History()
    history.parameters = Value.Table([
      ("batch_size", .integer(options.batchSize)), ("epochs", .integer(options.epochs)),
      ("steps", source.steps.map { .integer($0) } ?? .null), ("samples", source.samples.map { .integer($0) } ?? .null),
      ("verbose", .integer(options.verbose)), ("do_validation", .bool(validation != nil)),
      ("metrics", .list(compilation.names.map { .string($0) })),
    ])
    run = TrainingRun(
      model, epochs: options.epochs, steps: source.steps ?? 0, samples: source.samples ?? 0,
      validationSamples: validation?.samples ?? 0, isValidating: validation != nil, names: compilation.names,
      history: history)
    // The first logs may be asked for before the first batch; programs of a generator come with it.
    if let rows = source as? RowBatches { run.totals = BatchTotals(rows.program, compilation.metrics) }
  }

  func train() throws(NNError) {
    for callback in callbacks { try callback.prepare(run) }
    run.source = source
    for callback in callbacks { try callback.trainBegan(run) }
    let first = run.resumption?.epoch ?? options.initialEpoch
    for epoch in min(first, options.epochs)..<options.epochs {
      guard try trainEpoch(epoch) else { break }
    }
    compilation.optimizer.applyAverages(trained)
    for callback in callbacks { try callback.trainEnded(run) }
  }

  /// False when the training ends with or in this epoch.
  private func trainEpoch(_ epoch: Int) throws(NNError) -> Bool {
    for callback in callbacks { try callback.epochBegan(epoch, run) }
    var before = try Snapshot(model.variables + compilation.optimizer.slotVariables)
    let iterations = compilation.optimizer.iterations
    try source.begin(epoch: epoch)
    run.totals?.reset()
    (run.samplesSeen, run.stepsSeen) = (0, 0)
    if let resumption = run.resumption, resumption.epoch == epoch, resumption.batch > 0 {
      // In the middle of an epoch: its first batches are seen already.
      try source.skip(resumption.batch)
      run.stepsSeen = resumption.batch
      run.totals?.restore(resumption.sums, samples: resumption.samples)
      run.samplesSeen = resumption.samples
    }
    while let (step, count) = try source.next() {
      if run.totals == nil {
        // The first batch of a generator has built the model.
        run.totals = BatchTotals(step, compilation.metrics)
        trained = model.trainableVariables
        before = try Snapshot(model.variables + compilation.optimizer.slotVariables)
        guard !trained.isEmpty else {
          throw NNError(
            .state, "fit: nothing to train: every layer is frozen or without weights", path: [model.name])
        }
      }
      guard let totals = run.totals else { break }
      let batch = run.stepsSeen
      for callback in callbacks { try callback.batchBegan(batch, run) }
      try compilation.optimizer.beginStep()
      model.random.beginStep()
      step.program.run()
      compilation.optimizer.endStep(trained)
      totals.add(step.program, count: count)
      guard totals.lastLoss.isFinite || acceptsNotFinite else {
        let loss = totals.lastLoss.isNaN ? "NaN" : "\(totals.lastLoss)"
        throw try failure("the loss became \(loss) in epoch \(epoch + 1), batch \(batch + 1)", before, iterations)
      }
      run.samplesSeen = totals.samples
      run.stepsSeen = batch &+ 1
      for callback in callbacks { try callback.batchEnded(batch, run) }
      if model.isCancelled {
        run.history.interruption = (epoch, batch)
        return false
      }
      if run.isStopping { break }
    }
    // The last update is seen in no loss of this epoch; the next must not take its ruins for its beginning.
    guard acceptsNotFinite || trained.allSatisfy(\.isFinite) else {
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

  private func endEpoch(_ epoch: Int) throws(NNError) {
    let logs = Logs(run.logs())
    if let validation, options.validationFrequency.includes(epoch) {
      let values = try model.evaluate(validation, callbacks: callbacks, nil)
      if model.isCancelled {
        // Means over a part of the validation set would pass for the whole.
        run.history.interruption = (epoch, run.stepsSeen)
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
