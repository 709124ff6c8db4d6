import Testing

@testable import NNEngine

/// Metrics with sample weights. Where no numbers of Keras are at hand, a law has them: a sample with weight k counts as k equal samples.
@Suite("Weighted metrics")
struct WeightedMetricTests {
  /// Every metric that the registry knows, with labels that it takes.
  static let names = Metric.registry.entries.map(\.name)
  static let samples = 6
  static let repeats = [2, 1, 0, 3, 1, 2]

  /// Labels and outputs of all samples.
  static func data(_ name: String) throws -> (y: Tensor, p: Tensor) {
    var numbers = TestNumbers(9)
    let n = samples
    if name.hasPrefix("Sparse") {
      let scores = numbers.floats(n * 4).map { abs($0) + 0.01 }
      return (try Tensor((0..<n).map { Float($0 % 4) }), try Tensor(scores, shape: Shape([n, 4])))
    }
    if name.contains("Categorical") || name == "F1Score" {
      var hot = [Float](repeating: 0, count: n * 4)
      for row in 0..<n { hot[row * 4 + (row * row) % 4] = 1 }
      let scores = numbers.floats(n * 4).map { abs($0) + 0.01 }
      return (try Tensor(hot, shape: Shape([n, 4])), try Tensor(scores, shape: Shape([n, 4])))
    }
    let shape = try Shape([n, 2])
    let p = numbers.floats(n * 2).map { min(0.99, abs($0) + 0.01) }
    return (try Tensor((0..<n * 2).map { Float(($0 / 2 + $0) % 2) }, shape: shape), try Tensor(p, shape: shape))
  }

  static func repeated(_ tensor: Tensor) throws -> Tensor {
    try tensor.take(repeats.enumerated().flatMap { [Int](repeating: $0, count: $1) })
  }

