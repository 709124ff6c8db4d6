import Testing

@testable import NNEngine

/// Metrics against Keras's numbers where there are some, else against numbers computed by hand.
@Suite("Metrics are Keras's")
struct MetricFixtureTests {
  static let names: [String: String] = [
    "top2": "SparseTopKCategoricalAccuracy", "auc": "AUC", "mae": "MeanAbsoluteError", "rmse": "RootMeanSquaredError",
  ]

  static func metric(_ name: String, _ config: String = "{}") throws -> Metric {
    try #require(try Metric.decode(JSON.parse(#"{"class_name": "\#(name)", "config": \#(config)}"#)))
  }

  @Test("in one batch, and in two of unequal size", arguments: try Fixtures.cases(.metrics))
  func keras(_ expected: FixtureTable) throws {
    let name = Coverage.name(expected)
    let metric = try Self.metric(Self.names[name] ?? name, name == "top2" ? #"{"k": 2}"# : "{}")
    let y = try Evaluate.tensor(expected.array("y_true"))
    let p = try Evaluate.tensor(expected.array("y_pred"))
    let right = try #require(try expected.array("result").data.first)
    let whole = try MetricTests.result(metric, [(y, p)])
    let parts = try MetricTests.result(
      metric, [(try y.slice(0..<7), try p.slice(0..<7)), (try y.slice(7..<12), try p.slice(7..<12))])
    #expect(abs(whole - right) < 1e-6 && abs(parts - right) < 1e-6, "\(name): \(whole), \(parts), \(right)")
  }

  @Test("how many cases ran")
  func coverage() throws {
    try Coverage(.metrics, skipping: []).report(run: Fixtures.cases(.metrics).count)
  }

  static func result(_ metric: Metric, _ y: [Float], _ p: [Float], _ shape: [Int]? = nil) throws -> Double {
    let shape = try Shape(shape ?? [y.count])
    return try MetricTests.result(metric, [(Tensor(y, shape: shape), Tensor(p, shape: shape))])
  }

  @Test("top k: classes as probable as the k-th count; an output that is not finite is wrong")
  func topK() throws {
    let scores: [Float] = [0.1, 0.3, 0.3, 0.3, 0.4, 0.3, 0.2, 0.1, .nan, 0, 0, 1, 0, 0, .infinity, 0]
    let p = try Tensor(scores, shape: Shape([4, 4]))
    let y = try Tensor([3, 2, 3, 2])
    let rows: [[Double]] = [[1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]]
    for (k, hits) in zip(1...3, rows) {
      let metric = try Self.metric("SparseTopKCategoricalAccuracy", #"{"k": \#(k)}"#)
      #expect(try MetricTests.result(metric, [(y, p)]) == hits.reduce(0, +) / 4)
    }
    let oneHot = try Tensor([0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0], shape: Shape([4, 4]))
    #expect(try MetricTests.result(Self.metric("TopKCategoricalAccuracy", #"{"k": 3}"#), [(oneHot, p)]) == 0.5)
    #expect(throws: NNError.self) { try Self.metric("TopKCategoricalAccuracy", #"{"k": 0}"#) }
  }

  @Test("precision and recall: thresholds, and nothing out of nothing")
  func precisionRecall() throws {
    let (y, p): ([Float], [Float]) = ([0, 1, 1, 0, 1], [0.9, 0.8, 0.3, 0.5, 0.6])
    #expect(try Self.result(Self.metric("Precision"), y, p) == 2.0 / 3)
    #expect(try Self.result(Self.metric("Recall"), y, p) == 2.0 / 3)
    #expect(try Self.result(Self.metric("Recall", #"{"thresholds": 0.2}"#), y, p) == 1)
    #expect(try Self.result(Self.metric("Precision", #"{"thresholds": [0.2]}"#), y, p) == 0.6)
    #expect(try Self.result(Self.metric("Precision"), [1, 0], [0.1, 0.2]) == 0)
    #expect(try Self.result(Self.metric("Recall"), [0, 0], [0.9, 0.2]) == 0)
    #expect(throws: NNError.self) { try Self.metric("Precision", #"{"thresholds": 1.5}"#) }
    #expect(throws: NNError.self) { try Self.metric("Precision", #"{"thresholds": [0.2, 0.5]}"#) }
  }

  /// Keras's documentation: labels 0 0 1 1, outputs 0, 0.5, 0.3, 0.9, three thresholds (1e-7 beyond 0 and 1, and 0.5).
  /// tp = [2, 1, 0], fp = [2, 0, 0]: recall = [1, 0.5, 0], false positive rate = [1, 0, 0].
  @Test(
    "AUC by hand",
    arguments: [
      ("ROC", "interpolation", 0.75), ("ROC", "majoring", 1.0), ("ROC", "minoring", 0.5),
      // precision = [0.5, 1, 0]
      ("PR", "majoring", 1.0), ("PR", "minoring", 0.25), ("PR", "interpolation", 0.8206994),
    ])
  func auc(_ curve: String, _ method: String, _ expected: Double) throws {
    let metric = try Self.metric(
      "AUC", #"{"num_thresholds": 3, "curve": "\#(curve)", "summation_method": "\#(method)"}"#)
    #expect(try abs(Self.result(metric, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9]) - expected) < 1e-6)
    let given = try Self.metric(
      "AUC", #"{"thresholds": [0.5], "curve": "\#(curve)", "summation_method": "\#(method)"}"#)
    #expect(try abs(Self.result(given, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9]) - expected) < 1e-6)
  }

  @Test("AUC: wrong arguments, one class only")
  func aucLimits() throws {
    #expect(throws: NNError.self) { try Self.metric("AUC", #"{"num_thresholds": 1}"#) }
    #expect(throws: NNError.self) { try Self.metric("AUC", #"{"thresholds": [2]}"#) }
    #expect(throws: NNError.self) { try Self.metric("AUC", #"{"curve": "roc"}"#) }
    #expect(try Self.result(Self.metric("AUC"), [1, 1], [0.2, 0.7]) == 0)
  }

  /// Three classes; calls: 0 1 1 2 0, labels: 0 1 2 2 1. tp = [1, 1, 1], calls = [2, 2, 1], positives = [1, 2, 2];
  /// scores 2/3, 1/2, 2/3.
  @Test("F1", arguments: [("macro", 0.6111111111111112), ("micro", 0.6), ("weighted", 0.6)] as [(String, Double)])
  func f1(_ average: String, _ expected: Double) throws {
    let y: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0]
    let p: [Float] = [0.7, 0.2, 0.1, 0.1, 0.5, 0.4, 0, 0.6, 0.4, 0.2, 0.2, 0.6, 0.9, 0, 0.1]
    let metric = try Self.metric("F1Score", #"{"average": "\#(average)"}"#)
    #expect(try abs(Self.result(metric, y, p, [5, 3]) - expected) < 1e-9)
  }

  @Test("F1 of yes-or-no answers, with and without a threshold")
  func binaryF1() throws {
    let (y, p): ([Float], [Float]) = ([0, 1, 1, 0], [0.9, 0.8, 0.3, 0.2])
    #expect(try Self.result(Self.metric("F1Score"), y, p) == 0.5)
    #expect(try Self.result(Self.metric("F1Score", #"{"threshold": 0.25}"#), y, p) == 0.8)
    #expect(try Self.result(Self.metric("F1Score"), [0, 0], [0.1, 0.2]) == 0)
  }

  @Test("R²: of one output, of several, adjusted")
  func r2() throws {
    // y: mean 2.5, variance sum 5; errors 0.25 · 4 = 1
    let (y, p): ([Float], [Float]) = ([1, 2, 3, 4], [1.5, 1.5, 3.5, 3.5])
    #expect(try abs(Self.result(Self.metric("R2Score"), y, p) - 0.8) < 1e-6)
    #expect(try abs(Self.result(Self.metric("R2Score", #"{"num_regressors": 1}"#), y, p) - 0.7) < 1e-6)
    #expect(try abs(Self.result(Self.metric("R2Score", #"{"num_regressors": 3}"#), y, p) - 0.8) < 1e-6)
    // The second output: variance 20, error 4.
    let both: ([Float], [Float]) = ([1, 2, 2, 4, 3, 6, 4, 8], [1.5, 3, 1.5, 5, 3.5, 7, 3.5, 7])
    #expect(try abs(Self.result(Self.metric("R2Score"), both.0, both.1, [4, 2]) - 0.8) < 1e-6)
    let weighted = try Self.metric("R2Score", #"{"class_aggregation": "variance_weighted_average"}"#)
    let uneven: [Float] = [1, 3, 2, 5, 3, 7, 4, 7]  // the first is perfect
    #expect(try abs(Self.result(Self.metric("R2Score"), both.0, uneven, [4, 2]) - 0.9) < 1e-6)
    #expect(try abs(Self.result(weighted, both.0, uneven, [4, 2]) - 0.84) < 1e-6)
    // No variance to explain: Keras gives 0, not −∞.
    #expect(try Self.result(Self.metric("R2Score"), [1, 1], [1, 2]) == 0)
  }

  @Test("mean and sum of the outputs; the metric's cosine has no minus")
  func others() throws {
    #expect(try Self.result(Self.metric("Mean"), [0, 0, 0], [1, 2, 6]) == 3)
    #expect(try Self.result(Self.metric("Sum"), [0, 0, 0], [1, 2, 6]) == 9)
    #expect(try Self.result(Self.metric("CosineSimilarity"), [1, 0, 1, 1], [2, 0, 1, -1], [2, 2]) == 0.5)
    let loss = try #require(try Loss.decode(.string("cosine_similarity")))
    let values = try Evaluate.values(loss(Evaluate.input([1, 0], [1, 2]), Evaluate.input([2, 0], [1, 2])))
    #expect(try values[0].item() == -1)
  }

  @Test("confusion matrix")
  func confusion() throws {
    let y = try Tensor([0, 1, 2, 2, 1]).astype(.int32)
    let p = try Tensor([0.7, 0.2, 0.1, 0.1, 0.5, 0.4, 0, 0.6, 0.4, 0.2, 0.2, 0.6, 0.9, 0, 0.1], shape: Shape([5, 3]))
    let expected: [Float] = [1, 0, 0, 1, 1, 0, 0, 1, 1]
    let matrix = try ConfusionMatrix.make(yTrue: y, yPred: p)
    #expect(matrix.values == expected && matrix.shape.dimensions == [3, 3] && matrix.dtype == .int32)
    let indices = try Tensor([0, 1, 1, 2, 0])
    #expect(try ConfusionMatrix.make(yTrue: y, yPred: indices).values == expected)
    #expect(try ConfusionMatrix.make(yTrue: y, yPred: indices, classes: 4).shape.dimensions == [4, 4])
    #expect(
      Evaluate.message { _ = try ConfusionMatrix.make(yTrue: y, yPred: indices, classes: 2) }
        == "confusion_matrix: class 2 occurs, but 'num_classes' is 2")
    #expect(
      Evaluate.message { _ = try ConfusionMatrix.make(yTrue: Tensor([0, -1]), yPred: Tensor([0, 1])) }
        == "confusion_matrix: y_true has -1.0 at row 1, which is no class index")
    #expect(throws: NNError.self) { try ConfusionMatrix.make(yTrue: y, yPred: Tensor([0, 1])) }
    let function = try TensorFunctions.named("confusion_matrix")
    #expect(try function([y, p]).values == expected)
    #expect(try function([y, p], Arguments([.integer(4)])).shape.dimensions == [4, 4])
    #expect(throws: NNError.self) { try function([Symbol.fill(0, .scalar), Symbol.fill(0, .scalar)]) }
    #expect(throws: NNError.self) { try ConfusionMatrix.make(yTrue: y, yPred: p, classes: 0) }
  }
}
