/// Weights in eight bits: each column, the weights of one output, times a scale of its own (symmetric, so that 0 stays 0).
struct Int8Kernel {
  let shape: Shape
  let values: [Int8]
  /// One for each index of the last axis.
  let scales: [Float]

  init(_ tensor: Tensor) throws(NNError) {
    let columns = tensor.shape.dimensions.last ?? 1
    var largest = [Float](repeating: 0, count: columns)
    let (weights, count) = (tensor.floats, tensor.shape.count)
    for i in 0..<count {
      guard weights[i].isFinite else {
        throw NNError(.notFinite, "the kernel holds NaN or infinity, which int8 cannot say")
      }
      largest[i % columns] = max(largest[i % columns], weights[i].magnitude)
    }
    // A column of zeros has any scale.
    let scales = largest.map { $0 > 0 ? max($0 / 127, .leastNormalMagnitude) : 1 }
    values = (0..<count).map { Int8(max(-127, min(127, (weights[$0] / scales[$0 % columns]).rounded()))) }
    (shape, self.scales) = (tensor.shape, scales)
  }

  /// What the weights have become.
  func dequantized() throws(NNError) -> Tensor {
    try Tensor(shape) { (p: UnsafeMutablePointer<Float>) in
      for i in values.indices { p[i] = Float(values[i]) * scales[i % scales.count] }
    }
  }
}

/// The kernels of a graph that were made int8, by the tensors that stand for them.
final class Int8Kernels {
  private var made: [UnsafeRawPointer: (original: Tensor, kernel: Int8Kernel, tensor: Tensor)] = [:]
  private var kernels: [UnsafeRawPointer: Int8Kernel] = [:]

  subscript(tensor: Tensor) -> Int8Kernel? { kernels[tensor.bytes] }

  fileprivate func rounded(_ tensor: Tensor) throws(NNError) -> Tensor {
    if let known = made[tensor.bytes] { return known.tensor }
    let kernel = try Int8Kernel(tensor)
    let rounded = try kernel.dequantized()
    made[tensor.bytes] = (tensor, kernel, rounded)
    kernels[rounded.bytes] = kernel
    return rounded
  }
}

/// Rounds the kernels of products and convolutions and the tables of embeddings to what int8 can say. The graph then computes with the rounded
/// weights, so that its results are those of the exported code.
struct QuantizeKernels: Rewriter.Rule {
  let kernels: Int8Kernels
  let names: ConstantNames

  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    let place: Int
    switch node.operation {
    case let op as MatMul where !op.transposeA && !op.transposeB: place = 1
    case let op as Product where !op.matMul.transposeA && !op.matMul.transposeB: place = 1
    case is Convolution: place = 1
    case is RowGather where node.inputs[0].shape.rank > 1: place = 0
    default: return nil
    }
    guard let literal = node.inputs[place].node.operation as? Literal, literal.tensor.shape.count > 0,
      kernels[literal.tensor] == nil
    else { return nil }
    let name = names[literal.tensor]
    let rounded: Tensor
    do throws(NNError) { rounded = try kernels.rounded(literal.tensor) } catch {
      throw name.map { error.within($0) } ?? error
    }
    names[rounded] = name
    var inputs = node.inputs
    inputs[place] = try .literal(rounded)
    let new = try Node(node.operation, inputs)
    return new.shapes.indices.map { Symbol(new, $0) }
  }
}
