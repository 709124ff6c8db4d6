/// A graph cut in two: what depends on a variable, and what stands before it and needs to be computed once only while that variable
/// takes many values.
struct Prelude {
  /// Values that the rest takes from outside: each a variable, with what it is to be given.
  private(set) var assignments: [(Variable, Symbol)] = []
  /// The roots, computed from these variables.
  private(set) var roots: [Symbol] = []
  /// Whether a root depends on the variable at all.
  private(set) var isNeeded = false

  private var fixed: [Symbol: Symbol] = [:]
  private var dependent: Set<ObjectIdentifier> = []

  /// Cuts the graph of `roots` at what depends on `variable`.
  init(_ roots: [Symbol], before variable: Variable) throws(NNError) {
    let order = Traversal.postorder(roots.map(\.node))
    var replacement: [Symbol: Symbol] = [:]
    for node in order {
      let reads = (node.operation as? Read)?.variable === variable
      guard reads || node.inputs.contains(where: { dependent.contains(ObjectIdentifier($0.node)) }) else { continue }
      dependent.insert(ObjectIdentifier(node))
      guard !reads else { continue }
      var inputs: [Symbol] = []
      for input in node.inputs { inputs.append(try standIn(input, replacement)) }
      let rebuilt = try Node(node.operation, inputs)
      for i in node.shapes.indices { replacement[Symbol(node, i)] = Symbol(rebuilt, i) }
    }
    for root in roots {
      isNeeded = isNeeded || dependent.contains(ObjectIdentifier(root.node))
      self.roots.append(try standIn(root, replacement))
    }
  }

  /// What stands for a value in the part that depends on the variable.
  private mutating func standIn(_ symbol: Symbol, _ replacement: [Symbol: Symbol]) throws(NNError) -> Symbol {
    if let rebuilt = replacement[symbol] { return rebuilt }
    if dependent.contains(ObjectIdentifier(symbol.node)) || isFree(symbol) { return symbol }
    if let known = fixed[symbol] { return known }
    let variable = try Variable("fixed", symbol.shape, role: .feed)
    assignments.append((variable, symbol))
    let new = try Symbol.read(variable)
    fixed[symbol] = new
    return new
  }

  /// Whether the value is there without work: a leaf, or another view of one.
  private func isFree(_ symbol: Symbol) -> Bool {
    var source = symbol
    while source.node.operation.isView { source = source.node.inputs[0] }
    return source.node.operation.leaf != nil
  }
}
