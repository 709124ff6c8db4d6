import KernelTable

/// The columns of a matrix with their mean taken away, divided by their standard deviation, times gamma, plus beta. Inputs x [n, c], gamma [c],
/// beta [c]; results y, mean, variance (of the population), 1/√(variance + ε). Ioffe and Szegedy, 2015, algorithm 1.
struct BatchNormalizationOperation: Operation {
  static let name = "BatchNormalization"
  let epsilon: Float

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0].rank == 2, inputs[0][0] > 0, inputs[1].dimensions == [inputs[0][1]], inputs[2] == inputs[1] else {
      throw .shape("batch normalization: shapes \(inputs[0]), \(inputs[1]) and \(inputs[2]) do not fit")
    }
    return [inputs[0], inputs[1], inputs[1], inputs[1]]
  }

  /// The statistics themselves feed moving averages only: no gradient is defined through them.
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard cotangents[1...].allSatisfy({ $0 == nil }) else {
      throw NNError(.notSupported, "the gradient through batch statistics is not available")
    }
    guard let dy = cotangents[0] else { return [nil, nil, nil] }
    let inputs = [node.inputs[0], node.inputs[1], Symbol(node, 1), Symbol(node, 3), dy]
    return try Symbol.results(BatchNormalizationGradient(), inputs)
  }

  /// Columns that are worth a chunk: each element is looked at three times, and far apart from its neighbours in the column, which costs about
  /// eight times as much as in a cheap loop.
  static func grain(_ rows: Int) -> Int { max(32, Binding.grain / 8 / max(1, rows)) }

  func kernel(_ memory: Binding) -> Kernel? {
    let (train, epsilon) = (memory.kernels.normalization.train, epsilon)
    let (rows, columns) = (memory.shape(0)[0], memory.shape(0)[1])
    let (x, gamma, beta) = (memory.input(0), memory.input(1), memory.input(2))
    let (y, mean, variance, inverse) = (memory.output(0), memory.output(1), memory.output(2), memory.output(3))
    return memory.overRange(columns, grain: Self.grain(rows)) { c in
      train(rows, c, columns, epsilon, x, gamma, beta, y, mean, variance, inverse)
    }
  }
}

/// dx, dγ, dβ; inputs x, gamma, mean, inverse deviation, dy.
struct BatchNormalizationGradient: Operation {
  static let name = "BatchNormalizationGradient"

  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0], inputs[1], inputs[1]] }
  /// A column is read whole before it is written.
  func resultOverwriting(_ input: Int) -> Int? { input == 4 ? 0 : nil }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of batch normalization is not available")
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let gradient = memory.kernels.normalization.gradient
    let (rows, columns) = (memory.shape(0)[0], memory.shape(0)[1])
    let (x, gamma, mean) = (memory.input(0), memory.input(1), memory.input(2))
    let (inverse, dy) = (memory.input(3), memory.input(4))
    let (dx, dGamma, dBeta) = (memory.output(0), memory.output(1), memory.output(2))
    return memory.overRange(columns, grain: BatchNormalizationOperation.grain(rows)) { c in
      gradient(rows, c, columns, x, gamma, mean, inverse, dy, dx, dGamma, dBeta)
    }
  }
}
