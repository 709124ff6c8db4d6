import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// One product with memory of its own.
struct GemmCase {
  var shape: GemmShape
  let a: Buffer
  let b: Buffer
  let c: Buffer
  let scratch: UnsafeMutableRawPointer
  let plan: GemmPlan
  let table: KernelTable

  init(_ table: KernelTable, _ shape: GemmShape, seed: UInt64 = 1) {
    var numbers = TestNumbers(seed)
    self.table = table
    self.shape = shape
    a = Buffer(numbers.floats(shape.m * shape.k))
    b = Buffer(numbers.floats(shape.k * shape.n))
    c = Buffer(count: shape.m * shape.n)
    plan = table.gemmPlan(shape)
    scratch = .allocate(byteCount: max(64, plan.scratchBytes), alignment: 64)
    scratch.initializeMemory(as: UInt8.self, repeating: 0xff, count: max(64, plan.scratchBytes))  // NaN
  }

  var task: GemmTask { GemmTask(plan: plan, a: a.pointer, b: b.pointer, c: c.pointer, scratch: scratch) }

  func free() { scratch.deallocate() }

  func run(_ task: GemmTask, backwards: Bool = false) {
    withUnsafePointer(to: task) { task in
      let last = plan.openingChunks + plan.chunks
      for number in 0..<plan.openingChunks { table.gemmRun(task, number) }
      for chunk in 0..<plan.chunks {
        table.gemmRun(task, backwards ? last - 1 - chunk : plan.openingChunks + chunk)
      }
      for number in last..<plan.allChunks { table.gemmRun(task, number) }
    }
  }

  /// In the order that the kernels promise: one chain of multiply-adds over k, or one for each cut of k at multiples of 8.
  func expected(_ i: Int, _ j: Int) -> Float {
    let cuts = plan.depthCuts
    let eights = (shape.k + 7) / 8
    var total = chain(i, j, 0..<(cuts == 1 ? shape.k : eights / cuts * 8))
    for cut in 1..<max(1, cuts) {
      total += chain(i, j, cut * eights / cuts * 8..<min(shape.k, (cut + 1) * eights / cuts * 8))
    }
    return total
  }

  private func chain(_ i: Int, _ j: Int, _ steps: Range<Int>) -> Float {
    let a = a.pointer
    let b = b.pointer
    var total: Float = 0
    for p in steps {
      let x = a[shape.transposeA ? p * shape.m + i : i * shape.k + p]
      let y = b[shape.transposeB ? j * shape.k + p : p * shape.n + j]
      total = "\(table.level)" == "portable" ? total + x * y : fmaf(x, y, total)
    }
    return total
  }

  /// Elements that differ from what is expected: all are checked, or of a large product every so many.
  func mistakes() -> [(Int, Int)] {
    let size = shape.m * shape.n
    let step = max(1, size * max(1, shape.k) / 400_000) | 1
    return stride(from: 0, to: size, by: step).lazy.map { ($0 / shape.n, $0 % shape.n) }.filter { i, j in
      c.pointer[i * shape.n + j].bitPattern != expected(i, j).bitPattern
    }
  }
}

extension GemmCase {
  /// A rule that gets the product moves weights as by hand, on finished gradients and with the tile in registers; C is left alone.
  func expectConsumedByUpdates() {
    run(task)
    let start = TestNumbers.sequence(shape.m * shape.n)
    let numbers = Buffer([0.75, 0.3])
    let expected = zip(start, c.values).map { $0 * 0.75 - 0.3 * $1 }
    for i in 0..<c.count { c.pointer[i] = 777 }
    for descends in [false, true] {
      let weights = Buffer(start)
      var task = task
      task.descends = descends
      task.update = { count, gradient, at, target in
        let (w, h) = (target.weights + at, target.hyperparameters)
        for i in 0..<count { w[i] = w[i] * h[0] - h[1] * gradient[i] }
      }
      task.target = UpdateTarget(weights: weights.pointer, slots: (nil, nil, nil), hyperparameters: numbers.pointer)
      run(task)
      #expect(haveSameBits(weights.values, expected), "descends: \(descends)")
      #expect(weights.isIntact)
      #expect(c.values.allSatisfy { $0 == 777 })
    }
  }

  /// The product with a bias, and elu of it.
  func withBiasAndELU(_ bias: Buffer) throws -> GemmTask {
    let elu = try #require(table.function(named: "elu"))
    var task = task
    task.bias = UnsafePointer(bias.pointer)
    task.function = elu
    task.parameters = elu.parameterDefaults
    return task
  }
}

