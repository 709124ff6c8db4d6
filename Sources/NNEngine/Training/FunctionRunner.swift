/// Runs what users' functions record outside of models: for gradients, and for functions that are compiled once.
///
/// A function that is recorded anew at each call gives the same graph each time, but for the numbers in it. Programs are kept by the
/// graph's form, and the numbers are fed: making a program takes much longer than recording.
public final class FunctionRunner {
  private var entries: [(form: GraphForm, function: CompiledFunction)] = []
  private let random: ModelRandom
  private static let capacity = 32

  /// A runner without programs.
  public init() throws(NNError) { random = try ModelRandom() }

  /// A new recording. The caller ends it.
  public func begin(training: Bool = false) -> SymbolScope {
    SymbolScope(CallContext(training: training, random: random.key))
  }

  /// How many programs were made.
  public private(set) var compilations = 0

  /// Computes symbols of a recording, and what it assigns.
  public func run(_ scope: SymbolScope, _ outputs: [ScopedSymbol]) throws(NNError) -> [Tensor] {
    guard let context = scope.context else { throw NNError(.internal, "no recording") }
    var symbols: [Symbol] = []
    for output in outputs { symbols.append(try output.value()) }
    let form = GraphForm(symbols, context.updates)
    if let i = entries.firstIndex(where: { $0.form == form }) {
      let entry = entries.remove(at: i)
      entries.append(entry)
      return try entry.function.run(form.literals)
    }
    let fed = try form.fed()
    let function = try CompiledFunction(fed.feeds, fed.outputs, fed.assignments, context.isRandom ? random : nil)
    compilations += 1
    if entries.count == FunctionRunner.capacity { entries.removeFirst() }
    entries.append((form.withoutNumbers, function))
    return try function.run(form.literals)
  }

  /// A function of these inputs, made ready once.
  public func compile(
    _ scope: SymbolScope, _ inputs: [FunctionInput], _ outputs: [ScopedSymbol]
  ) throws(NNError) -> CompiledFunction {
    guard let context = scope.context else { throw NNError(.internal, "no recording") }
    var symbols: [Symbol] = []
    for output in outputs { symbols.append(try output.value()) }
    compilations += 1
    return try CompiledFunction(inputs.map(\.feed), symbols, context.updates, context.isRandom ? random : nil)
  }
}

/// An input of a function that is compiled once.
public struct FunctionInput {
  let feed: Variable
  /// What the function receives.
  public let symbol: ScopedSymbol

  /// An input of this shape.
  public init(_ shape: Shape, _ scope: SymbolScope) throws(NNError) {
    feed = try Variable("argument", shape, role: .feed)
    symbol = try scope.read(feed)
  }
}

/// A program with inputs.
public final class CompiledFunction {
  private let feeds: [Variable]
  private let program: Program
  private let random: ModelRandom?

  init(
    _ feeds: [Variable], _ outputs: [Symbol], _ assignments: [(Variable, Symbol)], _ random: ModelRandom?
  ) throws(NNError) {
    (self.feeds, self.random) = (feeds, random)
    program = try Program(outputs: outputs, assignments: assignments, options: Program.Options.current)
  }

  /// The outputs for these inputs.
  public func run(_ inputs: [Tensor]) throws(NNError) -> [Tensor] {
    guard inputs.count == feeds.count else {
      throw NNError(.internal, "expected \(feeds.count) inputs, got \(inputs.count)")
    }
    for (feed, input) in zip(feeds, inputs) { try feed.set(input) }
    random?.beginStep()
    program.run()
    var results: [Tensor] = []
    for i in program.outputIndices { results.append(try program.value(i)) }
    return results
  }
}

/// A graph without the numbers that it was recorded with: two recordings of one function have the same.
private struct GraphForm: Hashable {
  private struct Step: Hashable {
    let operation: AnyHashable
    let inputs: [Int]
  }
  /// In place of given numbers.
  private struct Place: Hashable { let shape: Shape }

  private let steps: [Step]
  private let ends: [Int]
  private let isReference = ReferenceMode.isOn
  private var nodes: [Node] = []
  private var outputs: [Symbol] = []
  private var assignments: [(Variable, Symbol)] = []
  /// The given numbers, in the order of the graph.
  private(set) var literals: [Tensor] = []

