import KernelTable

/// The same elements under another shape; costs nothing.
struct Reshape: Operation {
  static let name = "Reshape"
  let shape: Shape
  var isView: Bool { true }
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard inputs[0].count == shape.count else {
      throw .shape("reshape: \(inputs[0].count) elements of shape \(inputs[0]) do not fit \(shape)")
    }
    return [shape]
  }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil] }
    return [try g.reshaped(node.inputs[0].shape.dimensions)]
  }
  func kernel(_ memory: Binding) -> Kernel? { nil }
}

/// Axes in another order: result axis i is input axis axes[i].
struct Transpose: Operation {
  static let name = "Transpose"
  let axes: [Int]
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard axes.sorted() == Array(0..<inputs[0].rank) else {
      throw .shape("transpose: each axis of shape \(inputs[0]) must be named once")
    }
    return [Shape(unchecked: axes.map { inputs[0][$0] })]
  }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil] }
    var inverse = [Int](repeating: 0, count: axes.count)
    for (i, axis) in axes.enumerated() { inverse[axis] = i }
    return [try g.transposed(inverse)]
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let own = memory.shape(0).strides
    return stridedCopy(memory, strides: axes.map { own[$0] })
  }
}

/// Repeated along axes of extent 1 and along new axes in front.
struct BroadcastTo: Operation {
  static let name = "Expand"
  let shape: Shape
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard try Shape.broadcast(inputs[0], shape, for: "broadcast") == shape else {
      throw .shape("broadcast: shape \(inputs[0]) does not fit \(shape)")
    }
    return [shape]
  }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil] }
    return [try g.reduced(to: node.inputs[0].shape)]
  }
  func kernel(_ memory: Binding) -> Kernel? {
    stridedCopy(memory, strides: BroadcastLoop.strides(memory.shape(0), within: shape))
  }
}

extension Operation {
  /// Result 0 = input 0 read with other strides.
  fileprivate func stridedCopy(_ memory: Binding, strides: [Int]) -> Kernel {
    let table = StrideTable(memory.node.shapes[0].dimensions, strides)
    let (gather, x, y) = (memory.kernels.gatherStrided, memory.input(0), memory.output())
    return memory.overRange(memory.count) { r in gather(table.rank, table.extents, table.strides, r, x, y) }
  }
}

/// Extents and strides where a kernel can reach them.
private final class StrideTable {
  let rank: Int
  let extents: UnsafePointer<Int>
  let strides: UnsafePointer<Int>
  private let memory: UnsafeMutablePointer<Int>

  init(_ extents: [Int], _ strides: [Int]) {
    rank = extents.count
    memory = .allocate(capacity: max(1, 2 * rank))
    for i in 0..<rank {
      memory[i] = extents[i]
      memory[rank + i] = strides[i]
    }
    self.extents = UnsafePointer(memory)
    self.strides = UnsafePointer(memory + rank)
  }

  deinit { memory.deallocate() }
}