  @Test("weight k is k samples, in one batch and in two", arguments: names)
  func law(_ name: String) throws {
    let metric = try MetricFixtureTests.metric(name, name.contains("TopK") ? #"{"k": 2}"# : "{}")
    let (y, p) = try Self.data(name)
    let w = try Tensor(Self.repeats.map { Float($0) })
    let expected = try MetricTests.result(metric, [(Self.repeated(y), Self.repeated(p))])
    let whole = try MetricTests.result(metric, [(y, p, w)])
    let parts = try MetricTests.result(
      metric, [(y.slice(0..<4), p.slice(0..<4), w.slice(0..<4)), (y.slice(4..<6), p.slice(4..<6), w.slice(4..<6))])
    #expect(abs(whole - expected) < 1e-5 && abs(parts - expected) < 1e-5, "\(whole), \(parts), \(expected)")
    // The weights matter for this data.
    #expect(try abs(MetricTests.result(metric, [(y, p)]) - expected) > 1e-4)
  }

  @Test("weights of one change nothing; weights of zero leave nothing", arguments: names)
  func limits(_ name: String) throws {
    let metric = try Metric.registry.entry(name).make(Arguments())
    let (y, p) = try Self.data(name)
    let ones = try Tensor([Float](repeating: 1, count: Self.samples))
    let zeros = try Tensor([Float](repeating: 0, count: Self.samples))
    let plain = try MetricTests.result(metric, [(y, p)])
    #expect(try abs(MetricTests.result(metric, [(y, p, ones)]) - plain) < 1e-5)
    #expect(try MetricTests.result(metric, [(y, p, zeros)]) == 0)
  }

  /// The examples of Keras's documentation.
  @Test("Keras's own examples")
  func keras() throws {
    func result(_ name: String, _ y: [Float], _ p: [Float], _ w: [Float], _ config: String = "{}") throws -> Double {
      let metric = try MetricFixtureTests.metric(name, config)
      return try MetricTests.result(metric, [(Tensor(y), Tensor(p), Tensor(w))])
    }
    #expect(try result("Precision", [0, 1, 1, 1], [1, 0, 1, 1], [0, 0, 1, 0]) == 1)
    #expect(try result("Recall", [0, 1, 1, 1], [1, 0, 1, 1], [0, 0, 1, 0]) == 1)
    #expect(try result("BinaryAccuracy", [1, 1, 0, 0], [0.98, 1, 0, 0.6], [1, 0, 0, 1]) == 0.5)
    let auc = try result("AUC", [0, 0, 1, 1], [0, 0.5, 0.3, 0.9], [1, 0, 0, 1], #"{"num_thresholds": 3}"#)
    #expect(abs(auc - 1) < 1e-6)
    let metric = try MetricFixtureTests.metric("RootMeanSquaredError")
    let (y, p) = (try Tensor([0, 1, 0, 0], shape: Shape([2, 2])), try Tensor([1, 1, 0, 0], shape: Shape([2, 2])))
    #expect(try abs(MetricTests.result(metric, [(y, p, Tensor([1, 0]))]) - 0.70710678) < 1e-6)
    let cross = try MetricFixtureTests.metric("BinaryCrossentropy")
    let given = try Tensor([0.6, 0.4, 0.4, 0.6], shape: Shape([2, 2]))
    #expect(try abs(MetricTests.result(cross, [(y, given, Tensor([1, 0]))]) - 0.9162905) < 1e-6)
    let hot = try Tensor([0, 1, 0, 0, 0, 1], shape: Shape([2, 3]))
    let scores = try Tensor([0.05, 0.95, 0, 0.1, 0.8, 0.1], shape: Shape([2, 3]))
    let categorical = try MetricFixtureTests.metric("CategoricalCrossentropy")
    #expect(try abs(MetricTests.result(categorical, [(hot, scores, Tensor([0.3, 0.7]))]) - 1.6271976) < 1e-5)
  }

  @Test("several numbers a sample: each counts with the sample's weight")
  func sequences() throws {
    let metric = try MetricFixtureTests.metric("SparseCategoricalAccuracy")
    let p = try Tensor([0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.9, 0.1], shape: Shape([2, 2, 2]))
    let y = try Tensor([0, 1, 1, 1], shape: Shape([2, 2]))
    #expect(try MetricTests.result(metric, [(y, p, Tensor([3, 1]))]) == 0.5)
    #expect(try MetricTests.result(metric, [(y, p, Tensor([0, 1]))]) == 0.5)
    let z = try Tensor([0, 0, 0, 1], shape: Shape([2, 2]))
    #expect(try MetricTests.result(metric, [(z, p, Tensor([3, 1]))]) == 0.75)
  }

  @Test("R² with weights: adjusted by the number of samples, not by their weight")
  func r2() throws {
    let metric = try MetricFixtureTests.metric("R2Score", #"{"num_regressors": 1}"#)
    // R² = 1 − Σw(y − ŷ)² / (Σwy² − (Σwy)² / Σw), then 1 − (1 − R²)(n − 1)/(n − 2) with n = 4 samples.
    let (y, p, w): ([Float], [Float], [Float]) = ([1, 2, 3, 4], [1.5, 1.5, 3.5, 3.5], [1, 1, 3, 1])
    let result = try MetricTests.result(metric, [(Tensor(y), Tensor(p), Tensor(w))])
    let sums = (1.0 + 2 + 9 + 4, 1.0 + 4 + 27 + 16, 6 * 0.25)
    let score = 1 - sums.2 / (sums.1 - sums.0 * sums.0 / 6)
    #expect(abs(result - (1 - (1 - score) * 3 / 2)) < 1e-6)
  }

  @Test("one weight a sample, or an error")
  func errors() throws {
    let (y, p) = (try Symbol.fill(0, Shape([3])), try Symbol.fill(0, Shape([3, 1])))
    let text = Evaluate.message {
      _ = try MetricTests.metric("accuracy").increments(y, p, weights: .fill(1, Shape([2])))
    }
    #expect(text == "accuracy: weights of shape (2,) for outputs of shape (3, 1): expected one for each sample")
  }

  @Test("confusion matrix: weights are summed")
  func confusion() throws {
    let (y, p) = (try Tensor([0, 1, 1, 1]), try Tensor([0, 1, 0, 1]))
    let function = try TensorFunctions.named("confusion_matrix")
    let weights = Value.list([.number(0.5), .integer(2), .integer(3), .integer(4)])
    let matrix = try function([y, p], Arguments([], Value.Table([("weights", weights)])))
    #expect(matrix.values == [0.5, 0, 3, 6] && matrix.dtype == .float32)
    let tensor = Value.object(Boxed(try Tensor([1, 1, 1, 1])))
    #expect(try function([y, p], Arguments([], Value.Table([("weights", tensor)]))).values == [1, 0, 1, 2])
    #expect(
      Evaluate.message { _ = try ConfusionMatrix.make(yTrue: y, yPred: p, weights: [1]) }
        == "confusion_matrix: 1 weights for 4 labels")
  }
}
