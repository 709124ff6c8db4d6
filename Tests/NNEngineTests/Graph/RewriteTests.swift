import Testing

@testable import NNEngine

/// Which neighbours are joined, and which must not be.
@Suite("Rewrites")
struct RewriteTests {
  let x: Symbol
  let w: Symbol
  let b: Symbol

  init() throws {
    var numbers = TestNumbers(5)
    x = try Evaluate.input(numbers.floats(12), [4, 3])
    w = try Evaluate.input(numbers.floats(15), [3, 5])
    b = try Evaluate.input(numbers.floats(5), [5])
  }

  /// The labels of a program's kernels, in order.
  static func kernels(_ outputs: [Symbol], _ assignments: [(Variable, Symbol)] = []) throws -> [String] {
    let lines = try Program(outputs: outputs, assignments: assignments).explain().split(separator: "\n").dropFirst()
    return lines.map { line in
      let words = line.dropFirst(5)
      return String(words[..<(words.firstRange(of: "  ")?.lowerBound ?? words.endIndex)])
    }
  }

  @Test("product, bias and activation are one kernel")
  func epilogues() throws {
    #expect(try Self.kernels([x.matmul(w) + b]) == ["MatMul + bias"])
    #expect(try Self.kernels([b + x.matmul(w)]) == ["MatMul + bias"])
    #expect(try Self.kernels([x.matmul(w).apply("tanh")]) == ["MatMul + tanh"])
    #expect(try Self.kernels([(x.matmul(w) + b).apply("elu", 1)]) == ["MatMul + bias + elu"])
    // A stack of rows is a matrix under another shape.
    let rows = try x.reshaped([2, 2, 3])
    #expect(try Self.kernels([(rows.matmul(w) + b).apply("relu", .infinity)]) == ["MatMul + bias + relu"])
  }

  @Test("a derivative joins the product that makes its cotangent")
  func derivative() throws {
    let h = try x.apply("tanh")
    let loss = try h.matmul(w).square().sum()
    let gradient = try #require(try Symbol.gradients(of: loss, for: [x])[0])
    #expect(try Self.kernels([gradient]).last == "MatMul Bᵀ * tanh'")
  }

  @Test("a value in the middle that somebody else needs is not joined away")
  func middle() throws {
    let product = try x.matmul(w)
    let sum = try product + b
    #expect(try Self.kernels([sum, product]) == ["MatMul", "add"])
    #expect(try Self.kernels([sum.apply("tanh"), sum]) == ["MatMul + bias", "tanh"])
    #expect(try Self.kernels([sum.apply("tanh") * sum]) == ["MatMul + bias", "tanh", "multiply"])
    #expect(try Self.kernels([product + product]) == ["MatMul", "add"])
  }

  @Test("what is no bias is not taken for one")
  func noBias() throws {
    let column = try Evaluate.input([1, 2, 3, 4], [4, 1])
    #expect(try Self.kernels([x.matmul(w) + column]) == ["MatMul", "add"])
    let scalar = try Evaluate.input([1], [])
    #expect(try Self.kernels([x.matmul(w) + scalar]) == ["MatMul", "add"])
    let wide = try Evaluate.input([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 1, 5])
    #expect(try Self.kernels([x.matmul(w) + wide]) == ["MatMul", "add"])
    // Only one bias, and none after the function.
    #expect(try Self.kernels([x.matmul(w) + b + b.negative()]) == ["MatMul + bias", "negative", "add"])
    #expect(try Self.kernels([x.matmul(w).apply("tanh") + b]) == ["MatMul + tanh", "add"])
    #expect(try Self.kernels([x.matmul(w).apply("tanh").apply("sin")]) == ["MatMul + tanh", "sin"])
    // The last axis of the stack is not the product's.
    #expect(try Self.kernels([x.matmul(w).reshaped([10, 2]) + .literal(Tensor([1, 2]))]) == ["MatMul", "add"])
  }

  @Test("equal operations on equal inputs are computed once")
  func commonSubexpressions() throws {
    #expect(try Self.kernels([x.exp() + x.exp()]) == ["exp", "add"])
    #expect(try Self.kernels([x.exp(), x.exp()]) == ["exp"])
    #expect(try Self.kernels([x.apply("elu", 1), x.apply("elu", 0.5)]) == ["elu", "elu"])
    #expect(try Self.kernels([x.matmul(w).square() + x.matmul(w).negative()]).filter { $0 == "MatMul" }.count == 1)
  }

