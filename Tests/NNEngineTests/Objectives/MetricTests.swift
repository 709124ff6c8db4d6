import Testing

@testable import NNEngine

@Suite("Metrics")
struct MetricTests {
  static func metric(_ name: String) throws -> Metric { try #require(try Metric.decode(.string(name))) }

  /// Batches go through separately, as in training.
  static func result(_ metric: Metric, _ batches: [(y: Tensor, p: Tensor)]) throws -> Double {
    try result(metric, batches.map { ($0.y, $0.p, nil) })
  }

  static func result(_ metric: Metric, _ batches: [(y: Tensor, p: Tensor, w: Tensor?)]) throws -> Double {
    var sums: [[Double]] = []
    for batch in batches {
      let weights = try batch.w.map { try Evaluate.input($0) }
      let parts = try metric.increments(Evaluate.input(batch.y), Evaluate.input(batch.p), weights: weights)
      let program = try Program(outputs: parts)
      program.run()
      let values = try parts.indices.map { try program.value($0).values.map { Double($0) } }
      if sums.isEmpty {
        sums = values
      } else {
        for i in values.indices { for j in values[i].indices { sums[i][j] += values[i][j] } }
      }
    }
    return metric.result(sums)
  }

  @Test(
    "accuracies are Keras's, in one batch and in two of unequal size",
    arguments: ["sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy"])
  func keras(_ name: String) throws {
    let expected = try Fixtures.named(.metrics, name)
    let y = try Evaluate.tensor(expected.array("y_true"))
    let p = try Evaluate.tensor(expected.array("y_pred"))
    let right = try #require(try expected.array("result").data.first)
    for metric in [try Self.metric(name), try Self.metric("accuracy")] {
      let whole = try Self.result(metric, [(y, p)])
      let parts = try Self.result(
        metric, [(try y.slice(0..<7), try p.slice(0..<7)), (try y.slice(7..<12), try p.slice(7..<12))])
      #expect(abs(whole - right) < 1e-6 && abs(parts - right) < 1e-6, "\(metric.key): \(whole), \(parts), \(right)")
    }
  }

  @Test("accuracy follows the shapes")
  func guises() throws {
    let accuracy = try Self.metric("acc")
    let p = try Tensor([0.9, 0.2, 0.6], shape: Shape([3, 1]))
    #expect(try Self.result(accuracy, [(Tensor([1, 0, 0]), p)]) == 2.0 / 3)
    let rows = try Tensor([0.9, 0.1, 0.2, 0.8], shape: Shape([2, 2]))
    #expect(try Self.result(accuracy, [(Tensor([0, 0]), rows)]) == 0.5)
    #expect(try Self.result(accuracy, [(Tensor([0, 1], shape: Shape([2, 1])), rows)]) == 1)
    #expect(try Self.result(accuracy, [(Tensor([0, 1, 0, 1], shape: Shape([2, 2])), rows)]) == 0.5)
  }

  @Test("an output of exactly one half is a no; the threshold can be moved")
  func threshold() throws {
    let p = try Tensor([0.5, 0.3], shape: Shape([2, 1]))
    let y = try Tensor([0, 1])
    #expect(try Self.result(Self.metric("binary_accuracy"), [(y, p)]) == 0.5)
    let low = try Metric.registry.entry("BinaryAccuracy").make(
      Arguments([.string("low")], Value.Table([("threshold", .number(0.25))])))
    #expect(low.key == "low")
    #expect(try Self.result(low, [(y, p)]) == 0.5)
  }

  @Test("the key is what the user wrote, or Keras's name")
  func keys() throws {
    #expect(try Self.metric("acc").key == "acc")
    #expect(try Self.metric("mse").key == "mse")
    let made = try Metric.registry.entry("MeanSquaredError").make(Arguments())
    #expect(made.key == "mean_squared_error")
    let named = try Metric.registry.entry("mse").make(Arguments([], Value.Table([("name", .string("error"))])))
    #expect(named.key == "error")
    #expect(
      JSON.text(named.encoded) == #"{"class_name": "MeanSquaredError", "config": {"name": "error"}}"#)
    #expect(try Metric.decode(JSON.parse(JSON.text(named.encoded)))?.key == "error")
    #expect(throws: NNError.self) {
      try Metric.registry.entry("mse").make(Arguments([], Value.Table([("nmae", .string("error"))])))
    }
  }

  @Test("losses as metrics: the mean over samples")
  func losses() throws {
    let y = try Tensor([1, 2, 3])
    let p = try Tensor([1, 1, 1], shape: Shape([3, 1]))
    let value = try Self.result(
      Self.metric("mse"), [(try y.slice(0..<1), try p.slice(0..<1)), (try y.slice(1..<3), try p.slice(1..<3))])
    #expect(abs(value - 5.0 / 3) < 1e-6)
  }

  @Test("a misfit names the metric; an unknown one is answered with a suggestion")
  func errors() throws {
    let y = try Symbol.fill(0, Shape([2, 3]))
    let p = try Symbol.fill(0, Shape([2, 4]))
    #expect(
      Evaluate.message { _ = try Self.metric("accuracy").increments(y, p) }.hasPrefix(
        "accuracy: labels of shape (None, 3)"))
    #expect(Evaluate.message { _ = try Self.metric("acuracy") } == "unknown metric 'acuracy'; did you mean 'accuracy'?")
  }
}
