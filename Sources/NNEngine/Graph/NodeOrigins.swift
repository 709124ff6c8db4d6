/// Which layers' work the nodes of a graph are, also after rewrites.
final class NodeOrigins {
  /// The nodes are held, so that no other one comes to lie where one was.
  private var entries: [ObjectIdentifier: (node: Node, layers: [String])] = [:]
  private var path: [String] = []

  func layers(of node: Node) -> [String] { entries[ObjectIdentifier(node)]?.layers ?? [] }

  // MARK: While a model is called

  /// A model is called as a layer of another.
  func enter(_ model: String) { path.append(model) }
  func leave() { _ = path.popLast() }

  /// What `results` need and nobody has claimed yet is this layer's work.
  func claim(_ results: [Symbol], for layer: String) {
    let layers = [(path + [layer]).joined(separator: "/")]
    var pending = results.map(\.node)
    while let node = pending.popLast() {
      guard !(node.operation is any Leaf), entries[ObjectIdentifier(node)] == nil else { continue }
      entries[ObjectIdentifier(node)] = (node, layers)
      pending += node.inputs.map(\.node)
    }
  }

  // MARK: While it is rewritten

  /// `results` stand for what `node` was, which on its new inputs was `rebuilt`. What a rule has joined belongs to the layers of all the parts.
  func replaced(_ node: Node, by rebuilt: Node, _ results: [Symbol]) {
    for result in results {
      let new = NodeOrigins.source(result)
      guard new !== node, !(new.operation is any Leaf) else { continue }
      let known = entries[ObjectIdentifier(new)] != nil
      if !known {
        let layers = new === rebuilt ? layers(of: node) : joined(new, rebuilt) + layers(of: node)
        entries[ObjectIdentifier(new)] = (new, NodeOrigins.unique(layers))
      }
      // Views in front of it.
      var view = result.node
      while view !== new {
        if entries[ObjectIdentifier(view)] == nil { entries[ObjectIdentifier(view)] = (view, layers(of: node)) }
        view = view.inputs[0].node
      }
    }
  }

  /// The layers of what `rebuilt` used and `new` has taken into itself.
  private func joined(_ new: Node, _ rebuilt: Node) -> [String] {
    let kept = Set(new.inputs.map { ObjectIdentifier(NodeOrigins.source($0)) })
    var layers: [String] = []
    var pending = rebuilt.inputs
    var seen: Set<ObjectIdentifier> = []
    while let input = pending.popLast() {
      let node = NodeOrigins.source(input)
      let id = ObjectIdentifier(node)
      guard !(node.operation is any Leaf), !kept.contains(id), seen.insert(id).inserted else { continue }
      layers = self.layers(of: node) + layers
      pending += node.inputs
    }
    return layers
  }

  private static func source(_ symbol: Symbol) -> Node {
    var node = symbol.node
    while node.operation is Reshape { node = node.inputs[0].node }
    return node
  }

  private static func unique(_ layers: [String]) -> [String] {
    var seen: Set<String> = []
    return layers.filter { seen.insert($0).inserted }
  }
}
