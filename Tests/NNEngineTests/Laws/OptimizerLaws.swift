import Testing

@testable import NNEngine

/// What holds for every optimizer of the registry.
@Suite("Optimizer laws")
struct OptimizerLaws {
  static let labels = OptimizerReferences.all.indices
  static let count = 19

  @Test("every optimizer has a reference, an alias and documentation")
  func complete() {
    for entry in Optimizer.registry.entries {
      #expect(OptimizerReferences.all.contains { $0.className == entry.name }, "\(entry.name) has no reference")
      #expect(entry.aliases.contains(entry.name.lowercased()))
      #expect(entry.isNameEnough)
      #expect(entry.doc.count > 20)
      for field in entry.fields { #expect(field.doc.hasSuffix("."), "\(entry.name): \(field.name)") }
    }
  }

  @Test("the configuration makes the same optimizer again, also with a changed rate", arguments: labels)
  func roundTrip(_ index: Int) throws {
    let optimizer = try OptimizerReferences.all[index].optimizer()
    try optimizer.setLearningRate(0.125)
    let text = JSON.text(optimizer.encoded)
    let again = try #require(try Optimizer.decode(JSON.parse(text)))
    #expect(JSON.text(again.encoded) == text)
    #expect(try again.learningRate == 0.125)
    #expect(again.rule == optimizer.rule)
  }

  /// A variable, its gradient's feed, and a program that makes one step.
  struct Stepper {
    let weights: Variable
    let gradient: Variable
    let optimizer: Optimizer
    let program: Program

    init(_ optimizer: Optimizer, _ shape: Shape, _ options: Program.Options = .standard) throws {
      self.optimizer = optimizer
      weights = try Variable("w", shape)
      gradient = try Variable("g", shape, role: .feed)
      let slots = try optimizer.kept(for: weights).slots
      let inputs = try [Symbol.read(weights), .read(gradient), .read(optimizer.hyperparameters)]
      let new = try Symbol.results(OptimizerStep(rule: optimizer.rule), inputs + slots.map { try Symbol.read($0) })
      program = try Program(
        outputs: [], assignments: Array(zip([weights] + slots, new)), options: options)
    }

    func step(_ g: [Float]) throws {
      try gradient.set(Tensor(g, shape: gradient.shape))
      try optimizer.beginStep()
      program.run()
    }
  }

  @Test("20 steps are those of the reference in double precision", arguments: labels)
  func reference(_ index: Int) throws {
    let reference = OptimizerReferences.all[index]
    for options in [Program.Options.standard, .reference] {
      let stepper = try Stepper(reference.optimizer(), Shape([Self.count]), options)
      var numbers = TestNumbers(11)
      let start = numbers.floats(Self.count)
      try stepper.weights.set(Tensor(start))
      var states = start.map { [Double($0)] + reference.initial }
      for step in 1...20 {
        var g = numbers.floats(Self.count, scale: step == 13 ? 30 : 1)
        g[5] = 0
        try stepper.step(g)
        for i in states.indices { reference.step(&states[i], Double(g[i]), step) }
        expectClose(
          try stepper.weights.value().values.map(Double.init), states.map { $0[0] }, relative: 2e-6, absolute: 4e-6,
          "\(reference.label), step \(step)")
      }
      #expect(stepper.optimizer.iterations == 20)
      for (i, slot) in try stepper.optimizer.kept(for: stepper.weights).slots.enumerated() {
        expectClose(
          try slot.value().values.map(Double.init), states.map { $0[i + 1] }, relative: 1e-5, absolute: 1e-5,
          "slot \(i)")
      }
    }
  }

  /// Steps of a layer's kernel, whose gradient is a product: with the update as its epilogue, and by itself.
  @Test("joined with the product = separate, bit for bit", arguments: labels)
  func fused(_ index: Int) throws {
    let reference = OptimizerReferences.all[index]
    var numbers = TestNumbers(12)
    let (a, b) = (
      try Evaluate.input(numbers.floats(32 * 21), [32, 21]), try Evaluate.input(numbers.floats(32 * 37), [32, 37])
    )
    let start = try Tensor(numbers.floats(21 * 37), shape: Shape([21, 37]))
    let results = try [false, true].map { isSeparate in
      let optimizer = try reference.optimizer()
      let weights = try Variable("w", start.shape)
      try weights.set(start)
      let slots = try optimizer.kept(for: weights).slots
      var gradient = try Symbol.make(MatMul(transposeA: true), a, b)
      if isSeparate { gradient = try .make(Identity(), gradient) }
      let inputs = try [Symbol.read(weights), gradient, .read(optimizer.hyperparameters)]
      let new = try Symbol.results(OptimizerStep(rule: optimizer.rule), inputs + slots.map { try Symbol.read($0) })
      let program = try Program(outputs: [], assignments: Array(zip([weights] + slots, new)))
      #expect(program.explain().contains("MatMul Aᵀ + ") == !isSeparate)
      for _ in 0..<20 {
        try optimizer.beginStep()
        program.run()
      }
      return try [weights.value().values] + slots.map { try $0.value().values }
    }
    for (joined, separate) in zip(results[0], results[1]) { #expect(haveSameBits(joined, separate)) }
  }

  @Test("descends a quadratic", arguments: labels)
  func descends(_ index: Int) throws {
    let stepper = try Stepper(OptimizerReferences.all[index].optimizer(), Shape([Self.count]))
    var numbers = TestNumbers(13)
    try stepper.weights.set(Tensor(numbers.floats(Self.count)))
    func loss() throws -> Float { try stepper.weights.value().values.reduce(0) { $0 + $1 * $1 } }
    let before = try loss()
    for _ in 0..<1_000 { try stepper.step(stepper.weights.value().values.map { 2 * $0 }) }
    #expect(try loss() < 0.01 * before)
  }

  @Test("a new rate is used at the next step; a reset forgets slots and count")
  func rateAndReset() throws {
    let stepper = try Stepper(Optimizer.make("SGD"), Shape([1]))
    try stepper.step([1])
    try stepper.optimizer.setLearningRate(0.5)
    try stepper.step([1])
    expectClose(try stepper.weights.value().values, [-0.51], relative: 1e-6)
    stepper.optimizer.reset()
    #expect(stepper.optimizer.iterations == 0)
    #expect(stepper.optimizer.slotVariables.isEmpty)
  }

  static let fixtures = [
    "SGD", "SGD_learning_rate0.1", "SGD_learning_rate0.1_momentum0.9", "SGD_learning_rate0.1_momentum0.9_nesterovTrue",
    "RMSprop", "RMSprop_learning_rate0.01_rho0.9",
  ]

  @Test("20 steps are Keras's", arguments: try Fixtures.cases(.optimizers, fixtures))
  func keras(_ expected: FixtureTable) throws {
    let file = try Fixtures.file(.optimizers)
    let params = try expected.table("params")
    var table = Value.Table()
    for key in params.keys {
      table[key] = key == "nesterov" ? .bool(try params.bool(key)) : .number(try params.number(key))
    }
    let name = String(try expected.string("name").prefix { $0 != "_" })
    let optimizer = try Optimizer.make(name, Arguments([], table))
    let steppers = try ["W", "b"].map { key in
      let start = try file.array(key + "0")
      let stepper = try Stepper(optimizer, Shape(start.shape))
      try stepper.weights.set(Evaluate.tensor(start))
      return (key, stepper)
    }
    for step in 0..<20 {
      for (key, stepper) in steppers {
        try stepper.step(file.array("grad" + key).row(step).floats)
        expectClose(
          try stepper.weights.value().values.map(Double.init), try expected.array(key).row(step).data, relative: 2e-6,
          absolute: 1e-6, "\(expected.path): \(key) after step \(step + 1)")
      }
    }
  }

  @Test(
    "arguments that make no sense are refused",
    arguments: [
      ("SGD", #"{"nesterov": true}"#, "SGD: 'nesterov' has no effect without 'momentum'"),
      ("SGD", #"{"momentum": 2}"#, "SGD: 'momentum' must be a number in [0.0, 1.0], got 2"),
      (
        "SGD", #"{"learning_rate": -1}"#,
        "SGD: 'learning_rate' must be a finite number that is not negative, a schedule or a function, got -1"
      ),
      ("RMSprop", #"{"rho": 1}"#, "RMSprop: 'rho' must be a number in [0.0, 1.0), got 1"),
      ("RMSprop", #"{"roh": 1}"#, "RMSprop: unknown field 'roh'; did you mean 'rho'?"),
      ("sdg", "{}", "unknown optimizer 'sdg'; did you mean 'sgd'?"),
    ])
  func errors(_ name: String, _ json: String, _ message: String) {
    #expect(Evaluate.message { _ = try Optimizer.make(name, Make.arguments(json)) } == message)
  }
}
