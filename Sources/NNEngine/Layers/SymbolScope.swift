/// One call of a user's function while a program is traced: with what it computes, and until when.
///
/// The function receives symbols, which stand for numbers that come later, when the program runs. They are good until the function
/// returns: one that was kept would belong to a graph that is gone.
public final class SymbolScope {
  /// Whether layers behave as in training.
  public var training: Bool { context?.training ?? false }
  /// Whether the function has returned.
  public private(set) var isOver = false
  let context: CallContext?

  init(_ context: CallContext?) { self.context = context }

  /// Ends the recording.
  public func end() { isOver = true }

  /// A variable's value in this tracing, with respect to which gradients are taken.
  package func read(_ variable: Variable) throws(NNError) -> ScopedSymbol {
    guard let context else { return ScopedSymbol(try .read(variable), self) }
    return ScopedSymbol(try context.read(variable), self)
  }

  /// Gives a variable a new value at the end of the step.
  package func assign(_ variable: Variable, _ value: ScopedSymbol) throws(NNError) {
    guard let context else { throw NNError(.state, "assign: variables can be assigned in layers and models only") }
    let symbol = try value.value()
    guard symbol.shape == variable.shape else {
      throw .shape("assign: \(variable.path) has shape \(variable.shape), got \(symbol.shape)")
    }
    context.update(variable, symbol)
  }

  /// One step of an optimizer on variables, given their gradients. The model's training step counts it.
  package func apply(
    _ optimizer: Optimizer, _ gradients: [ScopedSymbol], _ variables: [Variable]
  ) throws(NNError) {
    guard let context else { throw NNError(.state, "apply_gradients: only in train_step") }
    guard gradients.count == variables.count else {
      throw .invalid("apply_gradients: \(gradients.count) gradients for \(variables.count) variables")
    }
    var weights: [WeightGradient] = []
    for (gradient, variable) in zip(gradients, variables) {
      let symbol = try gradient.value()
      guard symbol.shape == variable.shape else {
        throw .shape("apply_gradients: \(variable.path) has shape \(variable.shape), its gradient \(symbol.shape)")
      }
      weights.append(WeightGradient(variable: variable, value: try context.read(variable), gradient: symbol))
    }
    let updates = try optimizer.updates(weights) { (variable) throws(NNError) in try context.read(variable) }
    for (variable, value) in updates { context.update(variable, value) }
  }

  /// The model's loss, as compile gave it, of one output.
  package func loss(
    of model: Model, _ truth: ScopedSymbol, _ prediction: ScopedSymbol
  ) throws(NNError) -> ScopedSymbol {
    guard let target = model.compilation?.targets.first else {
      throw NNError(.state, "compiled_loss: the model is not compiled", path: [model.name])
    }
    var loss = try target.loss(truth.value(), prediction.value(), weights: nil)
    for variable in model.variables {
      if let regularizer = variable.regularizer, let context {
        loss = try loss + regularizer.penalty(context.read(variable))
      }
    }
    for penalty in context?.losses ?? [] { loss = try loss + penalty }
    return ScopedSymbol(loss, self)
  }

  /// Adds to the loss of the model.
  package func add(loss: ScopedSymbol) throws(NNError) {
    guard let context else { throw NNError(.state, "add_loss: only layers and models add losses") }
    let symbol = try loss.value()
    guard symbol.shape.count == 1 else {
      throw .shape("add_loss: expected one number, got shape \(symbol.shape)")
    }
    context.add(loss: try symbol.reshaped([]))
  }
}

/// A symbol as Lua and C hold it.
public final class ScopedSymbol {
  /// The call to which it belongs.
  public let scope: SymbolScope
  private let symbol: Symbol

  init(_ symbol: Symbol, _ scope: SymbolScope) {
    self.symbol = symbol
    self.scope = scope
  }

  /// The extents.
  public var shape: Shape { symbol.shape }

  /// The symbol, while the function that received it runs.
  public func value() throws(NNError) -> Symbol {
    guard !scope.isOver else {
      throw NNError(
        .state, "a symbol of shape \(shape) was kept from a function that has returned; symbols are good only inside it"
      )
    }
    return symbol
  }

  /// Another symbol of the same call.
  public func with(_ body: (Symbol) throws(NNError) -> Symbol) throws(NNError) -> ScopedSymbol {
    ScopedSymbol(try body(value()), scope)
  }

  /// What asking for its numbers is answered with.
  public func hasNoNumbers(for what: String) -> NNError {
    NNError(
      .state,
      "\(what): a symbol of shape \(shape) has no numbers yet: the function is only recorded here, and computed when the model runs"
    )
  }

  /// What a user's function returned: a symbol, or numbers that become a constant; nil for anything else.
  static func symbol(from value: Value) throws(NNError) -> Symbol? {
    if let number = Double.decode(value) { return try .fill(Float(number), .scalar) }
    guard case .object(let object) = value else { return nil }
    if let scoped = object as? ScopedSymbol { return try scoped.value() }
    return try (object as? Boxed<Tensor>).map { (box) throws(NNError) in try .constant(box.value) }
  }
}
