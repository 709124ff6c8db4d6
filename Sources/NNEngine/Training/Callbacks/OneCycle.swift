/// The rate goes up and down once in a training, in straight lines, the momentum the other way.
public final class OneCycle: ConfiguredCallback<OneCycle.Options>, Callback {
  /// Our own callback: Keras has none. Its arguments are those of the class in the book's notebook.
  public struct Options: Configurable {
    var maximum = 0.0
    var start: Double?
    var lastIterations: Int?
    var last: Double?
    var iterations: Int?
    var maximumMomentum: Double?
    var minimumMomentum: Double?

    /// The defaults.
    public init() {}
    /// The name.
    public static let className = "OneCycle"
    /// One paragraph.
    public static let doc = """
      The learning rate of each batch: in a straight line from start_lr to max_lr, back to start_lr, and in the last tenth of the training \
      down to last_lr. An optimizer with momentum gets max_momentum at the start, min_momentum at the highest rate, and max_momentum in the \
      end; optimizers without (also Adam and its kin, whose beta_1 stays) get the rate only. Example: OneCycle{max_lr=0.05}
      """
    /// Arguments in order.
    public static let fields: [Field<Options>] = [
      Field("max_lr", \.maximum, required: true, check: .positive, "The highest rate."),
      Field("start_lr", \.start, check: .positiveOrNil, "The first rate; max_lr / 10 when not given."),
      Field(
        "last_iterations", \.lastIterations, check: Check("a positive integer or nil") { $0 ?? 1 > 0 },
        "Batches of the last part; a tenth of all, plus 1, when not given."),
      Field("last_lr", \.last, check: .notNegativeOrNil, "The rate at the very end; start_lr / 1000 when not given."),
      Field(
        "iterations", \.iterations, check: Check("a positive integer or nil") { $0 ?? 1 > 0 },
        "Batches of the whole cycle; those of the fit when not given."),
      Field(
        "max_momentum", \.maximumMomentum, check: Options.momentum, "Momentum at the lowest rates; 0.95 when not given."
      ),
      Field(
        "min_momentum", \.minimumMomentum, check: Options.momentum, "Momentum at the highest rate; 0.85 when not given."
      ),
    ]

    private static let momentum = Check<Double?>("a number in (0, 1) or nil") { $0 ?? 0.5 > 0 && $0 ?? 0.5 < 1 }

    /// What does not go up and then down is no cycle.
    public func validate() throws(NNError) {
      if let start, start > maximum {
        throw .invalid("\(Self.className): 'start_lr' (\(start)) must not be greater than 'max_lr' (\(maximum))")
      }
      if (minimumMomentum ?? 0.85) > (maximumMomentum ?? 0.95) {
        throw .invalid("\(Self.className): 'min_momentum' must not be greater than 'max_momentum'")
      }
      if let iterations, let lastIterations, lastIterations >= iterations {
        throw .invalid(
          "\(Self.className): 'last_iterations' (\(lastIterations)) must be less than 'iterations' (\(iterations))")
      }
    }
  }

  private var cycle: OneCyclePhases?
  private var iteration = 0
  private var steersMomentum = false

  /// iteration
  public override var state: Value.Table { Value.Table([("iteration", .integer(iteration))]) }

  /// The rate must be a number, and nobody else's business.
  public func prepare(_ run: TrainingRun) throws(NNError) {
    try run.steerRate(className, everyBatch: true)
    guard run.steps > 0 || options.iterations != nil else {
      throw .invalid(
        "\(className): the number of batches is not known; give fit 'steps_per_epoch', or \(className) 'iterations'")
    }
    let momentum = run.model.optimizer?.configuration["momentum"]
    steersMomentum = momentum.flatMap { Double.decode($0) } ?? 0 > 0
    if !steersMomentum, options.minimumMomentum != nil || options.maximumMomentum != nil {
      let name = options.minimumMomentum != nil ? "min_momentum" : "max_momentum"
      throw .invalid(
        "\(className): '\(name)' has no effect: the optimizer \(run.model.optimizer?.className ?? "") works without momentum"
      )
    }
  }

  /// Forgets an earlier training.
  public func trainBegan(_ run: TrainingRun) throws(NNError) { (cycle, iteration) = (nil, 0) }

  /// Its place in the cycle.
  public func backup(_ run: TrainingRun) throws(NNError) -> Value? {
    .table(
      Value.Table([
        ("iteration", .integer(iteration)), ("iterations", cycle.map { .integer($0.iterations) } ?? .null),
      ]))
  }
  /// Goes on with the cycle.
  public func trainRestored(_ backup: Value, _ run: TrainingRun) throws(NNError) {
    let memory = try Remembered(backup, className)
    iteration = try memory.count("iteration")
    cycle = try memory.countOrNil("iterations").map { (count) throws(NNError) in
      try OneCyclePhases(options, iterations: count)
    }
  }

  /// Only now the first epoch's number is known.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    if cycle == nil { cycle = try OneCyclePhases(options, iterations: (run.epochs - epoch) * run.steps) }
  }

  /// Sets the batch's rate and momentum.
  public func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard let cycle, let optimizer = run.model.optimizer else { return }
    try optimizer.setLearningRate(cycle.rate(iteration))
    if steersMomentum { try optimizer.set("momentum", .number(cycle.momentum(iteration))) }
    iteration += 1
  }
}

/// The three parts of a cycle, in Keras users' terms: as the notebook of the book's chapter 11 computes them.
struct OneCyclePhases {
  let iterations: Int
  /// Batches of each of the first two parts.
  let half: Int
  let start: Double
  let maximum: Double
  let last: Double
  let momenta: ClosedRange<Double>

  init(_ options: OneCycle.Options, iterations given: Int) throws(NNError) {
    iterations = options.iterations ?? given
    let lastIterations = options.lastIterations ?? iterations / 10 + 1
    guard lastIterations <= iterations else {
      throw .invalid("OneCycle: 'last_iterations' is \(lastIterations), but the training has \(iterations) batches")
    }
    half = (iterations - lastIterations) / 2
    maximum = options.maximum
    start = options.start ?? maximum / 10
    last = options.last ?? start / 1000
    momenta = (options.minimumMomentum ?? 0.85)...(options.maximumMomentum ?? 0.95)
  }

  func rate(_ i: Int) -> Double {
    if i < half { return line(i, 0, half, start, maximum) }
    if i < 2 * half { return line(i, half, 2 * half, maximum, start) }
    return i < iterations ? line(i, 2 * half, iterations, start, last) : last
  }

  func momentum(_ i: Int) -> Double {
    if i < half { return line(i, 0, half, momenta.upperBound, momenta.lowerBound) }
    if i < 2 * half { return line(i, half, 2 * half, momenta.lowerBound, momenta.upperBound) }
    return momenta.upperBound
  }

  private func line(_ i: Int, _ from: Int, _ to: Int, _ a: Double, _ b: Double) -> Double {
    (b - a) * Double(i - from) / Double(to - from) + a
  }
}
