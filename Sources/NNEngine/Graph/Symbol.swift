/// A value in the graph: one result of one node. A promise of numbers, where `Tensor` is the numbers. Cheap to copy.
public struct Symbol: Hashable {
  let node: Node
  let index: Int

  init(_ node: Node, _ index: Int = 0) {
    self.node = node
    self.index = index
  }

  /// The extents.
  public var shape: Shape { node.shapes[index] }

  /// The same result of the same node.
  public static func == (a: Symbol, b: Symbol) -> Bool { a.node === b.node && a.index == b.index }
  /// By identity.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(node))
    hasher.combine(index)
  }

  /// The first result of a new node.
  static func make(_ operation: any Operation, _ inputs: Symbol...) throws(NNError) -> Symbol {
    Symbol(try Node(operation, inputs))
  }

  /// All results of a new node.
  static func results(_ operation: any Operation, _ inputs: [Symbol]) throws(NNError) -> [Symbol] {
    let node = try Node(operation, inputs)
    return node.shapes.indices.map { Symbol(node, $0) }
  }
}
