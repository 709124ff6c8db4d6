import KernelTable

/// A model's function in inference for any batch size. It is recorded for two sizes: extents that are the same in both are fixed, those that
/// are the same multiple of both are multiples of the batch size, and all else must be the same.
struct BatchedGraph {
  /// For one of the sizes.
  let graph: InferenceGraph
  /// The shape of each value.
  let shapes: [[ONNXExtent]]

  /// What is joined: biases to products, which ONNX's operators take, too.
  static var rules: [any Rewriter.Rule] { [ProductEpilogue()] }

  /// Large enough that nothing with the batch's axis is small enough to be computed beforehand, and not likely to be an extent of the model's
  /// own; extents that are equal by chance could be simplified in one recording and not in the other.
  private static let sizes = (1031, 1033)

  /// - Parameter batch: The one size that is wanted; nil: any.
  init(_ model: Model, batch: Int?, for call: String) throws(NNError) {
    let rules = BatchedGraph.rules
    if let batch {
      guard batch > 0 else { throw .invalid("\(call): 'batch' must be a positive integer, got \(batch)") }
      self = BatchedGraph(fixed: try InferenceGraph(model, batch: batch, for: call, rules: rules))
      return
    }
    let (n, m) = BatchedGraph.sizes
    graph = try InferenceGraph(model, batch: n, for: call, rules: rules)
    let other = try InferenceGraph(model, batch: m, for: call, rules: rules)
    if let (what, step) = BatchedGraph.difference(graph, other) {
      throw BatchedGraph.dependsOnBatch(what, step, model.name, call)
    }
    var shapes: [[ONNXExtent]] = []
    for (value, (a, b)) in zip(graph.shapes, other.shapes).enumerated() {
      let extents = a.rank == b.rank ? zip(a.dimensions, b.dimensions).map { BatchedGraph.extent($0, $1) } : [nil]
      guard !extents.contains(nil) else {
        let step = graph.steps.first { $0.outputs.contains(value) || $0.inputs.contains(value) }
        throw BatchedGraph.dependsOnBatch("the shape \(a) for \(n) samples", step, model.name, call)
      }
      shapes.append(extents.compactMap { $0 })
    }
    self.shapes = shapes
  }

  /// A graph as it was recorded.
  init(fixed graph: InferenceGraph) {
    self.graph = graph
    shapes = graph.shapes.map { $0.dimensions.map { .fixed($0) } }
  }

  private static func extent(_ a: Int, _ b: Int) -> ONNXExtent? {
    if a == b { return .fixed(a) }
    let times = a / sizes.0
    return times * sizes.0 == a && times * sizes.1 == b ? .batch(times: times) : nil
  }

  // MARK: What differs

  /// The first thing that is not the same in both beside extents, and the step whose it is.
  private static func difference(_ a: InferenceGraph, _ b: InferenceGraph) -> (String, InferenceGraph.Step?)? {
    for (x, y) in zip(a.steps, b.steps) where x.inputs != y.inputs || !isSame(x.operation, y.operation) {
      return ("the operation \(x.operation.label)", x)
    }
    for (x, y) in zip(a.constants, b.constants) where x.value != y.value || !isSame(x.contents, y.contents) {
      return ("a constant", a.steps.first { $0.inputs.contains(x.value) })
    }
    guard a.steps.count == b.steps.count, a.constants.count == b.constants.count else {
      return ("what it computes", nil)
    }
    return nil
  }

  /// Operations that carry a shape are compared by that.
  private static func isSame(_ a: any Operation, _ b: any Operation) -> Bool {
    a.isEqual(b) || a is Reshape && b is Reshape || a is BroadcastTo && b is BroadcastTo
  }

  private static func isSame(_ a: InferenceGraph.Constant.Contents, _ b: InferenceGraph.Constant.Contents) -> Bool {
    switch (a, b) {
    case (.fill(let x), .fill(let y)): x.bitPattern == y.bitPattern
    case (.numbers(let x), .numbers(let y)):
      // Weights are the same memory.
      x.shape == y.shape && x.dtype == y.dtype
        && (x.bytes == y.bytes
          || (0..<x.shape.count).allSatisfy { x.element($0).bitPattern == y.element($0).bitPattern })
    default: false
    }
  }

  private static func dependsOnBatch(
    _ what: String, _ step: InferenceGraph.Step?, _ model: String, _ call: String
  ) -> NNError {
    let layer = step?.layers.last.map { "the layer '\($0)': " } ?? ""
    return NNError(
      .notSupported, "\(call): \(layer)\(what) depends on the batch size; 'batch' asks for a file for one size",
      path: [model])
  }
}
