import KernelTable

/// Makes weights constants, computes what depends on constants only, and takes factors and shifts of features, such as batch normalization
/// is in inference, into the constant products before or behind them.
struct ConstantFolding: Rewriter.Rule {
  private let names: ConstantNames

  init(_ names: ConstantNames) { self.names = names }

  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    switch node.operation {
    case let read as Read:
      return read.variable.role == .feed ? nil : [try weight(read.variable)]
    case is any Leaf: return nil
    case is Identity, is StopGradient, is Keep: return node.inputs
    case let map as Map where map.label == "linear": return node.inputs
    default: break
    }
    if let constants = try computed(node) { return constants }
    switch node.operation {
    case let binary as Binary:
      guard let (value, feature) = FeatureMap.match(binary, node) else { return nil }
      return try AffineProduct.behind(value, feature, node, graph, names)
    case is MatMul, is Product:
      return try AffineProduct.inFront(node, graph, names)
    default: return nil
    }
  }

  /// A variable's memory, not copied: nobody trains a model while it is exported.
  private func weight(_ variable: Variable) throws(NNError) -> Symbol {
    let tensor = Tensor(
      borrowing: variable.pointer, shape: variable.shape, dtype: .float32, release: { _ = variable })
    names[tensor] = variable.path
    return try .literal(tensor)
  }

  /// What comes of constants, unless it is much more than they are.
  private func computed(_ node: Node) throws(NNError) -> [Symbol]? {
    guard !node.inputs.isEmpty, node.inputs.allSatisfy({ $0.node.operation is any Leaf && !($0.node.operation is Read) })
    else { return nil }
    let literals = node.inputs.compactMap { ($0.node.operation as? Literal)?.tensor }
    let name = literals.compactMap { names[$0] }.first
    if let reshape = node.operation as? Reshape, let tensor = literals.first {
      let view = Tensor(shape: reshape.shape, dtype: tensor.dtype, storage: tensor.storage, byteOffset: tensor.byteOffset)
      return [try .literal(view)]
    }
    let room = max(1024, literals.reduce(0) { $0 + $1.shape.count })
    guard node.shapes.allSatisfy({ $0.count <= room }) else { return nil }
    let program = try Program(outputs: node.shapes.indices.map { Symbol(node, $0) }, options: .reference)
    program.run()
    var results: [Symbol] = []
    for i in node.shapes.indices {
      let value = try program.value(i)
      if literals.isEmpty, let uniform = value.uniformValue {
        results.append(try .fill(uniform, value.shape))
      } else {
        names[value] = name
        results.append(try .literal(value))
      }
    }
    return results
  }
}

extension Tensor {
  /// The number that all elements are, if they are; bit for bit.
  fileprivate var uniformValue: Float? {
    guard dtype == .float32, shape.count > 0 else { return nil }
    let first = floats[0]
    return (1..<shape.count).allSatisfy { floats[$0].bitPattern == first.bitPattern } ? first : nil
  }
}

/// What a binary operation with a constant does to each feature: y = factor · x, or y = x + shift.
struct FeatureMap {
  enum Kind {
    case factor
    case shift
  }
  let kind: Kind
  /// Broadcast to the value.
  let constant: Tensor
  private let change: @Sendable (Double) -> Double

  /// The value that is not constant, of the result's shape, and what is done to it.
  static func match(_ binary: Binary, _ node: Node) -> (value: Symbol, map: FeatureMap)? {
    let (a, b) = (node.inputs[0], node.inputs[1])
    let (first, second) = (constant(a), constant(b))
    func map(_ kind: Kind, _ tensor: Tensor?, _ value: Symbol, _ change: @escaping @Sendable (Double) -> Double) -> (
      Symbol, FeatureMap
    )? {
      guard let tensor, value.shape == node.shapes[0] else { return nil }
      return (value, FeatureMap(kind: kind, constant: tensor, change: change))
    }
    switch binary.function {
    case .add: return map(.shift, second, a) { $0 } ?? map(.shift, first, b) { $0 }
    case .subtract: return map(.shift, second, a) { -$0 }
    case .multiply: return map(.factor, second, a) { $0 } ?? map(.factor, first, b) { $0 }
    case .divide: return map(.factor, second, a) { 1 / $0 }
    default: return nil
    }
  }

  private static func constant(_ symbol: Symbol) -> Tensor? {
    if let literal = symbol.node.operation as? Literal { return literal.tensor }
    // Small, so that it costs nothing to write it out.
    guard let fill = symbol.node.operation as? Fill, fill.shape.count <= 1 << 16 else { return nil }
    return try? Tensor(Double(fill.value), shape: fill.shape)
  }

  /// A number for each of the last `count` elements of `shape`, row-major, if it is the same for all that come before them.
  func repeated(every count: Int, in shape: Shape) -> [Double]? {
    let strides = BroadcastLoop.strides(constant.shape, within: shape)
    var (axis, extent) = (shape.rank, 1)
    while axis > 0, extent < count {
      axis -= 1
      extent *= shape[axis]
    }
    guard extent == count, count > 0, (0..<axis).allSatisfy({ strides[$0] == 0 || shape[$0] == 1 }) else { return nil }
    return (0..<count).map { index in
      var (rest, offset) = (index, 0)
      for i in stride(from: shape.rank - 1, through: axis, by: -1) {
        offset += rest % shape[i] * strides[i]
        rest /= shape[i]
      }
      return change(constant.element(offset))
    }
  }
}
