import KernelTable

/// A model's function in inference for one batch size, as operations on numbered values: where every export begins. Layers, nesting, sharing
/// and users' code are gone: what is left is what was recorded when the model was called, with constants computed, normalizations folded
/// into the products beside them, equal work done once, and what training alone needs left out. A pure function of the model, its weights and the
/// batch size; steps, values and names come in an order that the model alone decides.
struct InferenceGraph {
  /// A value that comes in or goes out.
  struct Port {
    /// The model's name of it: that of a layer.
    let name: String
    let value: Int
    /// With the batch's axis.
    let shape: Shape
  }

  /// A value that is known.
  struct Constant {
    /// Unique among the constants: the path of the variable that it comes from, or a name that says that there is none.
    let name: String
    let value: Int
    let contents: Contents

    enum Contents {
      case numbers(Tensor)
      /// One number everywhere.
      case fill(Float)
    }
  }

  /// One operation.
  struct Step {
    let operation: any Operation
    let inputs: [Int]
    let outputs: [Int]
    /// The names of the layers whose work this is, in the order in which they are called; models in the model first, "inner/dense".
    let layers: [String]
  }

  let inputs: [Port]
  let outputs: [Port]
  /// Those that a step uses, or that are outputs.
  let constants: [Constant]
  /// Inputs before their users.
  let steps: [Step]
  /// The shape of each value, with the batch's axis where it has one.
  let shapes: [Shape]

  private let feeds: [Variable]
  private let roots: [Symbol]

  /// - Parameters:
  ///   - model: A built one; it is not changed.
  ///   - call: Who asks, for errors.
  ///   - names: Learns what the constants' tensors are called.
  ///   - rules: Rewrites for the sake of the format, after the common ones.
  init(
    _ model: Model, batch: Int, for call: String, names: ConstantNames = ConstantNames(),
    rules: [any Rewriter.Rule] = []
  ) throws(NNError) {
    guard model.isBuilt, !model.inputShapes.isEmpty else {
      throw NNError(
        .state, "\(call): the model is not built yet: the shape of its input is not known", path: [model.name])
    }
    var feeds: [Variable] = []
    for (name, shape) in zip(model.inputNames, model.inputShapes) {
      feeds.append(try Variable(name, shape.batch(batch), role: .feed))
    }
    let context = CallContext(training: false, random: model.random.key)
    let origins = NodeOrigins()
    context.origins = origins
    var symbols: [Symbol] = []
    for feed in feeds { symbols.append(try context.read(feed)) }
    let inputs = symbols
    var roots = try model.whileActive { () throws(NNError) in try model.call(inputs, context) }
    guard context.updates.isEmpty else {
      throw NNError(
        .notSupported,
        "\(call): \(context.updates[0].0.path) changes when the model is called; what is exported cannot",
        path: [model.name])
    }
    do throws(NNError) { roots = try InferenceGraph.rewritten(roots, rules, names, origins) } catch {
      throw error.within(model.name)
    }
    try InferenceGraph.refuseRandomness(roots, model, origins, call)
    self.init(feeds, roots, outputNames: model.outputNames, names, origins)
  }

  private static func refuseRandomness(
    _ roots: [Symbol], _ model: Model, _ origins: NodeOrigins, _ call: String
  ) throws(NNError) {
    for node in Traversal.postorder(roots.map(\.node)) {
      let draws = node.inputs.contains { ($0.node.operation as? Read)?.variable === model.random.key }
      guard draws else { continue }
      let layer = origins.layers(of: node).first.map { "the layer '\($0)'" } ?? "the model"
      throw NNError(
        .notSupported, "\(call): \(layer) draws random numbers also in inference; what is exported cannot",
        path: [model.name])
    }
  }

  /// A graph that was recorded elsewhere: a function of feeds.
  init(_ feeds: [Variable], _ roots: [Symbol], rules: [any Rewriter.Rule] = []) throws(NNError) {
    let (names, origins) = (ConstantNames(), NodeOrigins())
    let roots = try InferenceGraph.rewritten(roots, rules, names, origins)
    self.init(feeds, roots, outputNames: [], names, origins)
  }

