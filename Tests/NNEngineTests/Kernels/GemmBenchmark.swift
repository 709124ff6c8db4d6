import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// `NN_BENCH=1 swift test --filter GemmBenchmark`: GFLOP/s, not a test of anything.
@Suite(.serialized, .enabled(if: getenv("NN_BENCH") != nil)) struct GemmBenchmark {
  @Test func rates() throws {
    let shapes: [(String, GemmShape)] = [
      ("2048x2048x2048", GemmShape(m: 2048, n: 2048, k: 2048)), ("32x784x300", GemmShape(m: 32, n: 300, k: 784)),
      ("512x784x300", GemmShape(m: 512, n: 300, k: 784)), ("256x2048x2048", GemmShape(m: 256, n: 2048, k: 2048)),
      ("12000x784x300", GemmShape(m: 12000, n: 300, k: 784)), ("32x300x200", GemmShape(m: 32, n: 200, k: 300)),
      ("1x784x300", GemmShape(m: 1, n: 300, k: 784)), ("32x50x10", GemmShape(m: 32, n: 10, k: 50)),
      ("dW 784x32x300", GemmShape(m: 784, n: 300, k: 32, transposeA: true)),
      ("dW 300x32x200", GemmShape(m: 300, n: 200, k: 32, transposeA: true)),
      ("dX 32x200x300", GemmShape(m: 32, n: 300, k: 200, transposeB: true)),
      ("dX 512x300x784", GemmShape(m: 512, n: 784, k: 300, transposeB: true)),
    ]
    let only = getenv("NN_BENCH_SHAPE").map { String(cString: $0) } ?? ""
    for level in TestedLevel.available {
      for threads in [1, 2] {
        let pool = ThreadPool()
        pool.threadCount = threads
        for (name, shape) in shapes where only.isEmpty || name.contains(only) {
          print(level, "\(threads) thread(s)", name, try rate(level.table, shape, pool))
        }
      }
    }
  }

  private func rate(_ table: KernelTable, _ shape: GemmShape, _ pool: ThreadPool) throws -> String {
    let product = GemmCase(table, shape)
    defer { product.free() }
    let task = UnsafeMutablePointer<GemmTask>.allocate(capacity: 1)
    task.initialize(to: product.task)
    defer {
      task.deinitialize(count: 1)
      task.deallocate()
    }
    let plan = product.plan
    let opening: (Int) -> Void = { table.gemmRun(task, $0) }
    let body: (Int) -> Void = { table.gemmRun(task, plan.openingChunks + $0) }
    let closing: (Int) -> Void = { table.gemmRun(task, plan.openingChunks + plan.chunks + $0) }
    func run() {
      pool.run(plan.openingChunks, opening)
      pool.run(plan.chunks, body)
      pool.run(plan.closingChunks, closing)
    }
    let flops = 2 * Double(shape.m) * Double(shape.n) * Double(shape.k)
    let repetitions = max(1, min(2000, Int(1e9 / flops)))
    run()
    var rates: [Double] = []
    for _ in 0..<15 {
      let start = seconds()
      for _ in 0..<repetitions { run() }
      rates.append(flops * Double(repetitions) / (seconds() - start) / 1e9)
    }
    rates.sort()
    return "median \(rates[7].rounded()) best \(rates[14].rounded()) GFLOP/s, chunks \(plan.chunks)"
  }

  private func seconds() -> Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }
}