@Suite struct GemmTests {
  static let transposes = [(false, false), (true, false), (false, true), (true, true)]
  static let smallShapes: [(m: Int, n: Int, k: Int)] = [
    (1, 1, 1), (1, 5, 3), (1, 17, 40), (1, 100, 9), (1, 129, 7), (2, 10, 50), (3, 1, 33), (5, 7, 11), (6, 16, 4),
    (7, 33, 5), (8, 48, 16), (9, 49, 17), (12, 64, 2), (13, 15, 31), (17, 100, 8), (23, 51, 70), (32, 10, 50),
    (33, 65, 12), (40, 97, 129), (64, 3, 30), (100, 37, 5), (4, 4, 0), (30, 20, 0), (49, 300, 32),
  ]
  /// Several chunks, several blocks over k.
  static let largeShapes: [(m: Int, n: Int, k: Int)] = [
    (70, 310, 300), (300, 40, 700), (20, 130, 1500), (130, 520, 260), (300, 100, 512),
  ]
  /// Rows that would collide in the caches, and many columns: A is packed once for all chunks.
  static let collidingRows: [(m: Int, n: Int, k: Int)] = [(100, 520, 512), (256, 700, 256), (41, 1030, 768)]
  /// Few rows and a large B: without transposes, k is cut.
  static let fewRows: [(m: Int, n: Int, k: Int)] = [(1, 260, 130), (33, 75, 460), (64, 300, 785)]

  static func shapes(_ sizes: [(m: Int, n: Int, k: Int)]) -> [GemmShape] {
    sizes.flatMap { size in
      transposes.map { GemmShape(m: size.m, n: size.n, k: size.k, transposeA: $0.0, transposeB: $0.1) }
    }
  }

  @Test(
    arguments: TestedLevel.available,
    shapes(smallShapes) + shapes(largeShapes) + shapes(fewRows) + shapes(collidingRows))
  func productIsTheChainOfMultiplyAdds(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    let product = GemmCase(table, shape)
    defer { product.free() }
    product.run(product.task)
    #expect(product.c.isIntact)
    #expect(product.mistakes().isEmpty)

    let forward = product.c.values
    product.run(product.task, backwards: true)
    #expect(haveSameBits(product.c.values, forward))
  }

  @Test(arguments: TestedLevel.available, shapes(smallShapes) + shapes([(70, 310, 300)]) + shapes(fewRows))
  func epilogues(level: TestedLevel, shape: GemmShape) throws {
    let table = try level.table
    let product = GemmCase(table, shape)
    defer { product.free() }
    product.run(product.task)
    let plain = product.c.values
    var numbers = TestNumbers(7)
    let bias = Buffer(numbers.floats(shape.n))
    let saved = Buffer(numbers.floats(shape.m * shape.n))
    let elu = try #require(table.function(named: "elu"))

    var task = product.task
    task.bias = UnsafePointer(bias.pointer)
    product.run(task)
    let biased = plain.indices.map { plain[$0] + bias.pointer[$0 % shape.n] }
    #expect(haveSameBits(product.c.values, biased))

    task.function = elu
    task.parameters = elu.parameterDefaults
    product.run(task)
    let mapped = Buffer(biased)
    elu.map(mapped.count, mapped.pointer, mapped.pointer, elu.parameterDefaults)
    #expect(haveSameBits(product.c.values, mapped.values))

    task.bias = nil
    task.saved = UnsafePointer(saved.pointer)
    product.run(task)
    let chained = Buffer(plain)
    elu.gradient(chained.count, saved.pointer, chained.pointer, chained.pointer, elu.parameterDefaults)
    #expect(haveSameBits(product.c.values, chained.values))
    #expect(product.c.isIntact)
  }

  /// By a rule on finished gradients, and by plain descent with the tile in registers, which is told the same two numbers.
  @Test(
    arguments: TestedLevel.available,
    shapes(smallShapes) + shapes([(70, 310, 300), (150, 40, 700), (300, 100, 512)]) + shapes(fewRows)
      + shapes(collidingRows))
  func updateConsumesTheProduct(level: TestedLevel, shape: GemmShape) throws {
    let product = GemmCase(try level.table, shape)
    defer { product.free() }
    product.expectConsumedByUpdates()
  }

  @Test(arguments: TestedLevel.available)
  func rowsMayLieApart(level: TestedLevel) throws {
    let table = try level.table
    for shape in GemmTests.shapes([(13, 21, 10), (40, 50, 30)]) {
      let product = GemmCase(table, shape)
      defer { product.free() }
      product.run(product.task)
      let dense = product.c.values
      let (rowsA, columnsA) = shape.transposeA ? (shape.k, shape.m) : (shape.m, shape.k)
      let (rowsB, columnsB) = shape.transposeB ? (shape.n, shape.k) : (shape.k, shape.n)
      let a = spread(product.a.values, rowsA, columnsA, stride: columnsA + 3)
      let b = spread(product.b.values, rowsB, columnsB, stride: columnsB + 5)
      let c = Buffer(count: (shape.m - 1) * (shape.n + 2) + shape.n)
      var task = product.task
      (task.a, task.strideA) = (UnsafePointer(a.pointer), columnsA + 3)
      (task.b, task.strideB) = (UnsafePointer(b.pointer), columnsB + 5)
      (task.c, task.strideC) = (c.pointer, shape.n + 2)
      product.run(task)
      let expected = spread(dense, shape.m, shape.n, stride: shape.n + 2)
      #expect(haveSameBits(c.values, expected.values))
      #expect(c.isIntact)
    }
  }

