/// The random state of a model: a seed and a count of steps. Two integers, and all masks of all layers follow from them.
final class ModelRandom {
  /// Seed (two words) and step (one word), as bits where programs read them.
  let key: Variable
  private(set) var seed: UInt64 = 0
  private(set) var step: UInt32 = 0
  private var isSeeded = false

  init() throws(NNError) { key = try Variable("random", Shape([3]), role: .feed) }

  /// Takes a seed from the process's, once.
  func seedIfNeeded() {
    if isSeeded { return }
    seed = RandomState.newStream().bits(0)
    isSeeded = true
  }

  /// New random numbers for the next run.
  func beginStep() {
    seedIfNeeded()
    key.words[0] = UInt32(truncatingIfNeeded: seed)
    key.words[1] = UInt32(truncatingIfNeeded: seed >> 32)
    key.words[2] = step
    step &+= 1
  }
}
