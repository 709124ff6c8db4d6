import Testing

@testable import NNEngine

@Suite("Clipping of gradients")
struct ClippingTests {
  /// What SGD with rate 1 takes from zero weights: the clipped gradients.
  private func clipped(_ json: String, _ gradients: [Float]...) throws -> [[Float]] {
    let table = try #require(try JSON.parse(json).table)
    let optimizer = try Optimizer.make("SGD", Arguments([.integer(1)], table))
    let starts = try gradients.enumerated().map { ("w\($0)", try Tensor(zeros: Shape([$1.count]))) }
    let run = try OptimizerRun(optimizer, starts)
    try run.step(gradients)
    return try gradients.indices.map { try run.values($0).map { -$0 } }
  }

  @Test("the book's example: by norm the direction stays, by value it does not")
  func book() throws {
    expectClose(try clipped(#"{"clipnorm": 1}"#, [0.9, 100])[0], [0.00899964, 0.9999595], relative: 1e-6)
    #expect(try clipped(#"{"clipvalue": 1}"#, [0.9, -100])[0] == [0.9, -1])
  }

  @Test("by norm, then by value")
  func order() throws {
    #expect(try clipped(#"{"clipnorm": 1, "clipvalue": 0.5}"#, [100, 100])[0] == [0.5, 0.5])
    expectClose(
      try clipped(#"{"clipnorm": 1, "clipvalue": 0.5}"#, [0.9, 100])[0], [0.00899964, 0.5], relative: 1e-6)
  }

  @Test("the norm is each variable's, the global one all variables'")
  func norms() throws {
    let each = try clipped(#"{"clipnorm": 1}"#, [3, 4], [0.3, 0.4])
    expectClose(each[0], [0.6, 0.8], relative: 1e-6)
    #expect(each[1] == [0.3, 0.4])  // exactly: not longer than 1
    let all = try clipped(#"{"global_clipnorm": 1}"#, [3], [4])
    expectClose(all[0] + all[1], [0.6, 0.8], relative: 1e-6)
    #expect(try clipped(#"{"global_clipnorm": 5.5}"#, [3], [4]) == [[3], [4]])
    #expect(try clipped(#"{"global_clipnorm": 1}"#, [0, 0])[0] == [0, 0])
  }

  @Test("NaN stays visible, infinity does not become a large step")
  func notFinite() throws {
    #expect(try clipped(#"{"clipnorm": 1}"#, [.nan, 1])[0].allSatisfy(\.isNaN))
    #expect(try clipped(#"{"global_clipnorm": 1}"#, [.infinity, 1])[0][0].isNaN)
    #expect(try clipped(#"{"clipvalue": 1}"#, [.infinity, -.infinity])[0] == [1, -1])
  }

  private func model(_ optimizer: Value, regularizer: String? = nil) throws -> Model {
    let one = Value.Table([("units", .integer(2)), ("input_shape", .list([.integer(3)]))])
    var arguments = one
    if let regularizer { arguments["kernel_regularizer"] = .string(regularizer) }
    let model = try Model(layers: [Layer.make("Dense", Arguments([], arguments))])
    try model.compile(Arguments([], Value.Table([("optimizer", optimizer), ("loss", .string("mse"))])))
    return model
  }

  @Test("without clipping the update is the product's epilogue; with it the gradient is stored")
  func fusion() throws {
    #expect(try model(.string("adam")).explain().contains("MatMul Aᵀ + Adam"))
    let clipping = try Make.optimizer("adam", #"{"clipnorm": 1}"#)
    let listing = try model(.object(clipping)).explain()
    #expect(!listing.contains("MatMul Aᵀ + Adam"))
    #expect(listing.contains("Adam"))
  }

  @Test("what a regularizer adds to the gradient is clipped, too")
  func regularization() throws {
    let clipping = try Make.optimizer("SGD", #"{"learning_rate": 1, "clipnorm": 0.001}"#)
    let model = try model(.object(clipping), regularizer: "l2")
    let kernel = try #require(model.variables.first)
    let start = try Tensor([1, 2, 3, 4, 5, 6], shape: Shape([3, 2]))
    try kernel.set(start)
    // With inputs of zero the loss alone has no gradient for the kernel.
    _ = try model.trainOnBatch(x: Tensor(zeros: Shape([4, 3])), y: Tensor(zeros: Shape([4, 2])))
    let way = zip(start.values, try kernel.value().values).map { Double($0 - $1) }
    expectClose(way.map { $0 * $0 }.reduce(0, +).squareRoot(), 0.001)
    func expectClose(_ a: Double, _ b: Double) { #expect((a - b).magnitude < 2e-6, "\(a)") }
  }

  @Test(
    "limits that make no sense are refused",
    arguments: [
      (#"{"clipnorm": 0}"#, "Adam: 'clipnorm' must be a positive finite number or nil, got 0"),
      (#"{"clipvalue": -1}"#, "Adam: 'clipvalue' must be a positive finite number or nil, got -1"),
      (#"{"clipnorm": 1, "global_clipnorm": 1}"#, "Adam: 'clipnorm' and 'global_clipnorm' exclude each other"),
    ])
  func refused(_ json: String, _ message: String) {
    #expect(Evaluate.message { _ = try Make.optimizer("Adam", json) } == message)
  }
}
