import KernelTable

/// Loss and metrics summed over batches, in double precision. Adding a batch allocates nothing.
final class BatchTotals {
  private let metrics: [Metric]
  /// Number of elements of each output of the program.
  private let counts: [Int]
  private let sums: UnsafeMutablePointer<Double>
  private let total: Int
  /// Samples so far.
  private(set) var samples = 0
  private(set) var lastLoss = 0.0
  /// How many of the first outputs are means over the batch.
  private let means: Int
  /// How many of the outputs after them each metric owns, in order.
  private let increments: [Int]

  init(_ step: StepProgram, _ metrics: [Metric]) {
    self.metrics = metrics
    means = step.means
    increments = step.increments
    counts = (0..<(means + increments.reduce(0, +))).map { step.program.shape($0).count }
    total = counts.reduce(0, +)
    sums = .allocate(capacity: max(total, 1))
    sums.initialize(repeating: 0, count: total)
  }

  deinit { sums.deallocate() }

  func reset() {
    sums.update(repeating: 0, count: total)
    samples = 0
  }

  /// The sums, for a backup.
  var state: [Double] { (0..<total).map { sums[$0] } }

  /// Goes on with the sums of a backup.
  func restore(_ state: [Double], samples: Int) {
    guard state.count == total else { return }
    for (i, value) in state.enumerated() { sums[i] = value }
    self.samples = samples
  }

  /// Adds what the program's last run put out for a batch of `count` samples.
  func add(_ program: Program, count: Int) {
    lastLoss = Double(program.pointer(0)[0])
    for i in 0..<means { sums[i] += Double(program.pointer(i)[0]) * Double(count) }
    var at = means
    for output in means..<counts.count {
      let p = program.pointer(output)
      for i in 0..<counts[output] {
        sums[at] += Double(p[i])
        at &+= 1
      }
    }
    samples &+= count
  }

  /// The losses, then the metrics, over all batches since the last reset.
  func values() -> [Double] {
    var result = (0..<means).map { samples == 0 ? Double.nan : sums[$0] / Double(samples) }
    var (output, at) = (means, means)
    for (metric, own) in zip(metrics, increments) {
      var parts: [[Double]] = []
      for _ in 0..<own {
        parts.append((0..<counts[output]).map { sums[at + $0] })
        at += counts[output]
        output += 1
      }
      result.append(metric.result(parts))
    }
    return result
  }
}
