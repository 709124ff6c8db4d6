import KernelTable

/// An optimizer's rule: how a step moves weights, given their gradient. Its fields are those that Keras gives to this optimizer alone
/// (the rate and what every optimizer has is in `OptimizerConfiguration`); a field with the name of a common one replaces that.
protocol OptimizerDefinition: Configurable {
  /// The rate when none is given.
  static var learningRate: Double { get }
  /// What is kept for each weight; at most three.
  var slots: [Slot] { get }
  /// How many numbers the rule reads at each step.
  static var numberCount: Int { get }
  /// What `rule` reads in the coming step, computed in double precision and rounded once, here.
  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>)
  /// The rule on neighbouring weights. It must be a function of the pointers alone.
  var rule: RowUpdate { get }
  /// Is `rule` w = h₀ w − h₁ g and nothing else? Products then do it themselves, with the gradient in registers.
  var isPlainDescent: Bool { get }
  /// Which of its rules it is, where the fields choose between several: "nesterov".
  var variant: String { get }
  /// Nadam's momentum in a step, counted from 1; nil for all others.
  func momentum(step: Int) -> Double?
  /// The share of a weight, times the rate, that each step takes away, if the rule has such a field of its own.
  var weightDecay: Double? { get }
}

extension OptimizerDefinition {
  var variant: String { "" }
  var isPlainDescent: Bool { false }
  func momentum(step: Int) -> Double? { nil }
  var weightDecay: Double? { nil }
}

/// Something that an optimizer keeps for each weight.
struct Slot: Hashable {
  /// Keras's name: "momentum"; Adam's are "m" and "v".
  let name: String
  /// Its value before the first step.
  let initial: Float

  init(_ name: String, initial: Double = 0) {
    self.name = name
    self.initial = Float(initial)
  }
}

/// What a rule may know of the step that comes.
struct OptimizerMoment {
  /// The learning rate, after schedule and decay.
  let rate: Double
  /// Counted from 1.
  let step: Int
  /// Π `momentum(step:)` over the steps before this one; 1 where the rule has no such momentum.
  let momentumProduct: Double
}