  private static func rewritten(
    _ roots: [Symbol], _ rules: [any Rewriter.Rule], _ names: ConstantNames, _ origins: NodeOrigins
  ) throws(NNError) -> [Symbol] {
    var roots = roots
    for rule in [Simplify(), ConstantFolding(names), Simplify()] + rules as [any Rewriter.Rule] {
      roots = try Rewriter.apply(rule, to: roots) { origins.replaced($0, by: $1, $2) }
    }
    return roots
  }

  private init(
    _ feeds: [Variable], _ roots: [Symbol], outputNames: [String], _ names: ConstantNames, _ origins: NodeOrigins
  ) {
    var listing = Listing(feeds, names, origins)
    for node in Traversal.postorder(roots.map(\.node)) { listing.add(node) }
    inputs = feeds.enumerated().map { Port(name: $1.name, value: $0, shape: $1.shape) }
    outputs = roots.enumerated().map { i, root in
      let name = outputNames.indices.contains(i) ? outputNames[i] : "output_\(i)"
      return Port(name: name, value: listing.numbers[root] ?? 0, shape: root.shape)
    }
    (constants, steps, shapes) = (listing.constants, listing.steps, listing.shapes)
    (self.feeds, self.roots) = (feeds, roots)
  }

  /// What the graph makes of a batch: the engine's results, with which what was exported is compared.
  func results(_ x: [Tensor]) throws(NNError) -> [Tensor] { try results(ofEach: [x])[0] }

  /// The same for one batch after another.
  func results(ofEach batches: [[Tensor]]) throws(NNError) -> [[Tensor]] {
    let program = try Program(outputs: roots, options: .current)
    var all: [[Tensor]] = []
    for batch in batches {
      for (feed, x) in zip(feeds, batch) { try feed.set(x) }
      program.run()
      var results: [Tensor] = []
      for i in roots.indices { results.append(try program.value(i)) }
      all.append(results)
    }
    return all
  }

  /// Gives numbers to the values of a graph.
  private struct Listing {
    private(set) var numbers: [Symbol: Int] = [:]
    private(set) var constants: [Constant] = []
    private(set) var steps: [Step] = []
    private(set) var shapes: [Shape]
    private let feeds: [Variable]
    private let names: ConstantNames
    private let origins: NodeOrigins
    private var unique = UniqueNames()

    init(_ feeds: [Variable], _ names: ConstantNames, _ origins: NodeOrigins) {
      (self.feeds, self.names, self.origins) = (feeds, names, origins)
      shapes = feeds.map(\.shape)
    }

    mutating func add(_ node: Node) {
      if let read = node.operation as? Read, let i = feeds.firstIndex(where: { $0 === read.variable }) {
        numbers[Symbol(node)] = i
        return
      }
      let outputs = node.shapes.indices.map { index in
        numbers[Symbol(node, index)] = shapes.count
        shapes.append(node.shapes[index])
        return shapes.count - 1
      }
      switch node.operation {
      case let fill as Fill: add("constant", outputs[0], .fill(fill.value))
      case let literal as Literal: add(names[literal.tensor] ?? "constant", outputs[0], .numbers(literal.tensor))
      default:
        steps.append(
          Step(
            operation: node.operation, inputs: node.inputs.map { numbers[$0] ?? 0 }, outputs: outputs,
            layers: origins.layers(of: node)))
      }
    }

    private mutating func add(_ name: String, _ value: Int, _ contents: Constant.Contents) {
      constants.append(Constant(name: unique.make(name), value: value, contents: contents))
    }
  }
}

/// What the tensors of literals are called, and whose they are.
final class ConstantNames {
  /// The tensors are held, so that no other one comes to lie where one was.
  private var names: [UnsafeRawPointer: (name: String, tensor: Tensor)] = [:]

  subscript(tensor: Tensor) -> String? {
    get { names[tensor.bytes]?.name }
    set { names[tensor.bytes] = newValue.map { ($0, tensor) } }
  }

  /// The tensors that a rule has made for one product alone.
  private var own: [UnsafeRawPointer: Tensor] = [:]
  func isOwn(_ tensor: Tensor) -> Bool { own[tensor.bytes] != nil }
  func setOwn(_ tensor: Tensor) { own[tensor.bytes] = tensor }
}
