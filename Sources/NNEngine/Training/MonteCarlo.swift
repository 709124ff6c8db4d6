/// What Monte Carlo dropout says of each sample: mean and standard deviation over many passes, for each output of the model.
public struct MonteCarloPrediction {
  /// The means.
  public let mean: [Tensor]
  /// The standard deviations (of the population, as NumPy's std).
  public let standardDeviation: [Tensor]
}

extension Model {
  /// Predicts `samples` times with dropout dropping (and all noise layers live), everything else as in predict: batch normalization
  /// keeps its statistics. No pass is kept; memory does not grow with `samples`.
  ///
  /// Reproducible: the same seed, batch size and order of calls give the same bits on any number of threads. To callbacks each pass of a
  /// batch is a batch of a prediction.
  public func predictMonteCarlo(
    _ x: [Tensor], samples: Int = 100, batchSize: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> MonteCarloPrediction {
    try whileActive { () throws(NNError) in
      guard samples >= 1 else { throw .invalid("predict_mc: 'samples' must be a positive integer, got \(samples)") }
      try Model.check(batchSize, "predict_mc")
      let x = try adapted(x, for: "predict_mc")
      let rows = x.first?.rows ?? 0
      let batch = min(batchSize ?? Model.inferenceBatch, rows)
      let shapes = StepProgram.Shapes(x: x.map(\.shape.sample))
      let gathers = x.map { Gather($0) }
      let full = try program(.monteCarlo, batch: batch, shapes)
      let tail = rows % batch == 0 ? nil : try program(.monteCarlo, batch: rows % batch, shapes)
      var moments: [PassMoments] = []
      for shape in outputShapes { moments.append(try PassMoments(shape.batch(rows), batch: batch)) }
      let (passes, isTooMany) = samples.multipliedReportingOverflow(by: (rows + batch - 1) / batch)
      let run = TrainingRun(
        self, epochs: 1, steps: isTooMany ? Int.max : passes, samples: rows, isEvaluation: true)
      for callback in callbacks { try callback.predictBegan(run) }
      var first = 0
      while first < rows {
        let count = min(batch, rows - first)
        let step = count == batch ? full : tail ?? full
        for i in gathers.indices { gathers[i].gather(first..<(first + count), into: step.x[i].pointer) }
        step.prelude?.run()
        for sample in 0..<samples {
          if isCancelled { throw NNError(.cancelled, "predict_mc: cancelled", path: [name]) }
          for callback in callbacks { try callback.predictBatchBegan(run.stepsSeen, run) }
          random.beginStep()
          step.program.run()
          for i in moments.indices { moments[i].add(step.program.pointer(i), rows: count, isFirst: sample == 0) }
          run.stepsSeen += 1
          for callback in callbacks { try callback.predictBatchEnded(run.stepsSeen - 1, run) }
        }
        for moments in moments { moments.store(first: first, rows: count, samples: samples) }
        first += count
        run.samplesSeen = first
      }
      for callback in callbacks { try callback.predictEnded(run) }
      return MonteCarloPrediction(mean: moments.map(\.mean), standardDeviation: moments.map(\.standardDeviation))
    }
  }

  /// Mean and standard deviation of a model with one input and one output.
  public func predictMonteCarlo(
    x: Tensor, samples: Int = 100, batchSize: Int? = nil, callbacks: [any Callback] = []
  ) throws(NNError) -> (mean: Tensor, standardDeviation: Tensor) {
    let result = try predictMonteCarlo([x], samples: samples, batchSize: batchSize, callbacks: callbacks)
    return (
      try Model.only(result.mean, "predict_mc"), try Model.only(result.standardDeviation, "predict_mc")
    )
  }
}

/// Mean and standard deviation of one output. The sums are those of distances from the first pass, in double precision: no digits are
/// lost where the deviation is small beside the mean.
private final class PassMoments {
  let mean: Tensor
  let standardDeviation: Tensor
  private let width: Int
  private let capacity: Int
  private let origin: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Double>
  private let squares: UnsafeMutablePointer<Double>

  init(_ shape: Shape, batch: Int) throws(NNError) {
    mean = try Tensor(zeros: shape)
    standardDeviation = try Tensor(zeros: shape)
    width = shape.sample.count
    capacity = width * batch
    origin = .allocate(capacity: max(capacity, 1))
    sums = .allocate(capacity: max(capacity, 1))
    squares = .allocate(capacity: max(capacity, 1))
  }

  deinit {
    origin.deallocate()
    sums.deallocate()
    squares.deallocate()
  }

  /// Adds one pass over the batch; the first begins anew.
  func add(_ values: UnsafePointer<Float>, rows: Int, isFirst: Bool) {
    let count = rows &* width
    if isFirst {
      origin.update(from: values, count: count)
      sums.update(repeating: 0, count: count)
      squares.update(repeating: 0, count: count)
      return
    }
    let (origin, sums, squares) = (origin, sums, squares)
    for i in 0..<count {
      let distance = Double(values[i]) - Double(origin[i])
      sums[i] += distance
      squares[i] += distance * distance
    }
  }

  /// Writes the batch's results to rows `first` … of the tensors, which nobody has seen yet.
  func store(first: Int, rows: Int, samples: Int) {
    let (mean, deviation) = (mean.unsharedFloats + first * width, standardDeviation.unsharedFloats + first * width)
    let n = Double(samples)
    for i in 0..<(rows * width) {
      let shift = sums[i] / n
      // Rounding must not make a variance negative; NaN goes through.
      let variance = squares[i] / n - shift * shift
      mean[i] = Float(Double(origin[i]) + shift)
      deviation[i] = Float((variance < 0 ? 0 : variance).squareRoot())
    }
  }
}
