/// Joins an optimizer's step to the product that makes its gradient, when nobody else wants that gradient.
struct ProductUpdate: Rewriter.Rule {
  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? {
    guard let step = node.operation as? OptimizerStep else { return nil }
    var gradient = node.inputs[1]
    while graph.isUsedOnce(gradient), gradient.node.operation is Reshape { gradient = gradient.node.inputs[0] }
    guard graph.isUsedOnce(gradient), let matMul = gradient.node.operation as? MatMul else { return nil }
    let factors = gradient.node.inputs
    // The step writes the weights while other parts of the product are still to come: no factor may live there.
    for written in [node.inputs[0]] + node.inputs.dropFirst(3) {
      if factors.contains(where: { $0.memory == written.memory }) { return nil }
    }
    let fused = ProductUpdateStep(matMul: matMul, rule: step.rule)
    return try Symbol.results(fused, factors + [node.inputs[0], node.inputs[2]] + node.inputs.dropFirst(3))
  }
}

extension Symbol {
  /// The result whose memory this one is.
  var memory: Symbol {
    var s = self
    while s.node.operation.isView { s = s.node.inputs[0] }
    return s
  }
}
