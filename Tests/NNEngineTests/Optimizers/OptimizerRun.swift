import Testing

@testable import NNEngine

/// Variables with a feed for the gradient of each, and a program that makes one step of an optimizer: clipping, rule, average.
struct OptimizerRun {
  let optimizer: Optimizer
  let variables: [Variable]
  private let gradients: [Variable]
  private let program: Program

  init(_ optimizer: Optimizer, _ starts: [(name: String, value: Tensor)], _ options: Program.Options = .standard) throws
  {
    self.optimizer = optimizer
    variables = try starts.map { start in
      let variable = try Variable(start.name, start.value.shape)
      try variable.set(start.value)
      return variable
    }
    gradients = try starts.map { try Variable("gradient", $0.value.shape, role: .feed) }
    let weights = try zip(variables, gradients).map {
      WeightGradient(variable: $0, value: try .read($0), gradient: try .read($1))
    }
    program = try Program(
      outputs: [], assignments: optimizer.updates(weights) { (v) throws(NNError) in try .read(v) }, options: options)
  }

  /// One vector named "w".
  init(_ optimizer: Optimizer, _ start: [Float], _ options: Program.Options = .standard) throws {
    try self.init(optimizer, [("w", Tensor(start))], options)
  }

  func step(_ values: [Float]...) throws { try step(values) }

  func step(_ values: [[Float]]) throws {
    for (gradient, value) in zip(gradients, values) { try gradient.set(Tensor(value, shape: gradient.shape)) }
    try repeatStep()
  }

  /// A step with the same gradients.
  func repeatStep() throws {
    try optimizer.beginStep()
    program.run()
    optimizer.endStep(variables)
  }

  /// The values of variable `i`.
  func values(_ i: Int = 0) throws -> [Float] { try variables[i].value().values }
  /// Everything that the optimizer keeps.
  func state() throws -> [[Float]] { try optimizer.state(of: variables).map(\.value.values) }
  var listing: String { program.explain() }
}

extension Make {
  static func optimizer(_ name: String, _ json: String = "{}") throws -> Optimizer {
    try Optimizer.make(name, arguments(json))
  }
  static func schedule(_ name: String, _ json: String = "{}") throws -> Schedule {
    try Schedule.registry.entry(name).make(arguments(json))
  }

  /// A fixture's arguments; "sched" is what its file says.
  static func arguments(_ params: FixtureTable) -> Arguments {
    func value(_ v: FixtureValue) -> Value {
      switch v {
      case .null, .array: .null
      case .bool(let b): .bool(b)
      case .number(let x): Int(exactly: x).map { .integer($0) } ?? .number(x)
      case .string("sched"):
        .table(
          Value.Table([
            ("class_name", .string("ExponentialDecay")),
            (
              "config",
              .table(
                Value.Table([
                  ("initial_learning_rate", .number(0.05)), ("decay_steps", .integer(5)), ("decay_rate", .number(0.5)),
                ]))
            ),
          ]))
      case .string(let s): .string(s)
      case .list(let items): .list(items.map(value))
      case .table(let t): .table(Value.Table(t.map { ($0.key, value($0.value)) }))
      }
    }
    return Arguments([], Value.Table(params.entries.map { ($0.key, value($0.value)) }))
  }
}
