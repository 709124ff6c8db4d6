import KernelTable

/// A program for batches of one size, with the variables through which a batch comes in.
final class StepProgram {
  /// What is computed once for a batch, before `program` runs, perhaps many times.
  let prelude: Program?
  let program: Program
  let x: [Variable]
  /// Labels of the outputs that have a loss.
  let y: [Variable]
  /// The samples' weights for each of `y`, where there are any.
  let weights: [Variable?]
  /// Whether a run uses new random numbers.
  let isRandom: Bool
  /// How many of the first outputs are means over the batch.
  let means: Int
  /// How many of the outputs after them belong to each metric.
  let increments: [Int]

  init(
    _ program: Program, x: [Variable], y: [Variable] = [], weights: [Variable?] = [], means: Int = 0,
    increments: [Int] = [], prelude: Program? = nil, isRandom: Bool = true
  ) {
    self.isRandom = isRandom
    self.prelude = prelude
    (self.program, self.x, self.y, self.weights) = (program, x, y, weights)
    (self.means, self.increments) = (means, increments)
  }

  /// What a program is for.
  enum Purpose: Hashable {
    /// Forward, loss, gradients, update. Outputs: losses, then the metrics' increments.
    case train
    /// Forward and loss. Outputs as for train.
    case evaluate
    /// Forward alone; the outputs are the predictions.
    case predict
    /// As predict, with layers behaving as in training.
    case callInTraining
    /// As predict, with dropout dropping: everything else as in inference. What stands before the first dropout is the prelude.
    case monteCarlo
  }

  /// One sample's shapes: what a batch consists of.
  struct Shapes: Hashable {
    var x: [Shape]
    var y: [Shape] = []
    /// Whether the labels come with weights.
    var weights: [Bool] = []
  }

  /// Everything on which a program depends.
  struct Signature: Hashable {
    let purpose: Purpose
    let batch: Int
    let shapes: Shapes
    /// Layer by layer: frozen layers also behave otherwise (batch normalization).
    let trainable: [Bool]
    let structure: [Int]
    /// How often the optimizer forgot its slots: another model may have been compiled with it.
    let optimizerResets: Int
    let isReference: Bool
  }
}

/// The programs of a model that were used last. A bounded number: a loop over ever new batch sizes must not grow.
final class ProgramCache {
  private var entries: [(key: StepProgram.Signature, program: StepProgram)] = []
  private static let capacity = 8

  func program(
    _ key: StepProgram.Signature, make: () throws(NNError) -> StepProgram
  ) throws(NNError) -> StepProgram {
    if let last = entries.last, last.key == key { return last.program }
    if let i = entries.firstIndex(where: { $0.key == key }) {
      let entry = entries.remove(at: i)
      entries.append(entry)
      return entry.program
    }
    let program = try make()
    if entries.count == ProgramCache.capacity { entries.removeFirst() }
    entries.append((key, program))
    return program
  }

  func removeAll() { entries = [] }
}

extension Model {
  /// The program for batches of `batch` samples.
  func program(
    _ purpose: StepProgram.Purpose, batch: Int, _ shapes: StepProgram.Shapes
  ) throws(NNError) -> StepProgram {
    var trainable: [Bool] = []
    trainable.reserveCapacity(8 * layers.count)
    for layer in layers { layer.appendTrainable(to: &trainable) }
    let key = StepProgram.Signature(
      purpose: purpose, batch: batch, shapes: shapes, trainable: trainable,
      structure: structure, optimizerResets: purpose == .train ? compilation?.optimizer.resets ?? 0 : 0,
      isReference: ReferenceMode.isOn)
    return try programs.program(key) { () throws(NNError) in try Tracer(self, batch, shapes).trace(purpose) }
  }
}

/// Emits a model's programs.
private struct Tracer {
  let model: Model
  let x: [Variable]
  let y: [Variable]
  let weights: [Variable?]

  init(_ model: Model, _ batch: Int, _ shapes: StepProgram.Shapes) throws(NNError) {
    func feed(_ name: String, _ shape: Shape) throws(NNError) -> Variable {
      try Variable(name, shape.batch(batch), role: .feed)
    }
    var (x, y, weights): ([Variable], [Variable], [Variable?]) = ([], [], [])
    for shape in shapes.x { x.append(try feed("x", shape)) }
    for shape in shapes.y { y.append(try feed("y", shape)) }
    for isThere in shapes.weights { weights.append(isThere ? try feed("sample_weight", .scalar) : nil) }
    (self.model, self.x, self.y, self.weights) = (model, x, y, weights)
  }

