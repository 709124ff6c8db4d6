import KernelTable

/// A product with a constant kernel, into which factors and shifts of its inputs or outputs are taken, in double precision.
struct AffineProduct {
  private var operation: any EpilogueOwner
  private var x: Symbol
  private let kernel: Symbol
  private let weights: Tensor
  /// The kernel after factors were taken in; nil while it is as it was.
  private var changed: [Double]?
  private var bias: [Double]?
  private let columns: Int
  /// The kernel's columns stand in its rows.
  private let isTransposed: Bool
  private let name: String?

  /// nil: not one, or somebody else needs the kernel, too, and it would have to be written twice.
  private init?(_ node: Node, _ graph: Rewriter, _ names: ConstantNames) {
    switch node.operation {
    case let matMul as MatMul: operation = Product(matMul: matMul)
    case let owner as any EpilogueOwner: operation = owner
    default: return nil
    }
    guard case .none = operation.epilogue, let literal = node.inputs[1].node.operation as? Literal,
      graph.isUsedOnce(node.inputs[1]), let columns = node.shapes[0].dimensions.last, columns > 0
    else { return nil }
    if operation.hasBias {
      guard let tensor = (node.inputs[2].node.operation as? Literal)?.tensor else { return nil }
      bias = (0..<columns).map { tensor.element($0) }
    }
    x = node.inputs[0]
    (kernel, weights) = (node.inputs[1], literal.tensor)
    self.columns = columns
    isTransposed = (operation as? Product)?.matMul.transposeB ?? false
    name = names[weights]
  }

  private var count: Int { weights.shape.count }
  private func column(_ i: Int) -> Int { isTransposed ? i / (count / columns) : i % columns }
  private func row(_ i: Int) -> Int { isTransposed ? i % (count / columns) : i / columns }
  private func weight(_ i: Int) -> Double { changed?[i] ?? weights.element(i) }

  private mutating func multiply(by factor: (Int) -> Double) {
    changed = (0..<count).map { weight($0) * factor($0) }
  }

  // MARK: What is done to the outputs

  /// What stands for `node`, which does `map` to `value`, if that is a product's result that nobody else needs.
  static func behind(
    _ value: Symbol, _ map: FeatureMap, _ node: Node, _ graph: Rewriter, _ names: ConstantNames
  ) throws(NNError) -> [Symbol]? {
    guard let columns = value.shape.dimensions.last, let numbers = map.repeated(every: columns, in: value.shape) else {
      return nil
    }
    var source = value
    while graph.isUsedOnce(source), source.node.operation is Reshape { source = source.node.inputs[0] }
    guard graph.isUsedOnce(source), source.shape.dimensions.last == columns,
      var product = AffineProduct(source.node, graph, names)
    else { return nil }
    switch map.kind {
    case .factor:
      product.multiply { [product] in numbers[product.column($0)] }
      product.bias = product.bias.map { bias in zip(bias, numbers).map { $0 * $1 } }
    case .shift:
      product.bias = zip(product.bias ?? [Double](repeating: 0, count: columns), numbers).map { $0 + $1 }
    }
    return [try product.result(names).reshaped(node.shapes[0].dimensions)]
  }

  // MARK: What is done to the inputs

  /// Beyond this a shift stays where it is: it takes the bulk of large numbers away, which must happen before they are multiplied and summed,
  /// or digits are lost.
  private static let greatestShift = 16.0

  /// What stands for the product `node` if its inputs are features times factors plus shifts.
  static func inFront(_ node: Node, _ graph: Rewriter, _ names: ConstantNames) throws(NNError) -> [Symbol]? {
    guard var product = AffineProduct(node, graph, names), let matrix = product.operation as? Product,
      !matrix.matMul.transposeA
    else { return nil }
    var changes = false
    while try product.takeInput(graph) { changes = true }
    return changes ? [try product.result(names)] : nil
  }

  private mutating func takeInput(_ graph: Rewriter) throws(NNError) -> Bool {
    var source = x
    while graph.isUsedOnce(source), source.node.operation is Reshape { source = source.node.inputs[0] }
    guard graph.isUsedOnce(source), let binary = source.node.operation as? Binary,
      let (value, map) = FeatureMap.match(binary, source.node),
      let numbers = map.repeated(every: x.shape[1], in: value.shape)
    else { return false }
    switch map.kind {
    case .factor:
      multiply { [self] in numbers[row($0)] }
    case .shift:
      guard numbers.allSatisfy({ $0.magnitude <= AffineProduct.greatestShift }) else { return false }
      var sums = bias ?? [Double](repeating: 0, count: columns)
      for i in 0..<count { sums[column(i)] += numbers[row(i)] * weight(i) }
      bias = sums
    }
    x = try value.reshaped(x.shape.dimensions)
    return true
  }

  private func result(_ names: ConstantNames) throws(NNError) -> Symbol {
    var inputs = [x, kernel]
    if let changed { inputs[1] = try literal(changed, weights.shape, name, names) }
    var operation = operation
    operation.hasBias = bias != nil
    if let bias {
      let name = name.map { $0.hasSuffix("/kernel") ? $0.dropLast("kernel".count) + "bias" : $0 + "/bias" }
      inputs.append(try literal(bias, Shape(unchecked: [columns]), name, names))
    }
    return Symbol(try Node(operation, inputs))
  }

  private func literal(
    _ values: [Double], _ shape: Shape, _ name: String?, _ names: ConstantNames
  ) throws(NNError) -> Symbol {
    let tensor = try Tensor(shape) { (p: UnsafeMutablePointer<Float>) in
      for i in values.indices { p[i] = Float(values[i]) }
    }
    names[tensor] = name
    return try .literal(tensor)
  }
}
