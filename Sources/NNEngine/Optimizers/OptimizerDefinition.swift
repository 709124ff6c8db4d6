import KernelTable

/// An optimizer's rule: how a step moves weights, given their gradient.
protocol OptimizerDefinition: Configurable {
  /// The rate with which it starts.
  var learningRate: Double { get set }
  /// Keras's names of what it keeps for each weight ("momentum"; Adam: "m", "v"); at most three.
  var slots: [String] { get }
  /// How many numbers the rule reads at each step.
  static var hyperparameterCount: Int { get }
  /// The numbers for the step after `iterations` steps, in double precision from the rate; rounded once, here.
  func writeHyperparameters(rate: Double, iterations: Int, to out: UnsafeMutablePointer<Float>)
  /// The rule on neighbouring weights. It must be a function of the pointers alone.
  var rule: RowUpdate { get }
}
