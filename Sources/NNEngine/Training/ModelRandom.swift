/// The random state of a model: a seed and a count of steps. Two integers, and all masks of all layers follow from them.
final class ModelRandom {
  /// Seed (two words) and step (one word), as bits where programs read them.
  let key: Variable
  private(set) var seed: UInt64 = 0
  private(set) var step: UInt32 = 0
  /// The process's seed from which this one was taken.
  private var generation: Int?

  init() throws(NNError) { key = try Variable("random", Shape([3]), role: .feed) }

  /// Takes a seed from the process's, once for each that is set there.
  func seedIfNeeded() {
    let current = RandomState.generation
    if generation == current { return }
    (seed, step, generation) = (RandomState.newStream().bits(0), 0, current)
  }

  /// Begins with a seed of its own.
  func start(seed: UInt64) { (self.seed, step, generation) = (seed, 0, RandomState.generation) }

  /// Runs something that needs random numbers, and goes back to where they were. Takes nothing from the process's seed either.
  func preserving<R>(_ body: () throws(NNError) -> R) throws(NNError) -> R {
    let before = (seed, step, generation)
    defer { (seed, step, generation) = before }
    start(seed: generation == RandomState.generation ? seed : 0)
    return try body()
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
