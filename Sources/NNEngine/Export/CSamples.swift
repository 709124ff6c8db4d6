import KernelTable

/// What an exported file tests itself with: inputs, and what the engine makes of them.
struct CSamples {
  let inputs: [Tensor]
  /// The results of what was exported, with its weights as they were exported.
  let outputs: [Tensor]
  let count: Int
  /// How far these are from the model's own results at most, relative to the largest number of an output.
  let distance: Double

  /// What an exported function and the engine may differ by, relative to the largest number of an output: sums in another order, other
  /// libraries' elementary functions.
  static let tolerance = 1e-5

  /// Samples of a graph of one sample that is no model's.
  init(_ graph: InferenceGraph, _ x: [Tensor]) throws(NNError) {
    (inputs, outputs, count, distance) = (x, try graph.results(x), 1, 0)
  }

  init(_ model: Model, _ graph: InferenceGraph, _ given: [Tensor]?, isExact: Bool, for call: String) throws(NNError) {
    var inputs: [Tensor] = []
    let chosen = if let given { given } else { try CSamples.made(graph) }
    for x in try model.adapted(chosen, for: call) { inputs.append(try x.astype(.float32)) }
    let count = inputs[0].rows
    var samples: [[Tensor]] = []
    for i in 0..<count {
      var sample: [Tensor] = []
      for x in inputs { sample.append(try x.slice(i..<i + 1)) }
      samples.append(sample)
    }
    let results = try graph.results(ofEach: samples)
    var outputs: [Tensor] = []
    for j in graph.outputs.indices { outputs.append(try .concatenated(results.map { $0[j] }, axis: 0)) }
    let whole = try model.predict(inputs, batchSize: count)
    distance = zip(outputs, whole).map { CSamples.distance($0, $1) }.max() ?? 0
    // Sums in another order, and kernels with what was folded into them.
    guard !isExact || distance < 1e-3 else {
      throw NNError(
        .notSupported,
        "\(call): the model's outputs for a sample depend on the other samples of its batch; what is exported takes one at a time",
        path: [model.name])
    }
    (self.inputs, self.outputs, self.count) = (inputs, outputs, count)
  }

  /// Uniform numbers, or numbers of rows where a table is asked; the same at each export.
  private static func made(_ graph: InferenceGraph) throws(NNError) -> [Tensor] {
    var result: [Tensor] = []
    for (i, input) in graph.inputs.enumerated() {
      let shape = Shape(unchecked: [4] + input.shape.dimensions.dropFirst())
      let numbers = RandomState.newStream(seed: UInt64(1000 + i))
      let rows = graph.tableRows(askedBy: input.value)
      result.append(
        try Tensor(shape) { (p: UnsafeMutablePointer<Float>) in
          for j in 0..<shape.count {
            let u = numbers.uniform(j)
            p[j] = rows.map { Float(Int(u * Double($0))) } ?? Float(2 * u - 1)
          }
        })
    }
    return result
  }

  /// The largest difference, relative to the largest number of `b`.
  private static func distance(_ a: Tensor, _ b: Tensor) -> Double {
    var (scale, worst) = (0.0, 0.0)
    for i in 0..<b.shape.count {
      let (x, y) = (a.element(i), b.element(i))
      if y.isFinite { scale = max(scale, y.magnitude) }
      if x == y || x.isNaN && y.isNaN { continue }
      let difference = (x - y).magnitude
      worst = difference.isFinite ? max(worst, difference) : .infinity
    }
    return worst == 0 ? 0 : worst / scale
  }
}

extension InferenceGraph {
  /// How many rows the smallest table has whose rows this value, or a view of it, names; nil: it names none.
  fileprivate func tableRows(askedBy value: Int) -> Int? {
    var result: Int?
    for step in steps {
      if step.operation.isView, step.inputs[0] == value, let rows = tableRows(askedBy: step.outputs[0]) {
        result = min(result ?? rows, rows)
      }
      if step.operation is RowGather, step.inputs[1] == value {
        result = min(result ?? shapes[step.inputs[0]][0], shapes[step.inputs[0]][0])
      }
    }
    return result
  }
}
