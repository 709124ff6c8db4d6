import Testing

@testable import NNEngine

/// predict_mc: mean and deviation over passes with dropout live.
@Suite("Monte Carlo dropout", .serialized)
struct MonteCarloTests {
  static func dropout(_ name: String, _ rate: Double, input: Int? = nil) throws -> Layer {
    let shape = input.map { #", "input_shape": [\#($0)]"# } ?? ""
    return try Make.layer("Dropout", #"{"rate": \#(rate), "name": "\#(name)"\#(shape)}"#)
  }

  /// Dropout before each Dense, batch normalization between, as in the book's network.
  static func network(_ width: Int = 20, rate: Double = 0.2) throws -> Model {
    let model = try Model(
      name: "mc",
      layers: [
        dropout("d1", rate, input: width), Make.dense(30, "elu", "a"),
        Make.layer("BatchNormalization", #"{"name": "bn"}"#), dropout("d2", rate), Make.dense(3, "softmax", "b"),
      ])
    var numbers = TestNumbers(5)
    for variable in model.variables {
      try variable.set(Tensor(numbers.floats(variable.shape.count, scale: 0.5).map(abs), shape: variable.shape))
    }
    return model
  }

  /// Gives the model a seed of its own, which tests that set the process's meanwhile do not disturb.
  static func seeded(_ model: Model, _ seed: UInt64) { model.random.start(seed: seed) }

  /// What predict_mc is defined by: the passes kept, their mean and deviation in double precision.
  static func reference(_ model: Model, _ x: Tensor, samples: Int) throws -> (mean: [Double], deviation: [Double]) {
    let step = try model.program(
      .monteCarlo, batch: x.rows, StepProgram.Shapes(x: [x.shape.sample]))
    try step.x[0].set(x)
    step.prelude?.run()
    var passes: [[Double]] = []
    for _ in 0..<samples {
      model.random.beginStep()
      step.program.run()
      passes.append(try step.program.value(0).values.map(Double.init))
    }
    let n = Double(samples)
    let mean = passes[0].indices.map { i in passes.reduce(0) { $0 + $1[i] } / n }
    let deviation = mean.indices.map { i in
      (passes.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[i] - mean[i]) } / n).squareRoot()
    }
    return (mean, deviation)
  }

  @Test("mean and deviation are those of the passes")
  func moments() throws {
    let model = try Self.network()
    let x = try Make.samples(50, width: 20).x
    Self.seeded(model, 3)
    let expected = try Self.reference(model, x, samples: 40)
    Self.seeded(model, 3)
    let (mean, deviation) = try model.predictMonteCarlo(x: x, samples: 40)
    expectClose(mean.values.map(Double.init), expected.mean, relative: 1e-6)
    expectClose(deviation.values.map(Double.init), expected.deviation, relative: 1e-5, absolute: 1e-8)
    #expect(deviation.values.allSatisfy { $0 > 0 })
  }

  /// Batch normalization by its moving statistics, each pass as dropout in training would have it.
  @Test("only dropout is live: statistics stay, a pass is the network with its mask")
  func inference() throws {
    let model = try Self.network()
    let x = try Make.samples(8, width: 20).x
    let before = try Make.weights(model)
    // Two passes with frozen normalization, called in training, draw the same masks.
    try model.layer(named: "bn").trainable = false
    Self.seeded(model, 11)
    let passes = try (0..<2).map { _ in try model(x, training: true).values.map(Double.init) }
    Self.seeded(model, 11)
    let mean = try model.predictMonteCarlo(x: x, samples: 2).mean
    expectClose(mean.values.map(Double.init), zip(passes[0], passes[1]).map { ($0 + $1) / 2 }, relative: 1e-5)
    try model.layer(named: "bn").trainable = true
    _ = try model.predictMonteCarlo(x: x, samples: 5)
    #expect(try Make.weights(model) == before)
  }

  /// p = 1/2 doubles what it keeps: x becomes 0 or 2x, mean x, deviation x.
  @Test("the moments of a dropped number")
  func formula() throws {
    let model = try Model(name: "one", layers: [Self.dropout("d", 0.5, input: 1)])
    let x = try Tensor([1, -3], shape: Shape([2, 1]))
    let (mean, deviation) = try model.predictMonteCarlo(x: x, samples: 20_000)
    // Five standard errors.
    expectClose(mean.values, [1, -3], relative: 5 / 20_000.squareRoot())
    expectClose(deviation.values, [1, 3], relative: 1e-3)
  }

  @Test("no digits are lost where the deviation is small beside the mean")
  func stability() throws {
    let model = try Model(
      name: "noise",
      layers: [
        Make.layer("Rescaling", #"{"scale": 1, "offset": 1000, "input_shape": [1], "name": "shift"}"#),
        Make.layer("GaussianNoise", #"{"stddev": 0.01, "name": "noise"}"#),
      ])
    Self.seeded(model, 1)
    let (mean, deviation) = try model.predictMonteCarlo(x: Tensor([0, 1, 2], shape: Shape([3, 1])), samples: 4000)
    expectClose(mean.values, [1000, 1001, 1002], relative: 1e-6)
    expectClose(deviation.values, [0.01, 0.01, 0.01], relative: 0.06)
  }

  @Test("the same bits at 1, 2 and 3 threads and with a short last batch; other masks with another seed")
  func reproducible() throws {
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    let model = try Self.network(300)
    let x = try Make.samples(333, width: 300).x
    var results: [[Float]] = []
    for threads in [1, 2, 3] {
      ThreadPool.shared.threadCount = threads
      Self.seeded(model, 9)
      let (mean, deviation) = try model.predictMonteCarlo(x: x, samples: 3, batchSize: 100)
      results.append(mean.values + deviation.values)
    }
    #expect(haveSameBits(results[0], results[1]) && haveSameBits(results[0], results[2]))
    let next = try model.predictMonteCarlo(x: x, samples: 3, batchSize: 100)
    #expect(next.mean.values + next.standardDeviation.values != results[0])
  }

  @Test("uint8 images are read as they are")
  func storage() throws {
    let model = try Self.network(4)
    let bytes: [UInt8] = [0, 1, 2, 255, 7, 0, 0, 9]
    let x = try bytes.withUnsafeBytes { bytes in
      try Tensor(copying: #require(bytes.baseAddress), shape: Shape([2, 4]), dtype: .uint8)
    }
    Self.seeded(model, 2)
    let a = try model.predictMonteCarlo(x: x, samples: 3)
    Self.seeded(model, 2)
    let b = try model.predictMonteCarlo(x: x.astype(.float32), samples: 3)
    #expect(haveSameBits(a.mean.values, b.mean.values))
  }

  @Test("what stands before the first dropout is computed once for a batch")
  func prelude() throws {
    let model = try Model(
      name: "late",
      layers: [
        Make.dense(50, "elu", "a", input: 20), Make.dense(40, "elu", "b"), Self.dropout("d", 0.5),
        Make.dense(3, "softmax", "c"),
      ])
    let step = try model.program(.monteCarlo, batch: 7, StepProgram.Shapes(x: [Shape([20])]))
    #expect(try #require(step.prelude).explain().components("MatMul") == 2)
    #expect(step.program.explain().components("MatMul") == 1)
    // Nothing stands before it: nothing is copied.
    let direct = try Self.network().program(.monteCarlo, batch: 7, StepProgram.Shapes(x: [Shape([20])]))
    #expect(direct.x.count == 1)
  }

  /// Zeros in the input, rates on both sides of what is worth it, rows of one and of many lanes.
  @Test("what is dropped is taken away from the whole product: the same numbers as by the reference")
  func dropoutProduct() throws {
    for (rate, units, rows) in [(0.2, 300, 130), (0.1, 3, 65), (0.3, 100, 7), (0.5, 20, 9)] {
      let model = try Model(
        name: "first",
        layers: [
          Make.layer("Flatten", #"{"name": "flat", "input_shape": [7, 5]}"#), Self.dropout("d1", rate),
          Make.dense(units, "elu", "a"), Self.dropout("d2", rate), Make.dense(3, "linear", "b"),
        ])
      var numbers = TestNumbers(3)
      let x = try Tensor(numbers.floats(rows * 35).map { max($0, 0) }, shape: Shape([rows, 7, 5]))
      Self.seeded(model, 8)
      let fast = try model.predictMonteCarlo(x: x, samples: 3)
      let step = try model.program(.monteCarlo, batch: rows, StepProgram.Shapes(x: [x.shape.sample]))
      #expect(step.program.explain().contains("· MatMul") == (rate < 0.4))
      Self.seeded(model, 8)
      let passes = try (0..<3).map { _ in try model(x, training: true).values.map(Double.init) }
      let mean = passes[0].indices.map { (passes[0][$0] + passes[1][$0] + passes[2][$0]) / 3 }
      expectClose(fast.mean.values.map(Double.init), mean, relative: 1e-5, absolute: 2e-6)
    }
  }

  @Test("several outputs, one of them without anything random")
  func outputs() throws {
    let x = try FunctionalModelTests.input(4, "x")
    let hidden = try Make.dense(5, "tanh", "hidden")(x)
    let plain = try Make.dense(2, "linear", "plain")(hidden)
    let noisy = try Make.dense(3, "softmax", "noisy")(Self.dropout("d", 0.5)(hidden))
    let model = try Model(name: "two", inputs: [x], outputs: [plain, noisy])
    let data = try Make.samples(9).x
    let result = try model.predictMonteCarlo([data], samples: 10)
    let expected = try model.predict([data])
    expectClose(result.mean[0].values, expected[0].values, relative: 1e-6)
    #expect(result.standardDeviation[0].values.allSatisfy { $0 == 0 })
    #expect(result.mean[1].shape.dimensions == [9, 3])
    #expect(result.standardDeviation[1].values.allSatisfy { $0 > 0 })
  }

  @Test("what has no meaning is refused; cancelling ends it")
  func refusals() throws {
    let x = try Make.samples(5).x
    let plain = try Make.classifier()
    #expect(throws: (any Error).self) { try plain.predictMonteCarlo(x: x) }
    do { _ = try plain.predictMonteCarlo(x: x) } catch {
      #expect(error.code == .state && error.message.contains("nothing is random"))
    }
    let still = try Self.network(4, rate: 0)
    #expect(throws: NNError.self) { try still.predictMonteCarlo(x: x) }
    let model = try Self.network(4)
    #expect(throws: NNError.self) { try model.predictMonteCarlo(x: x, samples: 0) }
    #expect(throws: NNError.self) { try model.predictMonteCarlo(x: x, batchSize: 0) }
    let canceller = Canceller(model, after: 7)
    do {
      _ = try model.predictMonteCarlo(x: x, samples: 1 << 40, callbacks: [canceller])
      Issue.record("it should have been cancelled")
    } catch { #expect(error.code == .cancelled) }
    #expect(canceller.passes == 7)
    #expect(try model.predictMonteCarlo(x: x, samples: 2).mean.rows == 5)
  }

  /// Cancels after some passes.
  final class Canceller: Callback {
    let model: Model
    let limit: Int
    var passes = 0
    init(_ model: Model, after limit: Int) { (self.model, self.limit) = (model, limit) }
    func predictBatchEnded(_ batch: Int, _ run: TrainingRun) {
      passes += 1
      if passes == limit { model.cancel() }
    }
  }
}

/// A pass allocates nothing: what a call allocates does not depend on their number.
@Suite("Allocation in Monte Carlo passes", .serialized)
struct MonteCarloAllocationTests {
  @Test("as many allocations for 200 passes as for 2", .countsAllocations)
  func passes() throws {
    let model = try MonteCarloTests.network()
    let x = try Make.samples(50, width: 20).x
    _ = try model.predictMonteCarlo(x: x, samples: 2)
    let few = try AllocationCounter.count { _ = try model.predictMonteCarlo(x: x, samples: 2) }
    let many = try AllocationCounter.count { _ = try model.predictMonteCarlo(x: x, samples: 200) }
    #expect(abs(Int(many) - Int(few)) < AllocationCounter.chance, "\(few) for 2 passes, \(many) for 200")
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
