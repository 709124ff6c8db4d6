import Testing

@testable import NNEngine

@Suite("Embedding")
struct EmbeddingTests {
  static func layer(_ more: String = "") throws -> Layer {
    try Make.layer("Embedding", #"{"name": "subject", "input_dim": 7, "output_dim": 3\#(more)}"#)
  }

  @Test("Keras's numbers: output and gradient")
  func keras() throws {
    let expected = try Fixtures.named(.layers, "embedding")
    let layer = try Self.layer()
    let x = try Evaluate.input(expected.array("x"))
    try layer.build(x.shape.sample)
    #expect(layer.weights.map(\.path) == ["subject/embeddings"])
    try layer.weights[0].set(Evaluate.tensor(expected.arrays("weights")[0]))
    let context = CallContext(training: true)
    let y = try layer.call(x, context)
    let loss = try (y * .literal(Evaluate.tensor(expected.array("upstream")))).sum()
    let gradients = try Symbol.gradients(of: loss, for: [x, context.read(layer.weights[0])])
    #expect(gradients[0] == nil)
    let slope = try #require(gradients[1])
    for options in [Program.Options.standard, .reference] {
      let program = try Program(outputs: [y, slope], options: options)
      program.run()
      expectClose(try program.value(0).values, try expected.array("y"), relative: 1e-7)
      expectClose(try program.value(1).values, try expected.arrays("dweights")[0], relative: 1e-6, absolute: 1e-6)
    }
  }

  @Test("shapes: any number of axes; first values within ±0.05")
  func shapes() throws {
    for shape in [[], [4], [2, 5]] as [[Int]] {
      let layer = try Self.layer()
      try layer.build(Shape(shape))
      #expect(layer.outputShape?.dimensions == shape + [3])
      let values = try layer.weights[0].value().values
      #expect(values.allSatisfy { abs($0) <= 0.05 } && Set(values).count > 10)
    }
  }

  @Test("input_length says the input's shape, and must be it")
  func inputLength() throws {
    let layer = try Self.layer(#", "input_length": 4"#)
    #expect(layer.declaredInputShape?.dimensions == [4])
    #expect(try Model(name: "m", layers: [layer]).outputShape?.dimensions == [4, 3])
    #expect(throws: NNError.self) { try layer.build(Shape([5])) }
    let wide = try Self.layer(#", "input_length": 4, "input_shape": [2, 4]"#)
    #expect(
      Evaluate.message { try wide.build(Shape([2, 4])) }
        == "subject: Embedding: 'input_length' is 4, but inputs have shape (None, 2, 4)")
  }

  @Test("indices that are none are named by row; in a program they are NaN and read nothing")
  func wrongIndices() throws {
    let layer = try Self.layer()
    try layer.checkInput(Tensor([0, 6, 3, 2], shape: Shape([2, 2])))
    let text = Evaluate.message { try layer.checkInput(Tensor([0, 6, 3, 7], shape: Shape([2, 2]))) }
    #expect(
      text == "subject: x has the index 7 at row 1 (counted from 0), expected whole numbers 0 … 6 ('input_dim' is 7)")
    for x in [[-1], [0.5], [.nan], [.infinity]] as [[Float]] {
      #expect(throws: NNError.self) { try layer.checkInput(Tensor(x)) }
      let y = try Evaluate.values(layer.call(Evaluate.input(x, [1, 1]), CallContext(training: false)))[0]
      #expect(y.values.allSatisfy { $0.isNaN })
      let other = try Self.layer()
      try other.build(Shape([1]))
    }
    for dtype in [DType.int32, .uint8] {
      #expect(throws: NNError.self) { try layer.checkInput(Tensor([7]).astype(dtype)) }
      try layer.checkInput(Tensor([6]).astype(dtype))
    }
    try Make.dense(2, "relu", "dense").checkInput(Tensor([.nan]))
  }

  @Test("arguments are checked when the layer is made")
  func arguments() throws {
    #expect(
      Evaluate.message { _ = try Self.layer(#", "mask_zero": true"#) }
        == "Embedding: 'mask_zero' must be false: no layer here skips padding, so true would have no effect")
    #expect(throws: NNError.self) { try Make.layer("Embedding", #"{"input_dim": 0, "output_dim": 3}"#) }
    #expect(throws: NNError.self) { try Make.layer("Embedding", #"{"input_dim": 20000000, "output_dim": 3}"#) }
    #expect(throws: NNError.self) { try Make.layer("Embedding", #"{"input_dim": 3}"#) }
    #expect(throws: NNError.self) { try Self.layer(#", "input_length": 0"#) }
  }

  @Test("trains: the same weights at any number of threads, and only rows that occur move")
  func training() throws {
    func trained(_ threads: Int) throws -> [Float] {
      let layer = try Make.layer(
        "Embedding",
        #"{"name": "e", "input_dim": 500, "output_dim": 8, "embeddings_initializer": "ones", "input_length": 6}"#)
      let model = try Model(
        name: "m", layers: [layer, Make.layer("Flatten", #"{"name": "f"}"#), Make.dense(1, "linear", "d")])
      var numbers = TestNumbers(5)
      try model.variables[1].set(Tensor(numbers.floats(48), shape: Shape([48, 1])))
      try model.compile(Make.arguments(#"{"loss": "mse", "optimizer": {"class_name": "SGD", "config": {}}}"#))
      let x = try Tensor((0..<96 * 6).map { Float($0 * 7 % 400) }, shape: Shape([96, 6]))
      defer { ThreadPool.shared.threadCount = ThreadPool.processorCount }
      ThreadPool.shared.threadCount = threads
      try model.fit(x: x, y: Tensor(numbers.floats(96)), Make.options(#"{"epochs": 2, "shuffle": false}"#))
      return try layer.weights[0].value().values
    }
    let one = try trained(1)
    #expect(haveSameBits(one, try trained(3)))
    #expect(one[..<(400 * 8)].filter { $0 != 1 }.count > 3000)
    #expect(one[(400 * 8)...].allSatisfy { $0 == 1 })
  }
}
