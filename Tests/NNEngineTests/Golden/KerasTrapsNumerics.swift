import Testing

@testable import NNEngine

/// Traps 1–9 of Keras's semantics: what optimizers and initializers really compute.
@Suite("Keras's traps: numerics")
struct KerasTrapsNumerics {
  /// What one step takes from a weight of 0 for a gradient.
  private static func steps(_ name: String, _ json: String, _ gradients: [Float]) throws -> [Float] {
    let run = try OptimizerRun(Make.optimizer(name, json), [0])
    var before: Float = 0
    return try gradients.map { gradient in
      try run.step([gradient])
      let now = try run.values()[0]
      defer { before = now }
      return before - now
    }
  }

  @Test("trap 1: Nadam is Keras 2's: its momentum grows with 0.96^(0.004 t), and its rate does not decay")
  func nadam() throws {
    let taken = try Self.steps("Nadam", #"{"learning_rate": 0.1}"#, [1, 1, 1])
    expectClose(taken, [0.105645, 0.078368, 0.073222], relative: 1e-5)  // Keras 3: 0.106279, 0.077359, 0.071134
  }

  @Test("trap 2: Adam's epsilon stands beside the uncorrected root")
  func adam() throws {
    // α = 0.1·√0.001/0.1; m = 0.1, √v = √0.001. PyTorch's place for ε would give 0.05.
    let alpha = 0.001.squareRoot()
    expectClose(
      try Self.steps("Adam", #"{"learning_rate": 0.1, "epsilon": 1}"#, [1])[0], alpha * 0.1 / (alpha + 1),
      relative: 1e-5)
  }

  @Test("trap 3: RMSprop: epsilon outside the root without momentum, inside it with")
  func rmsprop() throws {
    let plain = try Self.steps("RMSprop", #"{"learning_rate": 0.1, "epsilon": 0.01}"#, [1])[0]
    let moving = try Self.steps("RMSprop", #"{"learning_rate": 0.1, "epsilon": 0.01, "momentum": 0.9}"#, [1])[0]
    expectClose(plain, 0.1 / (0.1.squareRoot() + 0.01), relative: 1e-5)
    expectClose(moving, 0.1 / (0.1 + 0.01).squareRoot(), relative: 1e-5)
  }

  @Test("trap 4: Adagrad begins at 0.1, with epsilon outside the root")
  func adagrad() throws {
    expectClose(
      try Self.steps("Adagrad", #"{"learning_rate": 0.1, "epsilon": 0.01}"#, [1])[0],
      0.1 / (1.1.squareRoot() + 0.01), relative: 1e-5)
  }

  @Test("trap 5: the rate is inside SGD's velocity, which matters once it changes")
  func velocity() throws {
    let rates = #"{"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [0], "values": [0.1, 0.01]}}"#
    // v: −0.1, then 0.9·(−0.1) − 0.01. With the rate outside: 0.01·1.9 = 0.019.
    expectClose(
      try Self.steps("SGD", #"{"learning_rate": \#(rates), "momentum": 0.9}"#, [1, 1]), [0.1, 0.1], relative: 1e-6)
    expectClose(
      try Self.steps("SGD", #"{"learning_rate": \#(rates), "momentum": 0.9, "nesterov": true}"#, [1, 1]),
      [0.9 * 0.1 + 0.1, 0.9 * 0.1 + 0.01], relative: 1e-6)
  }

  @Test("trap 6: decay works, step by step, the first undecayed; lr is learning_rate and never ignored")
  func decay() throws {
    let expected: [Float] = [1, 1 / 2, 1 / 3]
    for name in ["lr", "learning_rate"] {
      expectClose(try Self.steps("SGD", #"{"\#(name)": 1, "decay": 1}"#, [1, 1, 1]), expected, relative: 1e-6)
    }
    #expect(try Make.optimizer("Adam", #"{"lr": 0.5}"#).learningRate == 0.5)
    #expect(throws: NNError.self) { try Make.optimizer("Adam", #"{"lr": 0.5, "learning_rate": 0.1}"#) }
  }

  private static func clipped(_ json: String, _ gradients: [Float]...) throws -> [[Float]] {
    let run = try OptimizerRun(
      Make.optimizer("SGD", json), gradients.enumerated().map { ("w\($0)", try Tensor(zeros: Shape([$1.count]))) })
    try run.step(gradients)
    return try gradients.indices.map { try run.values($0).map { -$0 } }
  }

  @Test("trap 7: clipnorm is each variable's, global_clipnorm all variables'; norm first, then value")
  func clipping() throws {
    expectClose(
      try Self.clipped(#"{"lr": 1, "clipnorm": 1}"#, [0.9, 100])[0], [0.00899964, 0.9999595], relative: 1e-5)
    expectClose(
      try Self.clipped(#"{"lr": 1, "clipnorm": 1}"#, [3, 4], [6, 8]).flatMap { $0 }, [0.6, 0.8, 0.6, 0.8],
      relative: 1e-6)
    let root = Float(125).squareRoot()
    expectClose(
      try Self.clipped(#"{"lr": 1, "global_clipnorm": 1}"#, [3, 4], [6, 8]).flatMap { $0 },
      [3, 4, 6, 8].map { $0 / root }, relative: 1e-6)
    #expect(try Self.clipped(#"{"lr": 1, "clipnorm": 1, "clipvalue": 0.5}"#, [100, 100]) == [[0.5, 0.5]])
  }

  /// The penalty's gradient is 2·100·w, by far the larger part: what reaches the weights has norm 1 all the same.
  @Test("trap 7: the penalties' gradients are clipped with the rest, weight decay is not")
  func clippedPenalty() throws {
    let l2 = #", "kernel_regularizer": {"class_name": "l2", "config": {"l": 100}}, "use_bias": false"#
    let (x, y) = try Make.samples(8, classes: 2)
    for (decay, kept) in [("", 1.0), (#", "weight_decay": 0.5"#, 0.5)] {
      let model = try Model(name: "m", layers: [Make.dense(1, "sigmoid", "a", input: 4, l2)])
      let start: [Float] = [1, -2, 3, -4]
      try model.setWeights([Tensor(start, shape: Shape([4, 1]))])
      try model.compile(
        Make.arguments(
          #"""
          {"loss": "binary_crossentropy", "optimizer":
           {"class_name": "SGD", "config": {"learning_rate": 1, "clipnorm": 1\#(decay)}}}
          """#))
      _ = try model.trainOnBatch(x: x, y: y)
      let step = zip(start, try Make.weights(model)[0]).map { Double($0) * kept - Double($1) }
      #expect(abs(step.reduce(0) { $0 + $1 * $1 }.squareRoot() - 1) < 1e-5, "norm of the step")
      let root = 30.0.squareRoot()
      expectClose(step, [1 / root, -2 / root, 3 / root, -4 / root], absolute: 0.01, "direction")
    }
  }

  @Test("trap 9: VarianceScaling makes up for what the cut takes from the deviation, TruncatedNormal does not")
  func truncated() throws {
    let shape = try Shape([400, 500])
    let scaled = try InitializerTests.Moments(
      #require(try Initializer.decode(.string("lecun_normal"))).tensor(shape: shape).values)
    let target = (1 / 400.0).squareRoot()
    #expect(abs(scaled.deviation / target - 1) < 0.01)
    #expect(scaled.largest < 2.2737 * target && scaled.largest > 2.2733 * target)
    let plain = try InitializerTests.Moments(
      #require(try Initializer.decode(.string("truncated_normal"))).tensor(shape: shape).values)
    #expect(abs(plain.deviation / 0.05 - 0.8796) < 0.01)
    #expect(plain.largest <= 0.1 && plain.largest > 0.0999)
    // Uniform: ±√(3 scale / n); fans of a kernel of a convolution count its receptive field.
    let uniform = try InitializerTests.Moments(
      #require(try Initializer.decode(.string("glorot_uniform"))).tensor(shape: shape).values)
    let limit = (3 / 450.0).squareRoot()
    #expect(uniform.largest <= limit * 1.000001 && uniform.largest > limit * 0.999)
    #expect(try Fans(of: Shape([3, 3, 16, 32])).input == 144 && Fans(of: Shape([3, 3, 16, 32])).output == 288)
  }

  @Test("trap 10: an initializer without a seed goes on, also when layers share it; with a seed it repeats")
  func sharedInitializer() throws {
    for (json, repeats) in [(#"{}"#, false), (#"{"seed": 5}"#, true)] {
      let initializer = try Initializer.registry.entry("he_normal").make(Make.arguments(json))
      let kernels = try ["a", "b"].map { name in
        let layer = try Layer.make(
          "Dense",
          Arguments(
            [.integer(7)],
            Value.Table([("kernel_initializer", .object(Boxed(initializer))), ("name", .string(name))])))
        try layer.build(Shape([9]))
        return try layer.weights[0].value().values
      }
      #expect((kernels[0] == kernels[1]) == repeats)
    }
  }
}
