import KernelTable

/// A program for batches of one size, with the variables through which a batch comes in.
final class StepProgram {
  let program: Program
  let x: Variable
  let y: Variable?
  /// How many of the outputs after the loss belong to each metric.
  let increments: [Int]

  init(_ program: Program, x: Variable, y: Variable?, increments: [Int] = []) {
    self.program = program
    self.x = x
    self.y = y
    self.increments = increments
  }

  /// What a program is for.
  enum Purpose: Hashable {
    /// Forward, loss, gradients, update. Outputs: loss, then the metrics' increments.
    case train
    /// Forward and loss. Outputs as for train.
    case evaluate
    /// Forward alone; the output is the prediction.
    case predict
    /// As predict, with layers behaving as in training.
    case callInTraining
  }

  /// Everything on which a program depends.
  struct Signature: Hashable {
    let purpose: Purpose
    let batch: Int
    let x: Shape
    let y: Shape?
    /// Layer by layer: frozen layers also behave otherwise (batch normalization).
    let trainable: [Bool]
    let generation: Int
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
  /// The program for batches of `batch` samples; `y` is one label's shape.
  func program(
    _ purpose: StepProgram.Purpose, batch: Int, x: Shape, y: Shape? = nil
  ) throws(NNError) -> StepProgram {
    let key = StepProgram.Signature(
      purpose: purpose, batch: batch, x: x, y: y, trainable: layers.map(\.trainable), generation: generation,
      optimizerResets: purpose == .train ? compilation?.optimizer.resets ?? 0 : 0, isReference: ReferenceMode.isOn)
    return try programs.program(key) { () throws(NNError) in
      try Tracer(self, batch: batch, x: x, y: y).trace(purpose)
    }
  }
}

/// Emits a model's programs.
private struct Tracer {
  let model: Model
  let x: Variable
  let y: Variable?

  init(_ model: Model, batch: Int, x: Shape, y: Shape?) throws(NNError) {
    self.model = model
    self.x = try Variable("x", x.batch(batch), role: .feed)
    self.y = try y.map { (shape) throws(NNError) in try Variable("y", shape.batch(batch), role: .feed) }
  }

  func trace(_ purpose: StepProgram.Purpose) throws(NNError) -> StepProgram {
    let context = CallContext(
      training: purpose == .train || purpose == .callInTraining, random: model.random.key)
    let prediction = try model.call(context.read(x), context)
    guard let y, let compilation = model.compilation else {
      return StepProgram(try program([prediction], context.updates), x: x, y: nil)
    }
    let truth = try context.read(y)
    // The loss comes first: the metrics then find the probabilities that it computes anyway (SharedSoftmax).
    var loss = try compilation.loss(truth, prediction)
    for penalty in try penalties(context) { loss = try loss + penalty }
    var outputs = [loss]
    var increments: [Int] = []
    for metric in compilation.metrics {
      let sums = try metric.increments(truth, prediction)
      outputs += sums
      increments.append(sums.count)
    }
    var assignments: [(Variable, Symbol)] = []
    if purpose == .train {
      assignments = context.updates
      assignments += try updates(loss, compilation.optimizer, context)
    }
    return StepProgram(try program(outputs, assignments), x: x, y: y, increments: increments)
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
