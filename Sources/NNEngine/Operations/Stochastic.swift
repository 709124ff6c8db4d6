import KernelTable

// Operations that draw random numbers. Each takes the program's key (seed and step, as bits in a feed) as an input and owns a
// stream, so the same step gives the same numbers, whatever the order or the number of threads.

extension Binding {
  /// Input `i` as the bits that it holds.
  fileprivate func key(_ i: Int) -> RandomKey { UnsafeRawPointer(input(i)).assumingMemoryBound(to: UInt32.self) }
}

/// y = uniform ≥ rate ? x / (1 − rate) : 0, with uniform numbers of 16 bits; inputs x, key. The mask is drawn anew for the gradient instead of being kept.
struct Dropout: Operation {
  static let name = "Dropout"
  let rate: Float
  let stream: UInt32
  var label: String { "Dropout(\(rate))" }

  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0]] }
  func resultOverwriting(_ input: Int) -> Int? { input == 0 ? 0 : nil }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil, nil] }
    return [try .make(self, dy, node.inputs[1]), nil]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (dropout, key, stream, rate) = (memory.kernels.random.dropout, memory.key(1), stream, rate)
    let (x, y, scale) = (memory.input(0), memory.output(), 1 / (1 - rate))
    return memory.overRange(memory.count, grain: Binding.grain / 4) { r in dropout(r, key, stream, rate, scale, x, y) }
  }
}

/// Numbers from a distribution; input key.
struct RandomNumbers: Operation {
  static let name = "RandomNumbers"
  enum Distribution: Hashable {
    /// [0, 1)
    case uniform
    /// Mean 0, variance 1.
    case normal
  }
  let distribution: Distribution
  let shape: Shape
  let stream: UInt32
  var label: String { "Random(\(distribution))" }

  func shapes(of inputs: [Shape]) -> [Shape] { [shape] }
  func gradient(of node: Node, _ cotangents: [Symbol?]) -> [Symbol?] { [nil] }

  func kernel(_ memory: Binding) -> Kernel? {
    let random = memory.kernels.random
    let draw = distribution == .uniform ? random.uniform : random.normal
    let (key, stream, y) = (memory.key(0), stream, memory.output())
    return memory.overRange(memory.count, grain: Binding.grain / 4) { r in draw(r, key, stream, y + r.lowerBound) }
  }
}
