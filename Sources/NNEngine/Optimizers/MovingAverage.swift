/// The moving average of weights (Polyak and Juditsky, 1992), Keras's `use_ema`: computed in the training program; copied to the weights
/// between steps, by the host.
extension OptimizerBase {
  /// The average after a step that gave `weight`.
  func averaged(_ average: Symbol, _ weight: Symbol) throws(NNError) -> Symbol {
    try average * Float(averageMomentum) + weight * Float(1 - averageMomentum)
  }
}

extension Optimizer {
  /// Averages begin with the weights before the first step, whenever the program was compiled.
  func startAverages() {
    for kept in kept { kept.average?.pointer.update(from: kept.weight.pointer, count: kept.weight.shape.count) }
  }

  /// After a step of the program: the averages become the weights where `ema_overwrite_frequency` says so.
  func endStep(_ trained: [Variable]) {
    if let frequency = base.averageFrequency, iterations % frequency == 0 { applyAverages(trained) }
  }

  /// The averages become the weights, of those that were trained; called at the end of fit.
  func applyAverages(_ trained: [Variable]) {
    guard iterations > 0 else { return }
    for kept in kept {
      guard let average = kept.average, trained.contains(where: { $0 === kept.weight }) else { continue }
      kept.weight.noteChange()
      kept.weight.pointer.update(from: average.pointer, count: kept.weight.shape.count)
    }
  }
}
