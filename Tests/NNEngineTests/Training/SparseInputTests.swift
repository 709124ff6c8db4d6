import KernelTable
import Testing

@testable import NNEngine

/// Zeros in what comes before a Dense layer are skipped; nobody may notice.
@Suite("Inputs of which much is 0")
struct SparseInputTests {
  @Test("are looked for where they may be")
  func whereTheyMayBe() throws {
    let x = try Evaluate.input([Float](repeating: 1, count: 12), [4, 3])
    #expect(x.mayBeSparse)
    #expect(try x.reshaped([3, 4]).mayBeSparse)
    #expect(try x.apply("relu", .infinity).mayBeSparse)
    #expect(try !x.apply("relu", .infinity, 0.1).mayBeSparse, "a leak is not 0")
    for function in ["elu", "tanh", "sigmoid", "selu", "softplus"] {
      #expect(try !x.apply(function, 1).mayBeSparse, "\(function)")
    }
    #expect(try !(x + x).mayBeSparse)
    #expect(try Symbol.make(Dropout(rate: 0.5, stream: 1), x, x).mayBeSparse)
    // A product whose epilogue is the function, as rewriting makes it.
    let w = try Evaluate.input([Float](repeating: 1, count: 15), [3, 5])
    for (function, isSparse) in [("relu", true), ("tanh", false)] {
      let map = try #require(try x.apply(function, .infinity).node.operation as? Map)
      #expect(try Symbol.make(Product(matMul: MatMul(), epilogue: .map(map)), x, w).mayBeSparse == isSparse)
    }
  }

  /// A single sample: after the second call its zeros are skipped, until the weights change.
  @Test("weights that are not finite show, also where the input is 0, however they came there")
  func changedWeights() throws {
    let model = try Model(layers: [Make.dense(200, "linear", "sparse_input_1", input: 300)])
    try model.compile(Make.arguments(#"{"loss": "mse", "optimizer": "sgd"}"#))
    var numbers = TestNumbers(3)
    var sample = numbers.floats(300)
    for i in sample.indices where i % 2 == 1 { sample[i] = 0 }
    let x = try Tensor(sample, shape: Shape([1, 300]))
    let first = try model.predict(x: x).values
    for _ in 0..<3 { #expect(try haveSameBits(model.predict(x: x).values, first)) }

    let kernel = model.variables[0]
    let values = try kernel.value().values
    var broken = values
    for j in 0..<200 { broken[7 * 200 + j] = j % 2 == 0 ? .nan : .infinity }
    for _ in 0..<2 {
      try kernel.set(Tensor(broken, shape: kernel.shape))
      for _ in 0..<3 { #expect(try model.predict(x: x).values.allSatisfy { $0.isNaN }) }
      try kernel.set(Tensor(values, shape: kernel.shape))
      for _ in 0..<3 { #expect(try haveSameBits(model.predict(x: x).values, first)) }
    }
  }

  @Test("a step of training is a change of the weights, a prediction is not")
  func countedChanges() throws {
    let model = try Make.classifier(name: "sparse_input_2")
    let (x, y) = try Make.samples(4)
    var options = FitOptions()
    options.batchSize = 2
    options.epochs = 3
    options.verbose = 0
    for variable in model.variables {
      let before = variable.changes
      _ = try model.predict(x: x)
      #expect(variable.changes == before)
    }
    let before = model.variables.map(\.changes)
    try model.fit(x: x, y: y, options)
    #expect(model.variables.map(\.changes) == before.map { $0 + 6 })
  }

  @Test("so is taking over a moving average")
  func movingAverage() throws {
    let optimizer = try Make.optimizer(
      "SGD", #"{"learning_rate": 1, "use_ema": true, "ema_momentum": 0.5, "ema_overwrite_frequency": 1}"#)
    let run = try OptimizerRun(optimizer, [0])
    let before = run.variables[0].changes
    try run.step([4])
    #expect(run.variables[0].changes == before + 2)
  }
}
