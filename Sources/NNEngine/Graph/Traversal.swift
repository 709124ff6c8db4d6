/// Walks over graphs, without recursion and in an order that depends on the graph alone: reproducible programs start here.
enum Traversal {
  /// Every node that `roots` need, each after its inputs.
  static func postorder(_ roots: [Node]) -> [Node] {
    var order: [Node] = []
    var seen: Set<ObjectIdentifier> = []
    var stack: [(node: Node, next: Int)] = []
    for root in roots where seen.insert(ObjectIdentifier(root)).inserted {
      stack.append((root, 0))
      while let (node, next) = stack.last {
        if next < node.inputs.count {
          stack[stack.count - 1].next += 1
          let child = node.inputs[next].node
          if seen.insert(ObjectIdentifier(child)).inserted { stack.append((child, 0)) }
        } else {
          order.append(node)
          stack.removeLast()
        }
      }
    }
    return order
  }

  /// The nodes of `order` (inputs first) with one of `sources` among their ancestors, the sources included.
  static func descendants(of sources: Set<Symbol>, in order: [Node]) -> Set<ObjectIdentifier> {
    let sourceNodes = Set(sources.map { ObjectIdentifier($0.node) })
    var result: Set<ObjectIdentifier> = []
    for node in order {
      let id = ObjectIdentifier(node)
      if sourceNodes.contains(id) || node.inputs.contains(where: { result.contains(ObjectIdentifier($0.node)) }) {
        result.insert(id)
      }
    }
    return result
  }
}
