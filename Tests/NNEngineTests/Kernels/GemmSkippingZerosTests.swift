import KernelTable
import Testing

@testable import NNEngine

/// Products that skip A's zeros. Expected is the dense product's chain of multiply-adds (`GemmCase.expected`), bit for bit.
@Suite struct GemmSkippingZerosTests {
  static let shapes: [GemmShape] =
    [
      (96, 64, 128), (97, 65, 129), (100, 300, 784), (130, 75, 170), (200, 129, 265), (300, 530, 196), (513, 81, 133),
      (256, 1000, 300), (784, 300, 512), (1500, 68, 164), (120, 1024, 512), (130, 2100, 140),
    ]
    .flatMap { (m, n, k) in
      [false, true].map {
        var shape = GemmShape(m: m, n: n, k: k, transposeA: $0)
        shape.skipsZeros = true
        return shape
      }
    }

  /// A keeps about this share of its numbers.
  private func product(_ table: KernelTable, _ shape: GemmShape, keeping share: Double) -> GemmCase {
    let product = GemmCase(table, shape)
    for i in 0..<product.a.count where (Double(i) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1) >= share {
      product.a.pointer[i] = i % 3 == 0 ? -0.0 : 0
    }
    return product
  }

  /// What the opening chunks have found: whether zeros are skipped.
  private func skips(_ product: GemmCase) -> Bool { product.scratch.assumingMemoryBound(to: Float.self)[0] == 1 }

  @Test(arguments: TestedLevel.available, shapes)
  func bitsAreTheDenseProducts(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    for share in [0, 0.04, 0.3, 0.9, 1] {
      let product = product(table, shape, keeping: share)
      defer { product.free() }
      product.run(product.task)
      #expect(skips(product) == (share < 0.5))
      #expect(product.c.isIntact)
      #expect(product.mistakes().isEmpty, "share \(share)")
      let forward = product.c.values
      product.run(product.task, backwards: true)
      #expect(haveSameBits(product.c.values, forward))
    }
  }

  /// 0 · ∞ and 0 · NaN are NaN, also where the zero would be skipped.
  @Test(arguments: TestedLevel.available, [Float.infinity, -.infinity, .nan])
  func endlessFactorsAreNotSkipped(level: TestedLevel, factor: Float) throws {
    let table = try level.table
    for shape in GemmSkippingZerosTests.shapes.prefix(4) {
      let product = product(table, shape, keeping: 0.2)
      defer { product.free() }
      for place in [0, shape.n - 1, shape.k * shape.n / 2, shape.k * shape.n - 1] {
        let finite = product.b.pointer[place]
        product.b.pointer[place] = factor
        product.run(product.task)
        let (p, j) = (place / shape.n, place % shape.n)
        for i in 0..<shape.m where product.a.pointer[shape.transposeA ? p * shape.m + i : i * shape.k + p] == 0 {
          #expect(product.c.pointer[i * shape.n + j].isNaN)
        }
        product.b.pointer[place] = .greatestFiniteMagnitude
        product.run(product.task)
        #expect(skips(product), "large is not infinite")
        product.b.pointer[place] = finite
      }
    }
  }

  @Test(arguments: TestedLevel.available, shapes)
  func whatFollowsAProduct(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    let product = product(table, shape, keeping: 0.25)
    defer { product.free() }
    product.run(product.task)
    let plain = product.c.values
    let bias = Buffer(TestNumbers.sequence(shape.n))
    product.run(try product.withBiasAndELU(bias))
    let mapped = Buffer(plain.indices.map { plain[$0] + bias.pointer[$0 % shape.n] })
    let elu = try #require(table.function(named: "elu"))
    elu.map(mapped.count, mapped.pointer, mapped.pointer, elu.parameterDefaults)
    #expect(haveSameBits(product.c.values, mapped.values))

    // The chains go on from what was there, as the dense product's do.
    var denseShape = shape
    denseShape.skipsZeros = false
    let dense = self.product(table, denseShape, keeping: 0.25)
    defer { dense.free() }
    let start = TestNumbers.sequence(shape.m * shape.n)
    for product in [product, dense] {
      for i in start.indices { product.c.pointer[i] = start[i] }
      var task = product.task
      task.accumulates = true
      product.run(task)
    }
    #expect(haveSameBits(product.c.values, dense.c.values))
    #expect(product.c.isIntact)
  }

