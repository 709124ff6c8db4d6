import KernelTable

/// An optimizer's rule as the graph sees it. Equal keys mean the same rule with the same constants.
struct UpdateRule: Hashable {
  let key: String
  let slotCount: Int
  let update: RowUpdate
  let isPlainDescent: Bool
  static func == (a: UpdateRule, b: UpdateRule) -> Bool { a.key == b.key }
  func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// One step of an optimizer on one variable, slots and all, in one pass over memory. Inputs: weights, gradient, hyperparameters, slots…;
/// results: new weights, new slots….
struct OptimizerStep: Operation {
  static let name = "OptimizerStep"
  let rule: UpdateRule
  var label: String { rule.key }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    for s in inputs[1...] where s != inputs[0] && s != inputs[2] {
      throw .shape("\(label): weights have shape \(inputs[0]), gradient or slot \(s)")
    }
    return [inputs[0]] + inputs.dropFirst(3)
  }

  /// Input 0 → result 0, slot inputs 3… → results 1….
  func resultOverwriting(_ input: Int) -> Int? { input == 0 ? 0 : input >= 3 ? input - 2 : nil }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the derivative of an optimizer's step is not available")
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let (prepare, target) = UpdateBinding.bind(memory, hyperparameters: 2)
    let (update, gradient) = (rule.update, memory.input(1))
    let main = memory.overRange(memory.count, grain: Binding.grain / 2) { r in
      update(r.count, gradient + r.lowerBound, r.lowerBound, target)
    }
    guard let prepare else { return main }
    return {
      prepare()
      main()
    }
  }
}

/// A product that is the gradient of a weight, with the optimizer's step as its epilogue: the gradient is consumed in the cache and never
/// stored. Inputs: a, b, weights, hyperparameters, slots…; results: new weights, new slots….
struct ProductUpdateStep: Operation {
  static let name = "GemmUpdate"
  let matMul: MatMul
  let rule: UpdateRule
  var label: String { "\(matMul.label) + \(rule.key)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let product = try matMul.shapes(of: inputs)[0]
    guard product.count == inputs[2].count else {
      throw .shape("\(label): weights have shape \(inputs[2]), the gradient \(product)")
    }
    return [inputs[2]] + inputs.dropFirst(4)
  }

  func resultOverwriting(_ input: Int) -> Int? { input == 2 ? 0 : input >= 4 ? input - 3 : nil }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the derivative of an optimizer's step is not available")
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int {
    Product(matMul: matMul).scratchBytes(for: node, kernels)
  }

  func kernel(_ memory: Binding) -> Kernel? {
    guard var task = Product(matMul: matMul).task(memory) else { return nil }
    let (prepare, target) = UpdateBinding.bind(memory, hyperparameters: 3)
    task.update = rule.update
    task.target = target
    task.descends = rule.isPlainDescent
    let main = GemmRunner(task).kernel(memory)
    guard let prepare else { return main }
    return {
      prepare()
      main()
    }
  }
}

/// The memory of an update. Rules work in place; where the planner could not put results over inputs, they are copied first.
enum UpdateBinding {
  /// Inputs: weights (first of all, or just before the hyperparameters), hyperparameters as number `h`, slots; results: weights, slots,
  /// and `others` that are not the update's.
  static func bind(_ memory: Binding, hyperparameters h: Int, others: Int = 0) -> (prepare: Kernel?, UpdateTarget) {
    let slots = memory.outputs.count - 1 - others
    let target = UpdateTarget(
      weights: memory.output(0),
      slots: (
        slots > 0 ? memory.output(1) : nil, slots > 1 ? memory.output(2) : nil, slots > 2 ? memory.output(3) : nil
      ), hyperparameters: memory.input(h))
    let pairs =
      [(memory.inputs[h - (h == 2 ? 2 : 1)], memory.output(0))]
      + (0..<slots).map { (memory.inputs[h + 1 + $0], memory.output(1 + $0)) }
    let copies = pairs.filter { $0.0 != $0.1 }
    if copies.isEmpty { return (nil, target) }
    let (copy, count) = (memory.kernels.copy, memory.count)
    return ({ for (from, to) in copies { copy(count, Input(from), to) } }, target)
  }
}