  @Test("operations without effect disappear, arithmetic on constants is done once")
  func simplified() throws {
    let one = try Symbol.fill(1, .scalar)
    let zero = try Symbol.fill(0, .scalar)
    for same in [try x * one, try one * x, try x / one, try x + zero, try zero + x, try x - zero] {
      #expect(try Self.kernels([same.exp()]) == ["exp"])
    }
    #expect(try Self.kernels([x * ((one + 1) * 3 - 2)]) == ["multiply"])
    #expect(try Self.kernels([x.reshaped([12]).reshaped([2, 6]).reshaped([4, 3]).exp()]) == ["exp"])
    #expect(try Self.kernels([x.reshaped([4, 1, 3]).sum(axes: [1]).exp()]) == ["exp"])
    // A constant that changes the shape has an effect.
    let wide = try Symbol.fill(1, Shape([2, 4, 3]))
    #expect(try Self.kernels([x * wide]) == ["multiply"])
    #expect(try Evaluate.values(x * wide)[0].shape.dimensions == [2, 4, 3])
  }

  @Test("a softmax beside its cross-entropy is the cross-entropy's")
  func sharedSoftmax() throws {
    let labels = try Evaluate.input([0, 1, 2, 0], [4])
    let loss = try Symbol.sparseCrossEntropy(logits: x, labels: labels).loss.mean()
    #expect(try !Self.kernels([loss, x.softmax()]).contains("Softmax"))
    let other = try x * 2
    #expect(try Self.kernels([loss, other.softmax()]).contains("Softmax"))
  }

  /// A layer's update by SGD, as a training step makes it.
  private func update(_ share: (Symbol) throws -> [Symbol] = { _ in [] }) throws -> [String] {
    let weights = try Variable("w", Shape([3, 5]))
    let v = try Symbol.read(weights)
    let loss = try (x.matmul(v) + b).square().sum()
    let gradient = try #require(try Symbol.gradients(of: loss, for: [v])[0])
    let optimizer = try Optimizer.make("SGD")
    let new = try Symbol.results(
      OptimizerStep(rule: optimizer.rule), [v, gradient, .read(optimizer.hyperparameters)])
    return try Self.kernels([loss] + share(gradient), [(weights, new[0])])
  }

  @Test("an update joins the product that makes its gradient")
  func productUpdate() throws {
    let rule = try Optimizer.make("SGD").rule.key
    #expect(try update().last == "MatMul Aᵀ + \(rule)")
    #expect(try update().filter { $0.contains("MatMul") }.count == 2)
  }

  @Test("but not when the gradient is an output, or is used elsewhere")
  func gradientNeeded() throws {
    let rule = try Optimizer.make("SGD").rule.key
    let asOutput = try update { [$0] }
    #expect(asOutput.contains(rule) && asOutput.contains("MatMul Aᵀ"))
    let clipped = try update { [try $0.square().sum().sqrt()] }
    #expect(clipped.contains(rule) && clipped.contains("MatMul Aᵀ"))
  }

  /// W is both what is updated and a factor of its own gradient: rows of W that are already new would spoil the rest.
  @Test("and not when the weights are a factor of their gradient")
  func weightsAsFactor() throws {
    var results: [[Float]] = []
    for options in [Program.Options.standard, .reference] {
      let weights = try Variable("w", Shape([40, 40]))
      var numbers = TestNumbers(8)
      try weights.set(Tensor(numbers.floats(1600, scale: 0.2), shape: Shape([40, 40])))
      let v = try Symbol.read(weights)
      let gradient = try Symbol.make(MatMul(transposeA: true), v, v)
      let optimizer = try Optimizer.make("SGD")
      try optimizer.beginStep()
      let new = try Symbol.results(
        OptimizerStep(rule: optimizer.rule), [v, gradient, .read(optimizer.hyperparameters)])
      let program = try Program(outputs: [], assignments: [(weights, new[0])], options: options)
      program.run()
      results.append(try weights.value().values)
    }
    #expect(haveSameBits(results[0], results[1]))
  }

  // MARK: Normalized data