  func trace(_ purpose: StepProgram.Purpose) throws(NNError) -> StepProgram {
    let context = CallContext(
      training: purpose == .train || purpose == .callInTraining, random: model.random.key,
      dropsOut: purpose == .monteCarlo)
    var inputs: [Symbol] = []
    for x in x { inputs.append(try context.read(x)) }
    if purpose == .train, let code = model.userLayer?.code, let compilation = model.compilation {
      let scope = SymbolScope(context)
      defer { scope.end() }
      if let outputs = try userStep(code, inputs, compilation.names, scope) {
        return StepProgram(
          try program(outputs, context.updates), x: x, y: y, weights: weights, means: outputs.count,
          isRandom: context.isRandom)
      }
    }
    let predictions = try model.call(inputs, context)
    if purpose == .monteCarlo { return try monteCarlo(predictions) }
    guard purpose == .train || purpose == .evaluate, let compilation = model.compilation else {
      return StepProgram(try program(predictions, context.updates), x: x, isRandom: context.isRandom)
    }
    // Losses come first: the metrics then find the probabilities that these compute anyway (SharedSoftmax).
    var losses: [Symbol] = []
    var total: Symbol?
    for (i, target) in compilation.targets.enumerated() {
      let weights = try weights[i].map { (w) throws(NNError) in try context.read(w) }
      let loss = try target.loss(context.read(y[i]), predictions[target.output], weights: weights)
      losses.append(loss)
      let share = target.weight == 1 ? loss : try loss * Float(target.weight)
      total = try total.map { (sum) throws(NNError) in try sum + share } ?? share
    }
    guard var total else { throw NNError(.internal, "no loss") }
    for penalty in try penalties(context) { total = try total + penalty }
    var outputs = [total]
    if compilation.lossCount > 1 { outputs += losses }
    var increments: [Int] = []
    func add(_ sums: [Symbol]) {
      outputs += sums
      increments.append(sums.count)
    }
    for (i, target) in compilation.targets.enumerated() {
      let (truth, prediction) = (try context.read(y[i]), predictions[target.output])
      for metric in target.metrics { add(try metric.increments(truth, prediction)) }
      let weights = try weights[i].map { (w) throws(NNError) in try context.read(w) }
      for metric in target.weighted { add(try metric.increments(truth, prediction, weights: weights)) }
    }
    var assignments: [(Variable, Symbol)] = []
    if purpose == .train {
      assignments = context.updates
      assignments += try updates(total, compilation.optimizer, context)
    }
    return StepProgram(
      try program(outputs, assignments), x: x, y: y, weights: weights, means: compilation.lossCount,
      increments: increments, isRandom: context.isRandom)
  }

  /// The numbers of a user's train_step, in the order of compile's names; nil when the class has none.
  private func userStep(
    _ code: any LayerCode, _ inputs: [Symbol], _ names: [String], _ scope: SymbolScope
  ) throws(NNError) -> [Symbol]? {
    let x = inputs.map { Value.object(ScopedSymbol($0, scope)) }
    var data = [x.count == 1 ? x[0] : .list(x)]
    for y in y { data.append(.object(try scope.read(y))) }
    for case let weights? in weights { data.append(.object(try scope.read(weights))) }
    do throws(NNError) {
      guard let result = try code.trainStep(data, scope) else { return nil }
      for (name, _) in result.entries where !names.contains(name) {
        throw .invalid("train_step: compile named no metric '\(name)'; it named: \(names.joined(separator: ", "))")
      }
      var outputs: [Symbol] = []
      for name in names {
        guard let value = result[name], let symbol = try ScopedSymbol.symbol(from: value) else {
          throw .invalid("train_step: the table that it returns has no number '\(name)'")
        }
        guard symbol.shape.count == 1 else {
          throw .shape("train_step: '\(name)' must be one number, got shape \(symbol.shape)")
        }
        outputs.append(try symbol.reshaped([]))
      }
      return outputs
    } catch { throw error.within(model.name) }
  }

  private func monteCarlo(_ predictions: [Symbol]) throws(NNError) -> StepProgram {
    var predictions = predictions
    if Program.Options.current.optimised {
      predictions = try Rewriter.apply(RepeatedDropout(key: model.random.key), to: predictions)
    }
    let parts = try Prelude(predictions, before: model.random.key)
    guard parts.isNeeded else {
      throw NNError(
        .state,
        "predict_mc: nothing is random: the model has no layer that drops or adds noise (Dropout with a rate above 0)",
        path: [model.name])
    }
    let prelude = parts.assignments.isEmpty ? nil : try program([], parts.assignments)
    return StepProgram(try program(parts.roots, []), x: x, prelude: prelude)
  }

  private func program(_ outputs: [Symbol], _ assignments: [(Variable, Symbol)]) throws(NNError) -> Program {
    try Program(outputs: outputs, assignments: assignments, options: Program.Options.current)
  }

  /// Regularizers of weights (each weight once, however often its layer is called), then what the layers left.
  private func penalties(_ context: CallContext) throws(NNError) -> [Symbol] {
    var result: [Symbol] = []
    for variable in model.variables {
      if let regularizer = variable.regularizer { result.append(try regularizer.penalty(context.read(variable))) }
    }
    return result + context.losses
  }

  private func updates(
    _ loss: Symbol, _ optimizer: Optimizer, _ context: CallContext
  ) throws(NNError) -> [(Variable, Symbol)] {
    let variables = model.trainableVariables
    var values: [Symbol] = []
    for variable in variables { values.append(try context.read(variable)) }
    let gradients = try Symbol.gradients(of: loss, for: values)
    let weights = zip(variables, zip(values, gradients)).map {
      WeightGradient(variable: $0, value: $1.0, gradient: $1.1)
    }
    return try optimizer.updates(weights) { (variable) throws(NNError) in try context.read(variable) }
  }
}

extension Program.Options {
  /// What models use: everything, unless the process was told to compute by the reference.
  static var current: Program.Options { ReferenceMode.isOn ? .reference : .standard }
}