  /// The chain is also accurate: compared with the exact product, relative to Σ|a||b|.
  @Test(arguments: TestedLevel.available)
  func errorIsBounded(level: TestedLevel) throws {
    let product = GemmCase(try level.table, GemmShape(m: 5, n: 40, k: 500))
    defer { product.free() }
    product.run(product.task)
    for i in 0..<5 {
      for j in 0..<40 {
        var exact = 0.0
        var size = 0.0
        for p in 0..<500 {
          let term = Double(product.a.pointer[i * 500 + p]) * Double(product.b.pointer[p * 40 + j])
          exact += term
          size += abs(term)
        }
        let bound = 500 * Double(Float.ulpOfOne) / 2 * size
        #expect(abs(Double(product.c.pointer[i * 40 + j]) - exact) <= bound)
      }
    }
  }

  @Test(arguments: TestedLevel.available)
  func emptyProducts(level: TestedLevel) throws {
    let table = try level.table
    for shape in GemmTests.shapes([(0, 5, 3), (5, 0, 3), (0, 0, 0), (0, 40, 0), (40, 0, 0)]) {
      let product = GemmCase(table, shape)
      defer { product.free() }
      #expect(product.plan.chunks >= 1)
      var task = product.task
      product.run(task)
      if product.plan.scratchBytes == 0 { task.scratch = nil }
      task.update = { count, _, _, _ in #expect(count == 0) }
      task.target = UpdateTarget(weights: product.c.pointer, slots: (nil, nil, nil), hyperparameters: task.a)
      product.run(task)
      #expect(product.c.isIntact)
    }
  }

  /// Enough chunks for many threads where it pays, one where it does not.
  @Test(arguments: TestedLevel.available)
  func chunks(level: TestedLevel) throws {
    let table = try level.table
    #expect(table.gemmPlan(GemmShape(m: 32, n: 10, k: 50)).chunks == 1)
    #expect((4...16).contains(table.gemmPlan(GemmShape(m: 32, n: 300, k: 784)).chunks))
    #expect((4...16).contains(table.gemmPlan(GemmShape(m: 784, n: 300, k: 32, transposeA: true)).chunks))
    #expect((16...32).contains(table.gemmPlan(GemmShape(m: 2048, n: 2048, k: 2048)).chunks))
    #expect(table.gemmPlan(GemmShape(m: 1, n: 1, k: 1 << 40)).chunks == 1)
  }

  @Test(arguments: TestedLevel.available)
  func threadsDoNotChangeBits(level: TestedLevel) throws {
    let table = try level.table
    let pool = ThreadPool()
    for shape in GemmTests.shapes([(32, 300, 200), (200, 90, 64), (32, 300, 784), (128, 512, 512)]) {
      let product = GemmCase(table, shape)
      defer { product.free() }
      #expect(product.plan.chunks > 1)
      product.run(product.task)
      let alone = product.c.values
      let task = UnsafeMutablePointer<GemmTask>.allocate(capacity: 1)
      task.initialize(to: product.task)
      for threads in 1...4 {
        pool.threadCount = threads
        for i in 0..<product.c.count { product.c.pointer[i] = 777 }
        var first = 0
        for count in [product.plan.openingChunks, product.plan.chunks, product.plan.closingChunks] {
          let start = first
          pool.run(count) { table.gemmRun(task, start + $0) }
          first += count
        }
        #expect(haveSameBits(product.c.values, alone))
      }
      task.deinitialize(count: 1)
      task.deallocate()
    }
  }

  private func spread(_ values: [Float], _ rows: Int, _ columns: Int, stride: Int) -> Buffer {
    let buffer = Buffer(count: (rows - 1) * stride + columns)
    for r in 0..<rows {
      for c in 0..<columns { buffer.pointer[r * stride + c] = values[r * columns + c] }
    }
    return buffer
  }
}

extension TestNumbers {
  static func sequence(_ count: Int, seed: UInt64 = 99) -> [Float] {
    var numbers = TestNumbers(seed)
    return numbers.floats(count)
  }
}

extension KernelTable {
  func function(named name: String) -> ScalarFunction? {
    (0..<scalarFunctionCount).map(scalarFunction).first { "\($0.name)" == name }
  }
}
