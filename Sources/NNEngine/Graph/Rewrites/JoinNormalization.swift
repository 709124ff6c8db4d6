import KernelTable

/// Puts `JoinedNormalizationGradient` in the place of three operations: the product that is the gradient of a normalized batch's next weights
/// (with their update, if that has joined it), the product that is the cotangent of the normalized batch, and the gradient of the
/// normalization, if that is asked for gamma and beta only.
///
/// The three meet in no common node, so they are looked for first, in the graph as it is before the rule is applied.
struct JoinNormalization: Rewriter.Rule {
  /// What stands for the results of a node.
  private var replacement: [ObjectIdentifier: [Symbol]] = [:]

  init(_ roots: [Symbol]) throws(NNError) {
    let graph = Graph(roots)
    for node in graph.order where node.operation is BatchNormalizationGradient {
      guard let found = Pattern(node, graph) else { continue }
      let joined = try found.joined()
      replacement[ObjectIdentifier(found.product)] = Array(joined.dropLast(2))
      // Nobody uses its first result.
      replacement[ObjectIdentifier(node)] = [Symbol(node, 0)] + joined.suffix(2)
    }
  }

  func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]? { replacement[ObjectIdentifier(node)] }

  /// Who uses what.
  private struct Graph {
    let order: [Node]
    private var users: [Symbol: [Node]] = [:]

    init(_ roots: [Symbol]) {
      order = Traversal.postorder(roots.map(\.node))
      for node in order { for input in node.inputs { users[input, default: []].append(node) } }
      for root in roots { users[root, default: []].append(root.node) }
    }

    func users(_ symbol: Symbol) -> [Node] { users[symbol] ?? [] }
  }

  private struct Pattern {
    /// Inputs: x, gamma, mean, inverse deviation, the cotangent.
    let normalization: Node
    /// yᵀ · g, perhaps with an update.
    let product: Node
    let beta: Symbol
    let cotangent: Symbol
    let sums: Symbol?
    let weights: Symbol

    init?(_ node: Node, _ graph: Graph) {
      let (back, forward) = (node.inputs[4], node.inputs[2].node)
      guard graph.users(Symbol(node, 0)).isEmpty, graph.users(back).count == 1,
        back.node.operation.isEqual(MatMul(transposeB: true)), forward.operation is BatchNormalizationOperation,
        node.inputs[2].index == 1, node.inputs[3] == Symbol(forward, 3), node.inputs[0] == forward.inputs[0],
        node.inputs[1] == forward.inputs[1]
      else { return nil }
      let (g, weights) = (back.node.inputs[0], back.node.inputs[1])
      let products = graph.users(g).filter { Pattern.isGradient($0, Symbol(forward, 0), g, weights) }
      guard let product = products.first, products.count == 1 else { return nil }
      normalization = node
      self.product = product
      beta = forward.inputs[2]
      cotangent = g
      self.weights = weights
      sums = graph.users(g).first { $0.operation.isEqual(Pattern.sumOverBatch) }.map { Symbol($0) }
      // Rows of the weights are written while others are still to come: nothing that these need may live there.
      let written = (product.operation as? ProductUpdateStep).map { _ in [weights] + product.inputs.dropFirst(4) } ?? []
      for read in [node.inputs[0], node.inputs[1], beta, g] {
        if written.contains(where: { $0.memory == read.memory }) { return nil }
      }
    }

    private static let sumOverBatch = Reduce(reduction: .sum, first: 0, end: 1)

    private static func isGradient(_ node: Node, _ y: Symbol, _ g: Symbol, _ weights: Symbol) -> Bool {
      guard node.inputs[0] == y, node.inputs[1] == g else { return false }
      if let step = node.operation as? ProductUpdateStep {
        return step.matMul == MatMul(transposeA: true) && node.inputs[2] == weights
      }
      return node.operation.isEqual(MatMul(transposeA: true))
    }

    func joined() throws(NNError) -> [Symbol] {
      let (x, gamma) = (normalization.inputs[0], normalization.inputs[1])
      let (mean, inverse) = (normalization.inputs[2], normalization.inputs[3])
      let sums: Symbol
      if let known = self.sums { sums = known } else { sums = try .make(Pattern.sumOverBatch, cotangent) }
      let step = product.operation as? ProductUpdateStep
      return try Symbol.results(
        JoinedNormalizationGradient(rule: step?.rule),
        [x, mean, inverse, gamma, beta, cotangent, sums, weights] + (step == nil ? [] : product.inputs.dropFirst(3)))
    }
  }
}
