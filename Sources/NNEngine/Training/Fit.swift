extension Model {
  /// Trains on samples, and returns what was recorded; `history` keeps it too.
  ///
  /// Weights change from batch to batch; whatever ends the training (its end, a callback, `cancel()`, an error), the model stays usable
  /// with the weights it has by then. When the loss or the weights stop being finite numbers, the weights go back to what they were at the
  /// beginning of that epoch, and the call fails with `.notFinite`.
  ///
  /// A training that `cancel()` has ended can be resumed.
  @discardableResult
  public func fit(
    _ samples: Samples, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History {
    try whileActive { () throws(NNError) in try trainer(samples, options, callbacks: callbacks).train() }
  }

  /// The same, made ready: what can fail by its arguments has failed by now, and the programs are made. `companions` are callbacks
  /// that belong to this call, not to the training: an interruption lets go of them.
  package func trainer(
    _ samples: Samples, _ options: FitOptions, callbacks: [any Callback] = [], companions: [any Callback] = [],
    shuffledBy given: RandomStream? = nil
  ) throws(NNError) -> Trainer {
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
      let stream = given ?? RandomState.newStream()
      let source = try RowBatches(
        self, .train, training, batchSize: options.batchSize, steps: options.stepsPerEpoch,
        shuffledBy: options.shuffle ? stream : nil)
      return try trainer(source, validation, options, callbacks, companions)
    }
  }

  /// Trains on the batches of a generator: `steps_per_epoch` of them an epoch, or as many as come until it gives nil.
  @discardableResult
  public func fit(
    _ generator: BatchGenerator, _ options: FitOptions = FitOptions(), callbacks: [any Callback] = []
  ) throws(NNError) -> History {
    try whileActive { () throws(NNError) in try trainer(generator, options, callbacks: callbacks).train() }
  }

  /// The same, made ready.
  package func trainer(
    _ generator: BatchGenerator, _ options: FitOptions, callbacks: [any Callback] = [],
    companions: [any Callback] = []
  ) throws(NNError) -> Trainer {
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
      return try trainer(source, nil, options, callbacks, companions)
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

  private func trainer(
    _ source: BatchSource, _ split: TrainingData?, _ options: FitOptions, _ callbacks: [any Callback],
    _ companions: [any Callback]
  ) throws(NNError) -> Trainer {
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
    return try Trainer(self, source, validation, options, options.callbacks + callbacks, companions)
  }
}
