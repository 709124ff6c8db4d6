/// One call of fit: from its beginning to its end, or to an interruption, and on from there.
///
/// All that the training is lies in here: the order of the samples and the place in it, the sums of the epoch, the callbacks. An
/// interrupted trainer belongs to its model, and needs nothing but the variables, the count of steps and the random numbers as they
/// were to go on as if nothing had happened.
package final class Trainer {
  /// What callbacks see.
  package let run: TrainingRun
  private unowned let model: Model
  private let compilation: Compilation
  private let source: BatchSource
  private let validation: BatchSource?
  private let options: FitOptions
  /// The user's callbacks, and those that came with the present call.
  private var own: [any Callback]
  private var companions: [any Callback]
  private var callbacks: [any Callback]
  private var trained: [Variable]

  private enum Place { case beforeEpoch, inEpoch, afterBatches }
  private var place = Place.beforeEpoch
  private var epoch: Int
  /// To go back to when the loss is no number.
  private var beginning: (values: Snapshot, iterations: Int)?
  private var pass: EvaluationPass?
  private var interruption: Interruption?
  /// The callbacks that a backup has told how far the training was.
  private var restored: Set<ObjectIdentifier> = []

  init(
    _ model: Model, _ source: BatchSource, _ validation: BatchSource?, _ options: FitOptions,
    _ callbacks: [any Callback], _ companions: [any Callback]
  ) throws(NNError) {
    (self.model, self.source, self.validation) = (model, source, validation)
    (self.options, own, self.companions) = (options, callbacks, companions)
    self.callbacks = callbacks + companions
    compilation = try model.compiled(for: "fit")
    trained = model.trainableVariables
    epoch = options.initialEpoch
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

  /// Trains from the beginning.
  @discardableResult
  package func train() throws(NNError) -> History {
    let model = model
    return try model.whileActive { () throws(NNError) in
      model.interrupted = nil
      model.history = run.history
      for callback in callbacks { try run.prepare(callback) }
      run.source = source
      try begin()
      return try goOn()
    }
  }

  /// Tells the callbacks, after going back to a backup if there is one.
  private func begin() throws(NNError) {
    var backup: TrainingBackup?
    for case let callback as BackupAndRestore in own where backup == nil { backup = try callback.restore(run) }
    if let place = backup?.place {
      run.resumption = place
      epoch = min(place.epoch, options.epochs)
      model.stopTraining = place.isStopping
    }
    for callback in own {
      if let memory = backup?.take(callback.backupName) {
        try callback.trainRestored(memory, run)
        restored.insert(ObjectIdentifier(callback))
      } else {
        try callback.trainBegan(run)
      }
    }
    for companion in companions { try companion.trainBegan(run) }
  }

  /// Makes a backup that a callback has asked for: after so many batches of the present epoch, or before it.
  private func backUp(batch: Int) throws(NNError) {
    guard let callback = run.dueBackup else { return }
    run.dueBackup = nil
    try callback.save(run, epoch: epoch, batch: batch, own)
  }

  /// Goes on after an interruption; with other callbacks, if there are any.
  func resume(_ others: [any Callback]?, companions: [any Callback]) throws(NNError) -> History {
    guard let interruption else { throw NNError(.state, "resume: the training is not interrupted", path: [model.name]) }
    try interruption.check(model, compilation, trained)
    run.hold(model)
    let before = callbacks
    let after = (others ?? own) + companions
    func isNew(_ callback: any Callback) -> Bool { !before.contains { $0 === callback } }
    for callback in before where !after.contains(where: { $0 === callback }) { run.forget(callback) }
    do throws(NNError) {
      for callback in after where isNew(callback) { try run.prepare(callback) }
    } catch {
      // Still interrupted, with the callbacks that it had.
      for callback in after { run.forget(callback) }
      for callback in before { try? run.prepare(callback) }
      run.letGo()
      throw error
    }
    (own, self.companions, callbacks) = (others ?? own, companions, after)
    try interruption.undo(model, compilation)
    self.interruption = nil
    run.isResumed = true
    (model.interrupted, model.history, run.history.interruption) = (nil, run.history, nil)
    for callback in callbacks {
      guard isNew(callback) else {
        try callback.trainResumed(run)
        continue
      }
      try callback.trainBegan(run)
      if place != .beforeEpoch { try callback.epochBegan(epoch, run) }
    }
    return try goOn()
  }

  /// To the end, or to an interruption.
  private func goOn() throws(NNError) -> History {
    while epoch < options.epochs {
      if place == .beforeEpoch {
        // A backup of a training that somebody had ended already.
        if let backup = run.resumption, backup.batch == 0, backup.isStopping { break }
        try beginEpoch()
      }
      if place == .inEpoch { guard try trainBatches() else { break } }
      guard try endEpoch() else { break }
      place = .beforeEpoch
      epoch += 1
      try backUp(batch: 0)
      if run.isStopping || epoch == options.epochs { break }
      if model.isCancelled {
        run.history.interruption = (epoch - 1, max(run.stepsSeen - 1, 0))
        break
      }
    }
    try finish()
    return run.history
  }

  private func beginEpoch() throws(NNError) {
    let isBegun = run.resumption?.batch ?? 0 > 0
    for callback in callbacks where !isBegun || !restored.contains(ObjectIdentifier(callback)) {
      try callback.epochBegan(epoch, run)
    }
    try noteBeginning()
    try source.begin(epoch: epoch)
    run.totals?.reset()
    (run.samplesSeen, run.stepsSeen) = (0, 0)
    if let backup = run.resumption {
      run.resumption = nil
      // In the middle of an epoch: its first batches are seen already.
      try source.skip(backup.batch)
      if backup.batch > 0 { run.totals?.restore(backup.sums, samples: backup.samples) }
      (run.samplesSeen, run.stepsSeen) = (backup.samples, backup.batch)
    }
    place = .inEpoch
  }

  private func noteBeginning() throws(NNError) {
    beginning = (try Snapshot(state), compilation.optimizer.iterations)
  }

  /// All that training changes.
  private var state: [Variable] { model.variables + compilation.optimizer.slotVariables }

  /// False when the training was interrupted.
  private func trainBatches() throws(NNError) -> Bool {
    // A callback that asked for the end in the batch of the interruption gets it.
    let isOver = run.stepsSeen > 0 && run.isStopping
    while !isOver, let (step, count) = try source.next() {
      if run.totals == nil {
        // The first batch of a generator has built the model.
        run.totals = BatchTotals(step, compilation.metrics)
        trained = model.trainableVariables
        try noteBeginning()
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
        throw try failure("the loss became \(loss) in epoch \(epoch + 1), batch \(batch + 1)")
      }
      run.samplesSeen = totals.samples
      run.stepsSeen = batch &+ 1
      for callback in callbacks { try callback.batchEnded(batch, run) }
      if run.dueBackup != nil { try backUp(batch: batch + 1) }
      if model.isCancelled {
        run.history.interruption = (epoch, batch)
        return false
      }
      if run.isStopping { break }
    }
    // The last update is seen in no loss of this epoch; the next must not take its ruins for its beginning.
    guard acceptsNotFinite || trained.allSatisfy(\.isFinite) else {
      throw try failure("the weights became NaN or infinite in epoch \(epoch + 1)")
    }
    place = .afterBatches
    return true
  }

  private var acceptsNotFinite: Bool { callbacks.contains(where: \.acceptsNotFinite) }

  /// Goes back to the beginning of the epoch; what there is to say about it.
  private func failure(_ what: String) throws(NNError) -> NNError {
    try beginning?.values.restore()
    compilation.optimizer.iterations = beginning?.iterations ?? 0
    return NNError(
      .notFinite,
      "fit: \(what); the weights are back to the beginning of that epoch (a smaller learning rate or clipping may help)",
      path: [model.name])
  }

  /// Validates and records. False when that was interrupted: means over a part of the validation set would pass for the whole.
  private func endEpoch() throws(NNError) -> Bool {
    let logs = Logs(run.logs())
    if let validation, options.validationFrequency.includes(epoch) {
      let pass = pass ?? EvaluationPass(model, compilation, validation)
      self.pass = pass
      guard let values = try pass.goOn(callbacks) else {
        run.history.interruption = (epoch, max(run.stepsSeen - 1, 0))
        return false
      }
      self.pass = nil
      for (name, value) in zip(compilation.names, values) { logs["val_" + name] = value }
    }
    // Keras's History is the last of the callbacks: it records what the others add (lr).
    defer {
      run.history.epochs.append(epoch)
      for (name, value) in logs.entries { run.history.append(name, value) }
    }
    for callback in callbacks { try callback.epochEnded(epoch, logs, run) }
    return true
  }

  /// Averages become weights, callbacks bring back the best; an interruption notes how it was before.
  private func finish() throws(NNError) {
    guard run.history.interruption != nil else {
      compilation.optimizer.applyAverages(trained)
      for callback in callbacks { try callback.trainEnded(run) }
      return
    }
    let before = try Snapshot(state)
    let (random, isStopping) = (model.random.place, run.isStopping)
    compilation.optimizer.applyAverages(trained)
    for callback in callbacks { try callback.trainEnded(run) }
    interruption = Interruption(
      structure: model.structure, resets: compilation.optimizer.resets, iterations: compilation.optimizer.iterations,
      random: random, isStopping: isStopping, before: before.changed(), after: Digest(state))
    pass?.forget(companions)
    for companion in companions { run.forget(companion) }
    (companions, callbacks, run.say) = ([], own, { _ in })
    model.interrupted = self
    run.letGo()
  }
}

/// How a model was when its training was interrupted.
private struct Interruption {
  let structure: [Int]
  let resets: Int
  let iterations: Int
  let random: RandomPlace
  let isStopping: Bool
  /// What ending the run has changed: averages that became weights, best weights that came back.
  let before: Snapshot
  /// The variables as ending the run has left them.
  let after: Digest

  /// An error where going on would not be the same training.
  func check(_ model: Model, _ compilation: Compilation, _ trained: [Variable]) throws(NNError) {
    func refuse(_ what: String) -> NNError {
      NNError(.state, "resume: \(what) since the interruption; call fit for a new training", path: [model.name])
    }
    guard model.structure == structure else { throw refuse("the model's layers have changed") }
    guard compilation.optimizer.resets == resets else { throw refuse("the optimizer was given to another model") }
    let now = model.trainableVariables
    guard now.count == trained.count, zip(now, trained).allSatisfy({ $0 === $1 }) else {
      throw refuse("layers were frozen or made trainable")
    }
    guard compilation.optimizer.iterations == iterations,
      Digest(model.variables + compilation.optimizer.slotVariables) == after
    else { throw refuse("the weights have changed") }
  }

  func undo(_ model: Model, _ compilation: Compilation) throws(NNError) {
    try before.restore()
    model.random.go(to: random)
    model.stopTraining = isStopping
  }
}

extension Model {
  /// Whether the last training was cancelled and can go on.
  public var canResume: Bool { interrupted != nil }

  /// Goes on with the training that was cancelled: where it stopped, as it would have gone on without the pause, bit for bit. History,
  /// callbacks with what they remember, the order of samples and all random numbers go on, too; a generator gives its next batch.
  /// The learning rate may have been changed in between.
  ///
  /// An error when there is no such training, or when weights, layers or their `trainable` have changed since. A new `fit` or `compile`
  /// forgets it, and so does an error that ended it.
  ///
  /// - Parameter callbacks: others in place of those that fit was given. Those that are new to the training begin with it here.
  @discardableResult
  public func resume(callbacks: [any Callback]? = nil) throws(NNError) -> History {
    try resume(callbacks: callbacks, companions: [])
  }

  package func resume(callbacks: [any Callback]?, companions: [any Callback]) throws(NNError) -> History {
    guard let interrupted else {
      throw NNError(.state, "resume: there is no interrupted training", path: [name])
    }
    return try whileActive { () throws(NNError) in try interrupted.resume(callbacks, companions: companions) }
  }

  /// Forgets an interrupted training, with the data that it holds.
  package func forgetInterruption() { interrupted = nil }
}
