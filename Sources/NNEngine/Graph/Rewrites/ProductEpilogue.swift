import KernelTable

/// A product that can do something to its result while that is in the cache.
protocol EpilogueOwner: Operation {
  var hasBias: Bool { get set }
  var epilogue: Product.Epilogue { get set }
}

extension Product: EpilogueOwner {}
extension Convolution: EpilogueOwner {}

/// Joins to a matrix product or convolution what is done to its result: + bias, f(·), · f′; and to the gradient of a max-pooling · f′.
struct ProductEpilogue: Rewriter.Rule {
  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    switch node.operation {
    case let op as Binary where op.function == .add:
      if let fused = try bias(node, node.inputs[0], node.inputs[1], graph) { return fused }
      return try bias(node, node.inputs[1], node.inputs[0], graph)
    case let op as Map:
      guard var product = product(node.inputs[0], graph), case .none = product.epilogue else { return nil }
      product.epilogue = .map(op)
      return try rebuilt(node, product, node.inputs[0])
    case let op as MapGradient:
      // Inputs: saved, cotangent.
      if let pooling = node.inputs[1].node.operation as? MaxPoolGradient, pooling.slope == nil,
        graph.isUsedOnce(node.inputs[1])
      {
        let fused = MaxPoolGradient(window: pooling.window, slope: op)
        return try Symbol.results(fused, node.inputs[1].node.inputs + [node.inputs[0]])
      }
      guard var product = product(node.inputs[1], graph), !product.hasBias, case .none = product.epilogue,
        node.inputs[0] != node.inputs[1]
      else { return nil }
      product.epilogue = .gradient(op)
      return try rebuilt(node, product, node.inputs[1], node.inputs[0])
    default: return nil
    }
  }

  /// The product behind a value (views between them are allowed: they keep the order of elements), if nobody else uses it.
  private func product(_ value: Symbol, _ graph: Rewriter) -> (any EpilogueOwner)? {
    guard let source = source(value, graph) else { return nil }
    switch source.node.operation {
    case let op as MatMul: return Product(matMul: op)
    case let op as any EpilogueOwner: return op
    default: return nil
    }
  }

  private func source(_ value: Symbol, _ graph: Rewriter) -> Symbol? {
    var s = value
    while graph.isUsedOnce(s) {
      guard s.node.operation is Reshape else { return s }
      s = s.node.inputs[0]
    }
    return nil
  }

  private func bias(_ node: Node, _ value: Symbol, _ bias: Symbol, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    guard var product = product(value, graph), !product.hasBias, case .none = product.epilogue,
      let columns = value.shape.dimensions.last, bias.shape.dimensions == [columns], node.shapes[0] == value.shape,
      source(value, graph)?.shape.dimensions.last == columns
    else { return nil }
    product.hasBias = true
    return try rebuilt(node, product, value, bias)
  }

  private func rebuilt(_ node: Node, _ product: any EpilogueOwner, _ value: Symbol, _ extra: Symbol...) throws(NNError)
    -> [Symbol]
  {
    var s = value
    while s.node.operation is Reshape { s = s.node.inputs[0] }
    let result = Symbol(try Node(product, s.node.inputs + extra))
    return [try result.reshaped(node.shapes[0].dimensions)]
  }
}
