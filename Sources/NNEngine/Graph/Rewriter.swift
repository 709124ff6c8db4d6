/// Graph to graph, for speed: joins neighbours whose work can be done in one pass. Never changes what is computed beyond the
/// last rounding.
struct Rewriter {
  /// A local rule: sees a node whose inputs are already rewritten; answers with what stands for its results, or nil.
  protocol Rule {
    mutating func apply(_ node: Node, _ graph: Rewriter) throws(NNError) -> [Symbol]?
  }

  /// Simplification and shared subexpressions, softmax with cross-entropy, epilogues of
  /// products, optimizer steps among them, and gradients of normalized data.
  static func standard(_ roots: [Symbol]) throws(NNError) -> [Symbol] {
    var symbols = roots
    for rule in [Simplify(), SharedSoftmax(), ProductEpilogue(), ProductUpdate()] as [any Rule] {
      symbols = try apply(rule, to: symbols)
    }
    return try apply(JoinNormalization(symbols), to: symbols)
  }

  /// One rule over a whole graph. `observe` hears of each node, of what it is on its new inputs, and of what stands for its results.
  static func apply(
    _ rule: any Rule, to roots: [Symbol], observe: ((Node, Node, [Symbol]) -> Void)? = nil
  ) throws(NNError) -> [Symbol] {
    var rewriter = Rewriter(rule)
    rewriter.observe = observe
    return try rewriter.rewrite(roots)
  }

  private var rule: any Rule
  private var observe: ((Node, Node, [Symbol]) -> Void)?
  private var replacement: [Symbol: Symbol] = [:]
  /// How many places use a result, in the graph as it becomes.
  private var uses: [Symbol: Int] = [:]
  private var known: [Key: [Symbol]] = [:]

  private struct Key: Hashable {
    let operation: AnyHashable
    let inputs: [Symbol]
  }

  init(_ rule: any Rule) { self.rule = rule }

  /// Whether exactly one place uses this result.
  func isUsedOnce(_ symbol: Symbol) -> Bool { uses[symbol] == 1 }

  mutating func rewrite(_ roots: [Symbol]) throws(NNError) -> [Symbol] {
    let order = Traversal.postorder(roots.map(\.node))
    var originalUses: [Symbol: Int] = [:]
    for node in order { for input in node.inputs { originalUses[input, default: 0] += 1 } }
    for node in order {
      let results = try rewritten(node, node.inputs.map { replacement[$0] ?? $0 })
      for (i, result) in results.enumerated() {
        let old = Symbol(node, i)
        replacement[old] = result
        uses[result, default: 0] += originalUses[old] ?? 0
        // A rule may answer with a view of what it made: that has one user, the view.
        var s = result
        while s.node.operation.isView, uses[s.node.inputs[0]] == nil {
          s = s.node.inputs[0]
          uses[s] = 1
        }
      }
    }
    return roots.map { replacement[$0] ?? $0 }
  }

  private mutating func rewritten(_ node: Node, _ inputs: [Symbol]) throws(NNError) -> [Symbol] {
    let key = Key(operation: erased(node.operation), inputs: inputs)
    if let twin = known[key] { return twin }
    let unchanged = zip(inputs, node.inputs).allSatisfy { $0 == $1 }
    let rebuilt = unchanged ? node : try Node(node.operation, inputs)
    let results =
      if let new = try rule.apply(rebuilt, self) { new } else { rebuilt.shapes.indices.map { Symbol(rebuilt, $0) } }
    known[key] = results
    observe?(node, rebuilt, results)
    return results
  }

  private func erased(_ operation: any Operation) -> AnyHashable {
    func open<O: Operation>(_ o: O) -> AnyHashable { AnyHashable(o) }
    return open(operation)
  }
}
