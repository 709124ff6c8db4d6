import KernelTable

/// The cross-entropy of softmax(logits) with class indices or with target probabilities, exactly, from the logits. Results: the loss of
/// each row, the probabilities.
struct SoftmaxCrossEntropy: Operation {
  static let name = "SoftmaxCrossEntropyLoss"
  /// Labels are class indices (one a row) instead of probabilities (one a class).
  let isSparse: Bool
  var label: String { isSparse ? "SparseSoftmaxCrossEntropy" : "SoftmaxCrossEntropy" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let (logits, labels) = (inputs[0], inputs[1])
    let rows = Shape(unchecked: Array(logits.dimensions.dropLast()))
    guard logits.rank > 0, logits[logits.rank - 1] > 0, labels.dimensions == (isSparse ? rows : logits).dimensions
    else {
      throw .shape("cross-entropy: outputs of shape \(logits) do not fit labels of shape \(labels)")
    }
    return [rows, logits]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    var parts: [Symbol] = []
    let probabilities = Symbol(node, 1)
    if let dLoss = cotangents[0] {
      parts.append(try .make(SoftmaxCrossEntropyGradient(isSparse: isSparse), probabilities, node.inputs[1], dLoss))
    }
    if let dp = cotangents[1] { parts.append(try .make(SoftmaxGradient(), probabilities, dp)) }
    guard let first = parts.first else { return [nil, nil] }
    let dLogits = parts.count == 1 ? first : try first + parts[1]
    // Class indices have no derivative; a target has −log softmax.
    guard !isSparse, let dLoss = cotangents[0] else { return [dLogits, nil] }
    let rows = try dLoss.reshaped(dLoss.shape.dimensions + [1])
    return [dLogits, try -(rows * .make(LogSoftmax(), node.inputs[0]))]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let f = isSparse ? memory.kernels.sparseCrossEntropy : memory.kernels.crossEntropy
    let (x, labels, loss, p) = (memory.input(0), memory.input(1), memory.output(0), memory.output(1))
    return memory.overRows { rows, columns in f(rows, columns, x, labels, loss, p) }
  }
}

/// dLogits; inputs probabilities, labels, dLoss.
struct SoftmaxCrossEntropyGradient: Operation {
  static let name = "SoftmaxCrossEntropyGradient"
  let isSparse: Bool
  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0]] }
  func resultOverwriting(_ input: Int) -> Int? { input == 0 ? 0 : nil }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of cross-entropy is not available")
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let f = isSparse ? memory.kernels.sparseCrossEntropyGradient : memory.kernels.crossEntropyGradient
    let (p, labels, dLoss, dx) = (memory.input(0), memory.input(1), memory.input(2), memory.output())
    return memory.overRows { rows, columns in f(rows, columns, p, labels, dLoss, dx) }
  }
}

/// Binary cross-entropy of σ(logit) with a target, element by element, exactly, from the logit.
struct SigmoidCrossEntropy: Operation {
  static let name = "SigmoidCrossEntropy"
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0] == inputs[1] else {
      throw .shape("cross-entropy: outputs of shape \(inputs[0]) do not fit labels of shape \(inputs[1])")
    }
    return [inputs[0]]
  }
  func resultOverwriting(_ input: Int) -> Int? { 0 }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dLoss = cotangents[0] else { return [nil, nil] }
    return [
      try .make(SigmoidCrossEntropyGradient(), node.inputs[0], node.inputs[1], dLoss), try -(dLoss * node.inputs[0]),
    ]
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (f, x, t, y) = (memory.kernels.sigmoidCrossEntropy, memory.input(0), memory.input(1), memory.output())
    return memory.overRange(memory.count, grain: Binding.grain / 4) { r in
      let i = r.lowerBound
      f(r.count, x + i, t + i, y + i)
    }
  }
}

/// (σ(x) − target) · dLoss; inputs x, target, dLoss.
struct SigmoidCrossEntropyGradient: Operation {
  static let name = "SigmoidCrossEntropyGradient"
  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0]] }
  func resultOverwriting(_ input: Int) -> Int? { 0 }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of cross-entropy is not available")
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (f, x, t) = (memory.kernels.sigmoidCrossEntropyGradient, memory.input(0), memory.input(1))
    let (dLoss, dx) = (memory.input(2), memory.output())
    return memory.overRange(memory.count, grain: Binding.grain / 4) { r in
      let i = r.lowerBound
      f(r.count, x + i, t + i, dLoss + i, dx + i)
    }
  }
}
