/// The random state of a model: a seed and a count of steps. Two integers, and all masks of all layers follow from them.
final class ModelRandom {
  /// Seed (two words) and step (one word), as bits where programs read them.
  let key: Variable
  private(set) var seed: UInt64 = 0
  private(set) var step: UInt32 = 0
  /// Where the seed comes from: nowhere yet, the process's (which one), or it is the model's own.
  private enum Origin: Equatable {
    case none
    case process(generation: Int)
    case own
  }
  private var origin = Origin.none

  init() throws(NNError) { key = try Variable("random", Shape([3]), role: .feed) }

  /// Takes a seed from the process's, once for each that is set there; one of its own stays.
  func seedIfNeeded() {
    let current = Origin.process(generation: RandomState.generation)
    if origin == current || origin == .own { return }
    (seed, step, origin) = (RandomState.newStream().bits(0), 0, current)
  }

  /// Begins with a seed of its own, whatever seeds are set for the process.
  func start(seed: UInt64) { (self.seed, step, origin) = (seed, 0, .own) }

  /// Whether there is a seed yet.
  var hasSeed: Bool { origin != .none }

  /// Runs something that needs random numbers, and goes back to where they were. Takes nothing from the process's seed either.
  func preserving<R>(_ body: () throws(NNError) -> R) throws(NNError) -> R {
    let before = (seed, step, origin)
    defer { (seed, step, origin) = before }
    start(seed: seed)
    return try body()
  }

  var place: RandomPlace { RandomPlace(seed: seed, step: step, isOwn: origin == .own) }

  /// Goes back to a place, whatever seed was set for the process since.
  func go(to place: RandomPlace) {
    (seed, step) = (place.seed, place.step)
    origin = place.isOwn ? .own : .process(generation: RandomState.generation)
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

/// Where a model's random numbers are.
package struct RandomPlace: Equatable, Sendable {
  let seed: UInt64
  let step: UInt32
  let isOwn: Bool
}

extension Model {
  /// Where the random numbers are; setting it goes back, whatever seed was set for the process since.
  package var randomPlace: RandomPlace {
    get { random.place }
    set { random.go(to: newValue) }
  }
}
