import KernelTable

/// A reduction over neighbouring axes `first ..< end`, which vanish.
struct Reduce: Operation {
  static let name = "Reduce"
  let reduction: Reduction
  let first: Int
  let end: Int
  var label: String { "Reduce(\(reduction))" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let d = inputs[0].dimensions
    let empty = d[first..<end].contains(0)
    if empty, reduction != .sum, reduction != .product {
      throw .shape("\(reduction) of no elements (shape \(inputs[0]))")
    }
    return [Shape(unchecked: Array(d[..<first] + d[end...]))]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil] }
    let x = node.inputs[0]
    func spread(_ s: Symbol) throws(NNError) -> Symbol {
      var d = x.shape.dimensions
      for axis in first..<end { d[axis] = 1 }
      return try s.reshaped(d).broadcast(to: x.shape)
    }
    switch reduction {
    case .sum: return [try spread(dy)]
    case .max, .min:
      // Equal extremes share the cotangent, as in TensorFlow.
      let hit = try x.equal(spread(Symbol(node)))
      let shares = try Symbol.make(Reduce(reduction: .sum, first: first, end: end), hit)
      return [try hit * spread(dy / shares)]
    case .product:
      throw NNError(.notSupported, "the gradient of prod is not available")
    case .argMax, .argMin: return [nil]
    }
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let d = memory.shape(0).dimensions
    let outer = d[..<first].reduce(1, *)
    let count = d[first..<end].reduce(1, *)
    let inner = d[end...].reduce(1, *)
    let (r, reduce, x, y) = (reduction, memory.kernels.reduce, memory.input(0), memory.output())
    let grain = max(1, Binding.grain / max(count, 1))
    if outer >= inner {
      return memory.overRange(outer, grain: max(1, grain / max(inner, 1))) { o in
        reduce(r, o, count, 0..<inner, inner, x, y)
      }
    }
    return memory.overRange(inner, grain: max(16, grain)) { i in reduce(r, 0..<outer, count, i, inner, x, y) }
  }
}
