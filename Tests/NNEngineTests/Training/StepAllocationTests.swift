import Testing

@testable import NNEngine

/// A training step allocates nothing. What a whole fit allocates (programs, history, snapshots) must not depend on how many steps an
/// epoch has.
@Suite("Allocation in training steps", .serialized)
struct StepAllocationTests {
  static func model() throws -> Model {
    let model = try Model(
      name: "m",
      layers: [
        Make.layer("Flatten", #"{"name": "f", "input_shape": [10, 10]}"#), Make.dense(300, "elu", "a"),
        Make.dense(100, "relu", "b"), Make.dense(10, "softmax", "c"),
      ])
    try model.compile(
      Make.arguments(
        #"""
        {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], "optimizer":
         {"class_name": "SGD", "config": {"learning_rate": 0.01, "momentum": 0.9}}}
        """#))
    return model
  }

  static func samples(_ count: Int, _ dtype: DType) throws -> (Tensor, Tensor) {
    let x = try Tensor(uniform: Shape([count, 10, 10]), high: 255, seed: 1).astype(dtype)
    return (x, try Tensor((0..<count).map { Float($0 % 10) }).astype(.uint8))
  }

  @Test("100 more steps, no more allocations", .countsAllocations, arguments: [1, 2], [DType.float32, .uint8])
  func fit(_ threads: Int, _ dtype: DType) throws {
    ThreadPool.shared.threadCount = threads
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    let model = try Self.model()
    try model.optimizer?.setLearningRate(1e-6)
    let options = try Make.options(#"{"batch_size": 32}"#)
    var made: [Int] = []
    for _ in 0..<2 {  // the first round pays for programs and for the workers
      made = try [100, 200].map { steps in
        let (x, y) = try Self.samples(32 * steps, dtype)
        try model.fit(x: x, y: y, options)
        return Int(try AllocationCounter.count { try model.fit(x: x, y: y, options) })
      }
    }
    #expect(abs(made[1] - made[0]) < AllocationCounter.chance, "\(made[0]) for 100 steps, \(made[1]) for 200")
  }

  @Test("nor does a run of the program itself make any", .countsAllocations, arguments: [1, 2])
  func program(_ threads: Int) throws {
    ThreadPool.shared.threadCount = threads
    defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
    let model = try Self.model()
    let step = try model.program(
      .train, batch: 32, .init(x: [Shape([10, 10])], y: [.scalar], weights: [false]))
    step.program.run()
    let made = try AllocationCounter.count { for _ in 0..<100 { step.program.run() } }
    #expect(made == 0)
  }
}