  /// By a rule on finished gradients, and by plain descent with the sums in registers.
  @Test(arguments: TestedLevel.available, shapes)
  func updateConsumesTheProduct(level: TestedLevel, shape: GemmShape) throws {
    let product = product(try level.table, shape, keeping: 0.25)
    defer { product.free() }
    product.expectConsumedByUpdates()
    #expect(skips(product))
  }

  /// Where it cannot pay, the plan is the dense product's.
  @Test(arguments: TestedLevel.available)
  func whereItIsTried(level: TestedLevel) throws {
    let table = try level.table
    func tries(_ m: Int, _ n: Int, _ k: Int, transposeB: Bool = false) -> Bool {
      var shape = GemmShape(m: m, n: n, k: k, transposeB: transposeB)
      shape.skipsZeros = true
      return table.gemmPlan(shape).shape.skipsZeros
    }
    #expect(tries(512, 300, 784))
    #expect(!tries(32, 300, 784), "B would be laid out for a few rows")
    #expect(!tries(512, 10, 784))
    #expect(!tries(784, 300, 32))
    #expect(tries(1, 300, 784))
    #expect(!tries(1, 100, 100), "B is in the nearest caches")
    #expect(!tries(1, 300, 784, transposeB: true))
    #expect(!tries(512, 4096, 4096), "B would be laid out in memory")
    #expect(!tries(512, 300, 784, transposeB: true))
  }

  // MARK: A single row

  static let rows: [GemmShape] = [
    (300, 784), (65, 300), (130, 128), (1000, 2000), (64, 1024), (77, 213), (2050, 9), (331, 50),
  ].map { (n, k) in
    var shape = GemmShape(m: 1, n: n, k: k)
    shape.skipsZeros = true
    return shape
  }

  @Test(arguments: TestedLevel.available, rows)
  func aRowsBitsAreTheDenseProducts(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    for share in [0, 0.04, 0.3, 0.7, 0.9, 1] {
      let product = product(table, shape, keeping: share)
      defer { product.free() }
      #expect(product.plan.shape.skipsZeros)
      for isFinite in [false, true] {
        var task = product.task
        task.hasFiniteB = isFinite
        product.run(task)
        #expect(product.c.isIntact)
        #expect(product.mistakes().isEmpty, "share \(share), finite \(isFinite)")
      }
    }
  }

  /// B is not, in truth, finite: what the product makes of that shows which of its rows it has read.
  @Test(arguments: TestedLevel.available, rows)
  func onlyRowsThatCountAreRead(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    for (share, skips) in [(0.3, true), (1, false)] {
      let product = product(table, shape, keeping: share)
      defer { product.free() }
      product.a.pointer[shape.k - 1] = 0
      product.run(product.task)
      let expected = product.c.values
      for j in 0..<shape.n { product.b.pointer[(shape.k - 1) * shape.n + j] = .nan }
      var task = product.task
      product.run(task)
      #expect(product.c.values.allSatisfy { $0.isNaN }, "nobody says that B is finite")
      task.hasFiniteB = true
      product.run(task)
      let isRead = product.c.values.allSatisfy { $0.isNaN }
      #expect(skips ? haveSameBits(product.c.values, expected) : isRead)
    }
  }

  @Test(arguments: TestedLevel.available, rows)
  func whatFollowsARow(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    let product = product(table, shape, keeping: 0.4)
    defer { product.free() }
    let bias = Buffer(TestNumbers.sequence(shape.n))
    var results: [[Float]] = []
    for isFinite in [false, true] {
      var task = try product.withBiasAndELU(bias)
      task.hasFiniteB = isFinite
      product.run(task)
      task.bias = nil
      task.function = nil
      task.accumulates = true
      product.run(task)
      results.append(product.c.values)
    }
    #expect(haveSameBits(results[0], results[1]))
  }
}
