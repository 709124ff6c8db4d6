import Foundation
import Testing

@testable import NNEngine

/// find_learning_rate: the book's experiment, without a trace.
@Suite("Search for a learning rate", .serialized)
struct LearningRateSearchTests {
  static func options(_ json: String) throws -> LearningRateSearch { try .make(Make.arguments(json)) }

  /// The book: rate_i = min · (max / min)^(i / iterations), losses of the batches.
  @Test("rates grow exponentially; losses are the batches'")
  func rates() throws {
    let (x, y) = try Make.samples(100)
    let model = try Make.classifier()
    let (rates, losses) = try model.findLearningRate(
      Samples(x: x, y: y), Self.options(#"{"min_rate": 1e-4, "max_rate": 1e-2, "epochs": 2, "batch_size": 30}"#))
    #expect(rates.shape.dimensions == [8] && losses.shape.dimensions == [8])
    expectClose(rates.values.map(Double.init), (0..<8).map { 1e-4 * pow(100, Double($0) / 8) }, relative: 1e-6)
    // One batch of all samples: its loss is the model's before any update.
    let whole = try model.findLearningRate(Samples(x: x, y: y), Self.options(#"{"batch_size": 100}"#))
    expectClose(whole.losses.values[0], try model.evaluate(x: x, y: y)[0], relative: 1e-5)
    // The rate is what the optimizer uses: SGD's weights after one step with it have the second batch's loss.
    let two = try model.findLearningRate(
      Samples(x: x, y: y), Self.options(#"{"batch_size": 100, "epochs": 2, "min_rate": 0.1, "max_rate": 0.4}"#))
    try #require(model.optimizer).setLearningRate(0.1)
    _ = try model.trainOnBatch(x: x, y: y)
    expectClose(two.losses.values[1], try model.evaluate(x: x, y: y)[0], relative: 1e-5)
  }

  /// Everything that a training changes.
  static func state(_ model: Model) throws -> [[Float]] {
    let optimizer = try #require(model.optimizer)
    return try Make.weights(model) + optimizer.slotVariables.map { try $0.value().values }
      + [[Float(optimizer.iterations)]]
  }

  @Test("nothing is left: weights, statistics, slots, steps, rate or schedule, random numbers, history")
  func untouched() throws {
    let schedule =
      #"{"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 0.01, "decay_steps": 9, "decay_rate": 0.9}}"#
    for optimizer in [
      #"{"class_name": "Nadam", "config": {"learning_rate": \#(schedule)}}"#,
      #"{"class_name": "SGD", "config": {"learning_rate": 0.02, "momentum": 0.9, "decay": 0.1}}"#,
      #"{"class_name": "Adam", "config": {"learning_rate": 0.02, "use_ema": true}}"#,
    ] {
      let (x, y) = try Make.samples(64, width: 20)
      // The same model twice: one searches between two trainings, the other does not.
      let models = try (0..<2).map { _ in
        let model = try MonteCarloTests.network()
        try model.compile(
          Make.arguments(#"{"loss": "sparse_categorical_crossentropy", "optimizer": \#(optimizer)}"#))
        MonteCarloTests.seeded(model, 4)
        try model.fit(x: x, y: y, Make.options(#"{"batch_size": 16, "shuffle": false}"#))
        return model
      }
      let before = try Self.state(models[0])
      let history = models[0].history
      let random = (models[0].random.seed, models[0].random.step)
      _ = try models[0].findLearningRate(Samples(x: x, y: y), Self.options(#"{"batch_size": 16}"#))
      #expect((models[0].random.seed, models[0].random.step) == random)
      #expect(try zip(Self.state(models[0]), before).allSatisfy { haveSameBits($0, $1) })
      #expect(models[0].history === history)
      let configurations = models.map { $0.optimizer.map { JSON.text(.table($0.configuration)) } }
      #expect(configurations[0] != nil && configurations[0] == configurations[1])
      for model in models { try model.fit(x: x, y: y, Make.options(#"{"batch_size": 16, "shuffle": false}"#)) }
      #expect(try zip(Self.state(models[0]), Self.state(models[1])).allSatisfy { haveSameBits($0, $1) })
    }
  }

  @Test("it stops where the loss explodes, and leaves the model as it was")
  func explosion() throws {
    let (x, _) = try Make.samples(400)
    let y = try Tensor((0..<400).map { Float($0 % 7) })
    let model = try Model(name: "m", layers: [Make.dense(1, "linear", "a", input: 4)])
    try model.compile(Make.arguments(#"{"loss": "mse", "optimizer": "sgd"}"#))
    let before = try Make.weights(model)
    let (rates, losses) = try model.findLearningRate(
      Samples(x: x, y: y), Self.options(#"{"min_rate": 1e-3, "max_rate": 1e6, "batch_size": 4}"#))
    let values = losses.values
    #expect(values.count < 100 && values.count == rates.values.count && values.allSatisfy(\.isFinite))
    let (last, rest) = (try #require(values.last), values.dropLast())
    #expect(last > values[0] && last > 10 * (rest.min() ?? 0))
    var smallest = Float.infinity
    for loss in rest {
      smallest = min(smallest, loss)
      #expect(!(loss > 10 * smallest && loss > values[0]))
    }
    #expect(try Make.weights(model) == before)
  }

  @Test("wrong arguments are refused before anything runs; cancelling leaves no trace")
  func refusals() throws {
    let (x, y) = try Make.samples(40)
    for json in [
      #"{"min_rate": 0}"#, #"{"min_rate": 1, "max_rate": 1}"#, #"{"epochs": 0}"#, #"{"batch_size": -1}"#,
      #"{"min_rat": 1}"#,
    ] { #expect(throws: NNError.self) { try Self.options(json) } }
    let plain = try Model(name: "m", layers: [Make.dense(1, "linear", "a", input: 4)])
    #expect(throws: NNError.self) { try plain.findLearningRate(Samples(x: x, y: y)) }
    let model = try Make.classifier()
    let before = try Self.state(model)
    let error = #expect(throws: NNError.self) {
      try model.findLearningRate(
        Samples(x: x, y: y), Self.options(#"{"batch_size": 4}"#), callbacks: [Canceller(model)])
    }
    #expect(error?.code == .cancelled)
    #expect(try Make.weights(model) == Array(before.prefix(4)))
    model.trainable = false
    #expect(throws: NNError.self) { try model.findLearningRate(Samples(x: x, y: y)) }
  }

  final class Canceller: Callback {
    let model: Model
    init(_ model: Model) { self.model = model }
    func batchEnded(_ batch: Int, _ run: TrainingRun) { if batch == 2 { model.cancel() } }
  }
}
