/// One application of an operation. Immutable; has identity.
final class Node {
  let operation: any Operation
  private(set) var inputs: [Symbol]
  let shapes: [Shape]

  init(_ operation: any Operation, _ inputs: [Symbol]) throws(NNError) {
    self.operation = operation
    self.inputs = inputs
    self.shapes = try operation.shapes(of: inputs.map(\.shape))
  }

  /// Chains of nodes are as long as a network is deep, so letting go of one must not recurse: a node that nobody else holds
  /// has its inputs taken away before it dies.
  deinit {
    var pending: [Node] = inputs.map(\.node)
    inputs = []
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) {
        pending += node.inputs.map(\.node)
        node.inputs = []
      }
    }
  }
}
