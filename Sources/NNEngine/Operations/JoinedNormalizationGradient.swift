import KernelTable

/// The gradients of a batch normalization's gamma and beta and of the weights that its result is multiplied by, out of one product, where
/// nobody asks for the gradient of what is normalized: usually, because it is the data. The cotangent of the normalization's result,
/// which would be another product just as large, is then needed for nothing else than two sums over the batch:
///
///     y = γ x̂ + β, z = y · W, g the cotangent of z; P = x̂ᵀ · g, s = Σ g over the batch
///     dW = yᵀ · g = γ P + β sᵀ     dγ = Σ (g · Wᵀ) ∘ x̂ over the batch = Σ W ∘ P over columns     dβ = Σ g · Wᵀ = W · s
///
/// With a rule the weights are moved at once, as by `ProductUpdateStep`. Inputs: x, mean, inverse deviation, gamma, beta, g, s, W, and with
/// a rule its hyperparameters and slots; results: dW, or with a rule the new weights and slots; dγ, dβ.
struct JoinedNormalizationGradient: Operation {
  static let name = "JoinedNormalizationGradient"
  let rule: UpdateRule?
  var label: String { "MatMul Aᵀ of normalized rows" + (rule.map { " + \($0.key)" } ?? "") }

  private enum Place {
    static let x = 0
    static let mean = 1
    static let inverse = 2
    static let gamma = 3
    static let beta = 4
    static let cotangent = 5
    static let sums = 6
    static let weights = 7
    static let hyperparameters = 8
    static let slots = 9
  }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let product = try MatMul(transposeA: true).shapes(of: [inputs[Place.x], inputs[Place.cotangent]])[0]
    let column = Shape(unchecked: [product[0]])
    guard inputs[Place.mean...Place.beta].allSatisfy({ $0 == column }), inputs[Place.weights] == product,
      inputs[Place.sums].dimensions == [product[1]], product[1] > 0
    else { throw .shape("\(label): shapes \(inputs) do not fit") }
    return [product] + inputs.dropFirst(Place.slots) + [column, column]
  }

  func resultOverwriting(_ input: Int) -> Int? {
    guard rule != nil else { return nil }
    return input == Place.weights ? 0 : input >= Place.slots ? input - Place.slots + 1 : nil
  }

  /// Rewrites come after differentiation, so nobody asks; the definition in small operations would answer.
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.internal, "a fused product has no gradient of its own")
  }

  private func plan(_ node: Node, _ kernels: KernelTable) -> GemmPlan? {
    // The shapes were checked when the node was made.
    let (x, g) = (node.inputs[Place.x].shape, node.inputs[Place.cotangent].shape)
    guard var shape = try? MatMul(transposeA: true).gemm(x, g) else { return nil }
    shape.keepsRows = true
    return kernels.gemmPlan(shape)
  }

  /// x̂, in whole cache lines; behind it is the product's scratch memory.
  private func standardizedBytes(_ node: Node) -> Int { (4 * node.inputs[Place.x].shape.count + 63) & ~63 }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    standardizedBytes(node) + (plan(node, kernels)?.scratchBytes ?? 0)
  }

  func kernel(_ memory: Binding) -> Kernel? {
    guard let plan = plan(memory.node, memory.kernels), let scratch = memory.scratch else { return nil }
    let standardized = scratch.assumingMemoryBound(to: Float.self)
    var task = GemmTask(
      plan: plan, a: standardized, b: memory.input(Place.cotangent), c: memory.output(),
      scratch: scratch + standardizedBytes(memory.node))
    let prepare = bindUpdate(of: &task, memory)
    let standardize = standardize(memory, standardized)
    let product = GemmRunner(task).kernel(memory)
    return {
      prepare?()
      standardize()
      product()
    }
  }

  private func standardize(_ memory: Binding, _ out: Output) -> Kernel {
    let standardize = memory.kernels.normalization.standardize
    let (rows, columns) = (memory.shape(Place.x)[0], memory.shape(Place.x)[1])
    let (x, mean, inverse) = (memory.input(Place.x), memory.input(Place.mean), memory.input(Place.inverse))
    return memory.overRange(columns, grain: BatchNormalizationOperation.grain(rows)) { c in
      standardize(rows, c, columns, x, mean, inverse, out)
    }
  }

  /// What happens to finished rows of P, which lie in scratch memory; answers with what must run before.
  private func bindUpdate(of task: inout GemmTask, _ memory: Binding) -> Kernel? {
    // Without a rule the rows go where the gradient is stored.
    let stored = UpdateTarget(
      weights: memory.output(), slots: (nil, nil, nil), hyperparameters: memory.input(Place.weights))
    let (prepare, target) =
      rule == nil ? (nil, stored) : UpdateBinding.bind(memory, hyperparameters: Place.hyperparameters, others: 2)
    let (columns, last) = (task.plan.shape.n, memory.outputs.count - 1)
    let operands = JoinedNormalization(
      columns: columns, weights: rule == nil ? memory.input(Place.weights) : Input(target.weights),
      sums: memory.input(Place.sums), gamma: memory.input(Place.gamma), beta: memory.input(Place.beta),
      dGamma: memory.output(last - 1), dBeta: memory.output(last))
    let gradient = memory.kernels.normalization.joinedGradient
    task.target = target
    if let update = rule?.update {
      task.update = { count, product, at, target in
        gradient(at / columns..<(at &+ count) / columns, product, Output(mutating: product), operands)
        update(count, product, at, target)
      }
    } else {
      task.update = { count, product, at, target in
        gradient(at / columns..<(at &+ count) / columns, product, target.weights + at, operands)
      }
    }
    return prepare
  }
}
