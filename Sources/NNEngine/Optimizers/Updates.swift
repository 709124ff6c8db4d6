/// A weight in a training program.
struct WeightGradient {
  let variable: Variable
  /// Its value at the start of the step.
  let value: Symbol
  /// What the loss, penalties included, changes by; nil when the loss does not depend on it.
  let gradient: Symbol?
}

extension Optimizer {
  /// The new values of weights, and of what is kept for them, after one step: clipping, the rule, the moving average, constraints.
  func updates(
    _ weights: [WeightGradient], read: (Variable) throws(NNError) -> Symbol
  ) throws(NNError) -> [(Variable, Symbol)] {
    let gradients = try base.clipped(weights.map(\.gradient))
    let numbers = try read(hyperparameters)
    var result: [(Variable, Symbol)] = []
    for (weight, gradient) in zip(weights, gradients) {
      guard let gradient else { continue }
      let kept = try kept(for: weight.variable)
      var inputs = [weight.value, gradient, numbers]
      for slot in kept.slots { inputs.append(try read(slot)) }
      let new: [Symbol]
      if let user = definition as? UserOptimizer {
        new = try user.results(weight.value, gradient, Array(inputs.dropFirst(3)), numbers: numbers)
      } else {
        new = try Symbol.results(OptimizerStep(rule: rule), inputs)
      }
      result.append((weight.variable, try weight.variable.constraint?.apply(new[0]) ?? new[0]))
      result += zip(kept.slots, new.dropFirst())
      if let average = kept.average { result.append((average, try base.averaged(read(average), new[0]))) }
    }
    return result
  }
}
