import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// What a product may be asked for beside its size: whole rows, one piece of k, an answer at once.
@Suite("What products are asked for", .serialized)
struct ProductDemandTests {
  /// Those with few rows are cut along the columns, if nobody asks for whole rows.
  static let sizes: [(m: Int, n: Int, k: Int)] = [
    (1, 5, 3), (6, 700, 32), (13, 300, 31), (784, 300, 32), (33, 1030, 256), (256, 40, 700),
  ]

  @Test("an update that asks for whole rows gets whole rows, each once", arguments: TestedLevel.available, sizes)
  func wholeRows(level: TestedLevel, size: (m: Int, n: Int, k: Int)) throws {
    var shape = GemmShape(m: size.m, n: size.n, k: size.k, transposeA: true)
    shape.keepsRows = true
    let product = GemmCase(try level.table, shape)
    defer { product.free() }
    product.run(product.task)
    #expect(product.mistakes().isEmpty)
    let seen = Buffer([Float](repeating: 0, count: size.m * size.n))
    var task = product.task
    task.update = { count, _, at, target in
      #expect(at % size.n == 0 && count % size.n == 0)
      for i in at..<at + count { target.weights[i] += 1 }
    }
    task.target = UpdateTarget(weights: seen.pointer, slots: (nil, nil, nil), hyperparameters: seen.pointer)
    product.run(task)
    #expect(seen.values.allSatisfy { $0 == 1 })
  }

  /// The expected numbers: one chain of fused multiply-adds for each element, in ascending k.
  @Test(
    "a product of given matrices is one chain of multiply-adds over k, with any number of threads",
    arguments: [(1, 1, 1), (8, 8, 8), (1, 300, 784), (32, 200, 300), (5, 70, 1000), (200, 300, 150)])
  func givenMatrices(m: Int, n: Int, k: Int) throws {
    var numbers = TestNumbers(UInt64(m + n + k))
    let (a, b) = (numbers.floats(m * k), numbers.floats(k * n))
    let (x, y) = (try Tensor(a, shape: Shape([m, k])), try Tensor(b, shape: Shape([k, n])))
    let isFused = "\(CPU.kernels.level)" != "portable"
    var expected = [Float](repeating: 0, count: m * n)
    for i in 0..<m {
      for p in 0..<k {
        let factor = a[i * k + p]
        for j in 0..<n {
          let sum = expected[i * n + j]
          expected[i * n + j] = isFused ? fmaf(factor, b[p * n + j], sum) : sum + factor * b[p * n + j]
        }
      }
    }
    let matmul = try TensorFunctions.named("matmul")
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    for threads in 1...3 {
      ThreadPool.shared.threadCount = threads
      let product = try matmul([x, y])
      #expect(product.shape.dimensions == [m, n])
      #expect(haveSameBits(product.values, expected), "\(threads) threads")
    }
  }

  @Test("what does not fit, or is no pair of matrices of float32, goes the other way")
  func others() throws {
    let matmul = try TensorFunctions.named("matmul")
    let (a, b) = (try Tensor([1, 2, 3, 4, 5, 6], shape: Shape([2, 3])), try Tensor([1, 0, 2], shape: Shape([3])))
    #expect(try matmul([a, b]).values == [7, 16])
    #expect(try matmul([a.astype(.int32), b.astype(.int32)]).dtype == .int32)
    let error = #expect(throws: NNError.self) { try matmul([a, a]) }
    #expect(error?.code == .shape && "\(error.map(\.description) ?? "")".contains("inner extents are 3 and 2"))
    let nothing = try matmul([Tensor(zeros: Shape([0, 3])), Tensor(zeros: Shape([3, 2]))])
    #expect(nothing.shape.dimensions == [0, 2])
  }
}
