extension Symbol {
  /// The gradient of `loss` (the sum of its elements) with respect to each target, as new nodes: reverse-mode differentiation,
  /// graph to graph. nil where the loss does not depend on the target. Nodes without a target among their ancestors are never visited.
  public static func gradients(of loss: Symbol, for targets: [Symbol]) throws(NNError) -> [Symbol?] {
    let order = Traversal.postorder([loss.node])
    // Each mention of a variable outside of layers is a node of its own.
    var mentions: [ObjectIdentifier: [Symbol]] = [:]
    for node in order {
      if let read = node.operation as? Read {
        mentions[ObjectIdentifier(read.variable), default: []].append(Symbol(node))
      }
    }
    func places(_ target: Symbol) -> [Symbol] {
      guard let read = target.node.operation as? Read else { return [target] }
      return mentions[ObjectIdentifier(read.variable)] ?? [target]
    }
    let all = targets.flatMap(places)
    let active = Traversal.descendants(of: Set(all), in: order)
    var cotangents: [Symbol: Symbol] = [:]
    if active.contains(ObjectIdentifier(loss.node)) { cotangents[loss] = try .fill(1, loss.shape) }
    let wanted = Set(all)
    for node in order.reversed() where active.contains(ObjectIdentifier(node)) {
      let given = node.shapes.indices.map { cotangents[Symbol(node, $0)] }
      guard given.contains(where: { $0 != nil }), !node.inputs.isEmpty else { continue }
      let parts = try node.operation.gradient(of: node, given)
      for (input, part) in zip(node.inputs, parts) {
        guard let part, active.contains(ObjectIdentifier(input.node)) else { continue }
        if part.shape != input.shape {
          throw NNError(
            .internal, "gradient of \(node.operation.label): \(part.shape) for an input of shape \(input.shape)")
        }
        if let sum = cotangents[input] { cotangents[input] = try sum + part } else { cotangents[input] = part }
      }
      // Results between loss and targets are not asked for again; letting them go keeps the dictionary small.
      for i in node.shapes.indices where !wanted.contains(Symbol(node, i)) { cotangents[Symbol(node, i)] = nil }
    }
    var result: [Symbol?] = []
    for target in targets {
      var sum: Symbol?
      for place in places(target) {
        guard let part = cotangents[place] else { continue }
        sum = try sum.map { (sum) throws(NNError) in try sum + part } ?? part
      }
      result.append(sum)
    }
    return result
  }
}
