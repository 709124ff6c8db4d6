import Glibc

/// The arguments of `find_learning_rate`.
public struct LearningRateSearch: Configurable {
  /// The first batch's rate.
  public var minRate = 1e-5
  /// Where the rates would arrive one batch after the last.
  public var maxRate = 10.0
  /// How often to go through the samples.
  public var epochs = 1
  /// Samples of a step.
  public var batchSize = 32

  /// "find_learning_rate"
  public static let className = "find_learning_rate"
  /// What it does.
  public static let doc = """
    Trains with a rate that grows exponentially from min_rate to max_rate, batch by batch, and returns two tensors: the rates and each batch's loss. \
    It stops when the loss is no finite number, or exceeds both ten times the smallest loss so far and the first. Weights, optimizer, random \
    numbers and history are afterwards as they were. Example: nn.plot{model:find_learning_rate(x, y)}
    """
  /// In the order of the book's function.
  public static let fields: [Field<LearningRateSearch>] = [
    Field("min_rate", \.minRate, check: .positive, "The first batch's rate."),
    Field("max_rate", \.maxRate, check: .positive, "Where the rates would arrive one batch after the last."),
    Field("epochs", \.epochs, check: .positive, "How often to go through the samples."),
    Field("batch_size", \.batchSize, check: .positive, "Samples of a step."),
  ]

  /// All defaults.
  public init() {}

  /// The range must not be empty.
  public func validate() throws(NNError) {
    guard minRate < maxRate else {
      throw .invalid("find_learning_rate: 'min_rate' (\(minRate)) must be smaller than 'max_rate' (\(maxRate))")
    }
  }
}

extension Model {
  /// The losses of a training in which the rate grows from batch to batch. Everything of the model and its optimizer is afterwards as before,
  /// bit for bit, also when it is cancelled or fails; a model that was not built is.
  public func findLearningRate(
    _ samples: Samples, _ options: LearningRateSearch = LearningRateSearch(), callbacks: [any Callback] = []
  ) throws(NNError) -> (rates: Tensor, losses: Tensor) {
    try options.validate()
    return try whileActive { () throws(NNError) in
      let data = try TrainingData(samples, for: self, "find_learning_rate")
      let optimizer = try compiled(for: "find_learning_rate").optimizer
      guard !trainableVariables.isEmpty else {
        throw NNError(
          .state, "find_learning_rate: nothing to train: every layer is frozen or without weights", path: [name])
      }
      let found = try random.preserving { () throws(NNError) in
        let source = try RowBatches(
          self, .train, data, batchSize: options.batchSize,
          shuffledBy: RandomStream(seed: random.seed, stream: Model.searchStream))
        // After the program is made: only then the optimizer has all its slots.
        let before = try Snapshot(variables + optimizer.slotVariables)
        let (rate, iterations) = (optimizer.rate, optimizer.iterations)
        defer { (optimizer.rate, optimizer.iterations) = (rate, iterations) }
        do throws(NNError) {
          let found = try search(source, optimizer, options, callbacks)
          try before.restore()
          return found
        } catch {
          try before.restore()
          throw error
        }
      }
      if isCancelled { throw NNError(.cancelled, "find_learning_rate: cancelled", path: [name]) }
      guard !found.losses.isEmpty else {
        throw NNError(.notFinite, "find_learning_rate: the first batch's loss is not a finite number", path: [name])
      }
      return (try Tensor(found.rates), try Tensor(found.losses))
    }
  }

  /// A stream for the order of samples that takes nothing from the process's.
  private static let searchStream: UInt32 = 0x2000_0000

  private func search(
    _ source: RowBatches, _ optimizer: Optimizer, _ options: LearningRateSearch, _ callbacks: [any Callback]
  ) throws(NNError) -> (rates: [Float], losses: [Float]) {
    let trained = trainableVariables
    let steps = Double(source.steps ?? 1) * Double(options.epochs)
    let growth = log(options.maxRate / options.minRate) / steps
    let run = TrainingRun(
      self, epochs: options.epochs, steps: source.steps ?? 0, samples: source.samples ?? 0, isEvaluation: true)
    var (rates, losses): ([Float], [Float]) = ([], [])
    var smallest = Float.infinity
    for epoch in 0..<options.epochs {
      try source.begin(epoch: epoch)
      while !isCancelled, let (step, _) = try source.next() {
        let rate = options.minRate * exp(growth * Double(rates.count))
        // Keras 2's `decay` divides it again.
        optimizer.rate = .number(rate * (1 + optimizer.base.decay * Double(optimizer.iterations)))
        try optimizer.beginStep()
        random.beginStep()
        step.program.run()
        optimizer.endStep(trained)
        let loss = step.program.pointer(0)[0]
        guard loss.isFinite else { return (rates, losses) }
        rates.append(Float(rate))
        losses.append(loss)
        smallest = min(smallest, loss)
        // Ten times less than nothing is no measure: losses such as cosine similarity's do not explode.
        if smallest > 0, loss > 10 * smallest, loss > losses[0] { return (rates, losses) }
        run.stepsSeen += 1
        for callback in callbacks { try callback.batchEnded(run.stepsSeen - 1, run) }
      }
    }
    return (rates, losses)
  }
}