  /// A step of training a normalization of `data` and a product; `more` are outputs beside the loss.
  private func normalizedStep(
    _ data: Symbol, options: Program.Options = .standard, steps: Int = 0,
    more: (Symbol, Symbol) throws -> [Symbol] = { _, _ in [] }
  ) throws -> (kernels: [String], values: [[Float]]) {
    var numbers = TestNumbers(9)
    let (gamma, beta) = (try Variable("gamma", Shape([3])), try Variable("beta", Shape([3])))
    let weights = try Variable("w", Shape([3, 5]))
    try gamma.set(Tensor(numbers.floats(3)))
    try beta.set(Tensor(numbers.floats(3)))
    try weights.set(Tensor(numbers.floats(15), shape: weights.shape))
    let variables = [gamma, beta, weights]
    let read = try variables.map { try Symbol.read($0) }
    let y = try Symbol.results(BatchNormalizationOperation(epsilon: 1e-3), [data, read[0], read[1]])[0]
    let loss = try (y.matmul(read[2]) + b).apply("tanh").square().sum()
    let gradients = try Symbol.gradients(of: loss, for: read + [data]).map { try #require($0) }
    let optimizer = try Optimizer.make("SGD")
    let new = try zip(read, gradients).map { value, gradient in
      try Symbol.results(OptimizerStep(rule: optimizer.rule), [value, gradient, .read(optimizer.hyperparameters)])[0]
    }
    let (outputs, assignments) = (try [loss] + more(y, gradients[3]), Array(zip(variables, new)))
    let program = try Program(outputs: outputs, assignments: assignments, options: options)
    for _ in 0..<steps {
      try optimizer.beginStep()
      program.run()
    }
    return (try Self.kernels(outputs, assignments), try variables.map { try $0.value().values })
  }

  private static let joined = "MatMul Aᵀ of normalized rows"

  @Test("the gradients of normalized data's weights, gamma and beta are made of one product")
  func normalizedData() throws {
    let rule = try Optimizer.make("SGD").rule.key
    let kernels = try normalizedStep(x).kernels
    #expect(kernels.contains("\(Self.joined) + \(rule)"))
    #expect(kernels.filter { $0.hasPrefix("MatMul") }.count == 2, "forward and this")
    #expect(!kernels.contains("BatchNormalizationGradient"))
    let values = try [Program.Options.standard, .reference].map { try normalizedStep(x, options: $0, steps: 5).values }
    for (fast, slow) in zip(values[0], values[1]) { expectClose(fast, slow, relative: 1e-5, absolute: 1e-6) }
  }

  @Test("but not when the data's gradient is wanted, or somebody else uses what is normalized")
  func normalizedDataWithOthers() throws {
    let wanted = try normalizedStep(x) { _, gradient in [gradient] }.kernels
    #expect(wanted.contains("BatchNormalizationGradient") && !wanted.contains { $0.hasPrefix(Self.joined) })
    // Another product of y: its cotangent is a sum of two.
    let variables = [try Variable("gamma", Shape([3])), try Variable("beta", Shape([3]))]
    let read = try variables.map { try Symbol.read($0) }
    let y = try Symbol.results(BatchNormalizationOperation(epsilon: 1e-3), [x] + read)[0]
    let loss = try y.matmul(w).square().sum() + y.exp().sum()
    let gradients = try Symbol.gradients(of: loss, for: read).map { try #require($0) }
    #expect(try Self.kernels(gradients).contains("BatchNormalizationGradient"))
  }

  @Test("an output of the weights' gradient keeps it, without the update, in the joined product")
  func normalizedDataWithoutUpdate() throws {
    let variables = [
      try Variable("gamma", Shape([3])), try Variable("beta", Shape([3])), try Variable("w", Shape([3, 5])),
    ]
    let read = try variables.map { try Symbol.read($0) }
    let y = try Symbol.results(BatchNormalizationOperation(epsilon: 1e-3), [x, read[0], read[1]])[0]
    let gradients = try Symbol.gradients(of: y.matmul(read[2]).square().sum(), for: read).map { try #require($0) }
    #expect(try Self.kernels(gradients).contains(Self.joined))
    for (variable, count) in zip(variables, [3, 3, 15]) {
      var numbers = TestNumbers(UInt64(count))
      try variable.set(Tensor(numbers.floats(count), shape: variable.shape))
    }
    let values = try [Program.Options.standard, .reference].map { options in
      let program = try Program(outputs: gradients, options: options)
      program.run()
      return try gradients.indices.map { try program.value($0).values }
    }
    for (fast, slow) in zip(values[0], values[1]) { expectClose(fast, slow, relative: 1e-5, absolute: 1e-5) }
  }
}
