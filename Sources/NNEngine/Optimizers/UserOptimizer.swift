import KernelTable

/// A rule that a user wrote as a function of symbols: recorded when a program is made, for each weight.
struct UserOptimizer: OptimizerDefinition, @unchecked Sendable {
  var update: UserCode?
  var slotNames: [String] = []

  static let className = "custom"
  static let doc = "A rule of your own: update(w, g, slots, rate, step) gives the new weight, or {w=…} with new slots."
  static let fields: [Field<UserOptimizer>] = [
    Field("update", \.update, required: true, check: Check(UserCode.kind) { $0 != nil }, "The rule."),
    Field("slots", \.slotNames, "Names of what is kept for each weight, 0 at first."),
  ]
  static let learningRate = 0.01
  static let numberCount = 2

  func validate() throws(NNError) {
    guard Set(slotNames).count == slotNames.count, !slotNames.contains("w"), !slotNames.contains("") else {
      throw .invalid("custom: 'slots' must be different names, none of them 'w'")
    }
  }

  var slots: [Slot] { slotNames.map { Slot($0) } }
  var variant: String { update.map { "\(ObjectIdentifier($0.function).hashValue)" } ?? "" }

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) {
    out[0] = Float(step.rate)
    out[1] = Float(step.step)
  }

  /// Not used: `results` is.
  var rule: RowUpdate { { _, _, _, _ in } }

  /// The new weight and the new slots. `numbers` are what weight decay leaves, the rate, and the step.
  func results(
    _ weight: Symbol, _ gradient: Symbol, _ slots: [Symbol], numbers: Symbol
  ) throws(NNError) -> [Symbol] {
    guard let update else { throw UserCode.isNotInFiles }
    let scope = SymbolScope(nil)
    defer { scope.end() }
    func number(_ i: Int) throws(NNError) -> Symbol { try numbers.slice(axis: 0, first: i, count: 1).reshaped([]) }
    func scoped(_ x: Symbol) -> Value { .object(ScopedSymbol(x, scope)) }
    let kept = Value.Table(zip(slotNames, slots).map { ($0, scoped($1)) })
    let result = try update.function.call([
      scoped(weight * number(0)), scoped(gradient), .table(kept), scoped(number(1)), scoped(number(2)),
    ])
    let table = result.table ?? Value.Table([("w", result)])
    for (name, _) in table.entries where name != "w" && !slotNames.contains(name) {
      throw .invalid("update: there is no slot '\(name)'" + Suggestion.hint(for: name, among: slotNames))
    }
    func new(_ name: String, _ old: Symbol) throws(NNError) -> Symbol {
      guard let value = table[name] else {
        guard name != "w" else { throw .invalid("update: the result has no 'w', the new weight") }
        return old
      }
      guard let symbol = try ScopedSymbol.symbol(from: value) else {
        throw .invalid("update: '\(name)' must be a tensor, got \(value.text)")
      }
      guard symbol.shape == old.shape else {
        throw .shape("update: '\(name)' has shape \(old.shape), but its new value \(symbol.shape)")
      }
      return symbol
    }
    var results = [try new("w", weight)]
    for (name, slot) in zip(slotNames, slots) { results.append(try new(name, slot)) }
    return results
  }
}

extension Optimizer {
  /// An optimizer whose rule is a user's function: learning_rate, update, slots, and what every optimizer takes.
  public static func custom(_ arguments: Arguments) throws(NNError) -> Optimizer {
    try Optimizer(OptimizerConfiguration<UserOptimizer>.make(arguments))
  }
}
