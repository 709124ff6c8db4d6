/// An optimizer's state as values: with it, the configuration and the weights, training goes on bit for bit as if it had not stopped.
extension Optimizer {
  /// Everything beside the count of steps, under the names and in the order of Keras 2's files: "Adam/dense/kernel/m:0" for all
  /// variables, then "…/v:0".
  public func state(of variables: [Variable]) throws(NNError) -> [(name: String, value: Tensor)] {
    var result: [(name: String, value: Tensor)] = []
    if hasMomentumProduct {
      result.append(("\(name)/momentum_cache:0", try Tensor(scalar: Float(momentumSoFar))))
    }
    for variable in try stateVariables(of: variables) { result.append((variable.path + ":0", try variable.value())) }
    return result
  }

  /// Sets what `state(of:)` gave, by order; all shapes are checked before anything changes.
  public func setState(_ values: [Tensor], iterations: Int, of variables: [Variable]) throws(NNError) {
    guard iterations >= 0 else { throw .invalid("\(className): 'iterations' must not be negative, got \(iterations)") }
    let targets = try stateVariables(of: variables)
    // Nadam's product of momenta follows from the count.
    let values = hasMomentumProduct ? Array(values.dropFirst()) : values
    guard values.count == targets.count else {
      throw .invalid("\(className): expected the values of \(targets.count) slots, got \(values.count)")
    }
    for (target, value) in zip(targets, values) where target.shape != value.shape {
      throw .shape("\(target.path): expected a value of shape \(target.shape), got \(value.shape)")
    }
    for (target, value) in zip(targets, values) { try target.set(value) }
    self.iterations = iterations
  }

  /// How many slots each weight has, its average apart.
  var slotCount: Int { definition.slots.count }
  /// Whether Keras keeps a product of momenta.
  var hasMomentumProduct: Bool { definition.momentum(step: 1) != nil }

  /// Slot by slot, as Keras 2 lists them.
  private func stateVariables(of variables: [Variable]) throws(NNError) -> [Variable] {
    var rows: [[Variable]] = []
    for variable in variables { rows.append(try kept(for: variable).all) }
    return (0..<(rows.first?.count ?? 0)).flatMap { slot in rows.map { $0[slot] } }
  }
}