  /// Numbers beyond this many would cost more to copy than a new program now and then.
  private static let largestFed = 1 << 20

  init(_ outputs: [Symbol], _ assignments: [(Variable, Symbol)]) {
    let roots = outputs + assignments.map(\.1)
    nodes = Traversal.postorder(roots.map(\.node))
    let places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($1), $0) })
    func place(_ symbol: Symbol) -> Int { (places[ObjectIdentifier(symbol.node)] ?? 0) * 8 + symbol.index }
    var steps: [Step] = []
    for node in nodes {
      if let tensor = GraphForm.fedNumbers(node) {
        literals.append(tensor)
        steps.append(Step(operation: AnyHashable(Place(shape: tensor.shape)), inputs: []))
      } else {
        steps.append(Step(operation: GraphForm.erased(node.operation), inputs: node.inputs.map(place)))
      }
    }
    self.steps = steps
    ends =
      roots.map(place)
      + assignments.map { Int(bitPattern: Unmanaged.passUnretained($0.0).toOpaque()) }
    (self.outputs, self.assignments) = (outputs, assignments)
  }

  private static func erased(_ operation: some Operation) -> AnyHashable { AnyHashable(operation) }

  private static func fedNumbers(_ node: Node) -> Tensor? {
    guard let literal = node.operation as? Literal, literal.tensor.shape.count <= largestFed else { return nil }
    return literal.tensor
  }

  /// What is kept.
  var withoutNumbers: GraphForm {
    var form = self
    (form.nodes, form.outputs, form.literals) = ([], [], [])
    return form
  }

  /// The graph with feeds in place of numbers.
  func fed() throws(NNError) -> (feeds: [Variable], outputs: [Symbol], assignments: [(Variable, Symbol)]) {
    var feeds: [Variable] = []
    var made: [ObjectIdentifier: Node] = [:]
    func new(_ symbol: Symbol) -> Symbol {
      Symbol(made[ObjectIdentifier(symbol.node)] ?? symbol.node, symbol.index)
    }
    for node in nodes {
      if let tensor = GraphForm.fedNumbers(node) {
        let feed = try Variable("number", tensor.shape, role: .feed)
        feeds.append(feed)
        made[ObjectIdentifier(node)] = try Symbol.read(feed).node
      } else if !node.inputs.isEmpty {
        made[ObjectIdentifier(node)] = try Node(node.operation, node.inputs.map(new))
      }
    }
    return (feeds, outputs.map(new), assignments.map { ($0.0, new($0.1)) })
  }

  static func == (a: GraphForm, b: GraphForm) -> Bool {
    a.isReference == b.isReference && a.ends == b.ends && a.steps == b.steps
  }
  func hash(into hasher: inout Hasher) { hasher.combine(ends) }
}

extension SymbolScope {
  /// Numbers as a symbol of this recording.
  public func constant(_ tensor: Tensor) throws(NNError) -> ScopedSymbol {
    ScopedSymbol(try .literal(tensor), self)
  }

  /// The same value as a node of its own, so that gradients can be taken with respect to it alone.
  public func fresh(_ symbol: ScopedSymbol) throws(NNError) -> ScopedSymbol {
    ScopedSymbol(try .make(Identity(), symbol.value()), self)
  }

  /// The gradient of one number with respect to each target; 0 where it does not depend on it.
  public func gradients(
    of loss: ScopedSymbol, for targets: [ScopedSymbol]
  ) throws(NNError) -> [ScopedSymbol] {
    guard loss.shape.count == 1 else {
      throw .shape("the function must return one number, got shape \(loss.shape)")
    }
    var symbols: [Symbol] = []
    for target in targets { symbols.append(try target.value()) }
    var result: [ScopedSymbol] = []
    for (symbol, gradient) in zip(symbols, try Symbol.gradients(of: loss.value(), for: symbols)) {
      guard let gradient else {
        result.append(ScopedSymbol(try .fill(0, symbol.shape), self))
        continue
      }
      result.append(ScopedSymbol(gradient, self))
    }
    return result
  }
}

extension ScopedSymbol {
  /// The same value, through which no gradient flows.
  public func stoppingGradient() throws(NNError) -> ScopedSymbol {
    try with { (x) throws(NNError) in try .make(StopGradient(), x) }
  }
}
