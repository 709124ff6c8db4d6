import Testing

@testable import NNEngine

@Suite("Gradients")
struct GradientTests {
  static func gradient(_ loss: Symbol, _ targets: Symbol...) throws -> [[Float]?] {
    try Symbol.gradients(of: loss, for: targets).map { symbol in
      try symbol.map { try Evaluate.values($0)[0].values }
    }
  }

  @Test("a value that is used several times collects all its gradients")
  func accumulation() throws {
    let x = try Evaluate.input([2, 3], [2])
    let y = try x * x + x * 3 + x.exp().log()
    #expect(try Self.gradient(y, x)[0] == [8, 10])
    // The same operand on both sides.
    #expect(try Self.gradient(x + x, x)[0] == [2, 2])
    #expect(try Self.gradient(x - x, x)[0] == [0, 0])
  }

  @Test("what does not depend on a target has no gradient")
  func independent() throws {
    let (x, y) = (try Evaluate.input([2], [1]), try Evaluate.input([3], [1]))
    #expect(try Self.gradient(x.square(), x, y) == [[4], nil])
    #expect(try Self.gradient(x.gradientStopped() * y, x, y) == [nil, [2]])
    #expect(try Self.gradient(x.greater(0), x) == [nil])
    #expect(try Self.gradient(x, x) == [[1]])
  }

  @Test("values in the middle are targets, too")
  func middle() throws {
    let x = try Evaluate.input([2], [1])
    let y = try x.square()
    let z = try y * y + x
    #expect(try Self.gradient(z, x, y) == [[33], [8]])
    // Both at once, and the middle alone.
    #expect(try Self.gradient(z, y) == [[8]])
  }

  @Test("what was broadcast is summed", arguments: [[], [1], [3], [1, 3], [2, 1], [2, 3], [1, 1]] as [[Int]])
  func broadcast(_ shape: [Int]) throws {
    let x = try Evaluate.input([Float](repeating: 2, count: shape.reduce(1, *)), shape)
    let y = try Evaluate.input([1, 2, 3, 4, 5, 6], [2, 3])
    let gradient = try #require(try Self.gradient(x * y, x)[0])
    let expected: [Float] =
      switch shape {
      case [3], [1, 3]: [5, 7, 9]
      case [2, 1]: [6, 15]
      case [2, 3]: [1, 2, 3, 4, 5, 6]
      default: [21]
      }
    #expect(gradient == expected)
  }

  @Test("several results: each adds its part, and one alone is enough")
  func results() throws {
    let logits = try Evaluate.input([1, 2, 3, 1, 0, -1], [2, 3])
    let labels = try Evaluate.input([0, 2], [2])
    let (loss, p) = try Symbol.sparseCrossEntropy(logits: logits, labels: labels)
    let weights = try Evaluate.input([1, -2, 3, 0.5, 1, 2], [2, 3])
    let weighted = try (p * weights).sum()
    let both = try #require(try Self.gradient(loss.sum() + weighted, logits)[0])
    let first = try #require(try Self.gradient(loss, logits)[0])
    let second = try #require(try Self.gradient(weighted, logits)[0])
    expectClose(both, zip(first, second).map { $0 + $1 }, relative: 1e-6, absolute: 1e-7)
    // The second is softmax's own.
    let softmax = try #require(try Self.gradient((logits.softmax() * weights).sum(), logits)[0])
    expectClose(second, softmax, relative: 1e-5, absolute: 1e-7)
  }

  @Test("nothing is computed for frozen ancestors")
  func pruned() throws {
    let x = try Evaluate.input([Float](repeating: 0.5, count: 12), [4, 3])
    let w = try Evaluate.input([Float](repeating: 0.1, count: 15), [3, 5])
    let v = try Evaluate.input([Float](repeating: 0.1, count: 10), [5, 2])
    let loss = try x.matmul(w).apply("tanh").matmul(v).square().sum()
    func products(_ targets: Symbol...) throws -> Int {
      let gradients = try Symbol.gradients(of: loss, for: targets).compactMap { $0 }
      return try Program(outputs: gradients).explain().split(separator: "\n").count { $0.contains("MatMul") }
    }
    // Two products forward; then one for v; for w one more through v, one for w itself; for x one instead of that for w.
    #expect(try products(v) == 3)
    #expect(try products(w) == 4)
    #expect(try products(w, v) == 5)
    #expect(try products(x, w, v) == 6)
  }

  @Test("a gradient can be differentiated where the operations allow it")
  func second() throws {
    let x = try Evaluate.input([2, 3], [2])
    let y = try x * x * x
    let first = try #require(try Symbol.gradients(of: y, for: [x])[0])
    #expect(try Self.gradient(first, x)[0] == [12, 18])
    let tanh = try #require(try Symbol.gradients(of: x.apply("tanh"), for: [x])[0])
    #expect(
      Evaluate.message { _ = try Self.gradient(tanh, x) } == "the second derivative of tanh is not available")
  }

  static func chain(_ depth: Int) throws -> (x: Symbol, y: Symbol) {
    let variable = try Variable("x", Shape([2]))
    try variable.set(Tensor([1, 2]))
    let x = try Symbol.read(variable)
    var y = x
    for i in 0..<depth { y = i % 2 == 0 ? try y.negative() : try y + 0.25 }
    return (x, y)
  }

  @Test("100,000 nodes deep: built, differentiated, freed")
  func deep() throws {
    let (x, y) = try Self.chain(100_000)
    let gradient = try #require(try Symbol.gradients(of: y, for: [x])[0])
    #expect(gradient.shape == x.shape)
  }

  @Test("10,000 nodes deep: compiled and run in constant memory")
  func compiledDeep() throws {
    let (x, y) = try Self.chain(10_000)
    let gradient = try #require(try Symbol.gradients(of: y, for: [x])[0])
    let program = try Program(outputs: [y, gradient])
    program.run()
    // −(−x + ¼) + ¼ = x: two pairs do nothing.
    #expect(try program.value(0).values == [1, 2])
    #expect(try program.value(1).values == [1, 1])
    #expect(program.arenaBytes == 128)
  }
}
