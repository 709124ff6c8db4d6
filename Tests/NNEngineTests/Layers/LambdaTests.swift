import Testing

@testable import NNEngine

/// Users' functions of symbols: as a layer, an activation, a regularizer, a constraint, a loss, a metric. The closures here are
/// Swift's; Lua's and C's have tests of their own.
@Suite("Users' functions")
struct LambdaTests {
  /// A function of symbols, as Lua and C hold them.
  static func function(_ body: @escaping ([Symbol], Value.Table?) throws(NNError) -> Symbol) -> SwiftFunction {
    SwiftFunction { (arguments) throws(NNError) in
      var inputs: [Value] = []
      var options: Value.Table?
      var scope: SymbolScope?
      for argument in arguments {
        switch argument {
        case .list(let items): inputs += items
        case .table(let table): options = table
        default: inputs.append(argument)
        }
      }
      var symbols: [Symbol] = []
      for case .object(let object) in inputs {
        guard let symbol = object as? ScopedSymbol else { continue }
        scope = symbol.scope
        symbols.append(try symbol.value())
      }
      guard let scope else { throw .invalid("no symbols") }
      return .object(ScopedSymbol(try body(symbols, options), scope))
    }
  }

  static func layer(_ function: any UserFunction, _ more: [(String, Value)] = []) throws -> Layer {
    try Layer.make("Lambda", Arguments([.object(function)], Value.Table([("name", .string("subject"))] + more)))
  }

  static func doubling() throws -> Layer { try layer(function { (x, _) throws(NNError) in try x[0] * 2 }) }

  @Test("values, gradient, and what is called when")
  func layer() throws {
    var calls = 0
    let layer = try Self.layer(
      Self.function { (x, options) throws(NNError) in
        calls += 1
        guard case .bool(let training)? = options?["training"], case .number(let scale)? = options?["scale"] else {
          throw .invalid("no options")
        }
        return try x[0].square() * Float(training ? 10 * scale : scale)
      }, [("arguments", .table(Value.Table([("scale", .number(3))]))), ("input_shape", .list([.integer(2)]))])
    let model = try Model(name: "m", layers: [layer])
    #expect(calls == 1 && model.outputShape?.dimensions == [2])
    let x = try Tensor([1, 2, 3, 4], shape: Shape([2, 2]))
    #expect(try model.predict(x: x).values == [3, 12, 27, 48])
    #expect(try model(x, training: true).values == [30, 120, 270, 480])
    let before = calls
    _ = try model.predict(x: x)
    #expect(calls == before)
    let input = try Evaluate.input(x)
    let gradient = try #require(
      try Symbol.gradients(of: layer.call(input, CallContext(training: false)), for: [input])[0])
    #expect(try Evaluate.values(gradient)[0].values == [6, 12, 18, 24])
  }

  @Test("several inputs, as a list")
  func several() throws {
    let layer = try Self.layer(Self.function { (x, _) throws(NNError) in try x[0] - x[1] })
    let (a, b) = (try Evaluate.input([5, 7], [1, 2]), try Evaluate.input([1, 2], [1, 2]))
    let y = try layer.call([a, b], CallContext(training: false))[0]
    #expect(try Evaluate.values(y)[0].values == [4, 5])
  }

  @Test("a text carries no code; a clone in the process does")
  func configuration() throws {
    let layer = try Self.doubling()
    let text = JSON.text(layer.encoded)
    #expect(text.contains(#""class_name": "Lambda""#) && text.contains(#""function": "<SwiftFunction>""#))
    #expect(
      Evaluate.message { _ = try Layer.decode(JSON.parse(text)) }
        == "Lambda: 'function': it needs its function; a file cannot carry code")
    let clone = try #require(try Layer.decode(layer.encoded))
    let x = try Evaluate.input([1, 2], [1, 2])
    #expect(try Evaluate.values(clone.call(x, CallContext(training: false)))[0].values == [2, 4])
    #expect(Evaluate.message { _ = try Layer.make("Lambda") } == "Lambda: 'function' is required (a function)")
    #expect(throws: NNError.self) { try Layer.make("Lambda", Arguments([.null])) }
    #expect(throws: NNError.self) { try Layer.make("Lambda", Arguments([.integer(3)])) }
  }

  @Test("what the function returns is checked; its own errors come through")
  func errors() throws {
    func message(_ function: any UserFunction, _ more: [(String, Value)] = []) throws -> String {
      let layer = try Self.layer(function, more)
      return Evaluate.message { try layer.build(Shape([4])) }
    }
    #expect(
      try message(SwiftFunction { _ in .null }) == "subject: Lambda: the function must return a tensor, got nil")
    #expect(
      try message(SwiftFunction { (_) throws(NNError) in throw .invalid("script.lua:3: no") })
        == "subject: script.lua:3: no")
    #expect(
      try message(SwiftFunction { _ in .number(2) }).contains("the batch axis must stay in front"))
    let double = Self.function { (x, _) throws(NNError) in try x[0] * 2 }
    #expect(
      try message(double, [("output_shape", .list([.integer(5)]))])
        == "subject: Lambda: 'output_shape' is (5), but the function gives (None, 4)")
    #expect(try message(double, [("output_shape", .list([.integer(4)]))]) == "no error")
    #expect(try message(double, [("output_shape", .list([.null]))]) == "no error")
  }

  @Test("a symbol that was kept is good for nothing")
  func kept() throws {
    var kept: ScopedSymbol?
    let layer = try Self.layer(
      SwiftFunction { (arguments) throws(NNError) in
        if case .object(let object)? = arguments.first { kept = object as? ScopedSymbol }
        return arguments[0]
      })
    try layer.build(Shape([4]))
    let symbol = try #require(kept)
    #expect(symbol.shape.dimensions == [2, 4])
    #expect(Evaluate.message { _ = try symbol.value() }.contains("kept from a function that has returned"))
    #expect(
      Evaluate.message { _ = try TensorFunctions.named("square")([.symbol(symbol)]) }.contains("kept from a function"))
  }

  @Test("activation: any function of the shape; equal only to itself")
  func activation() throws {
    let cube = Self.function { (x, _) throws(NNError) in try x[0] * x[0] * x[0] }
    let activation = try #require(try Activation.decode(.object(cube)))
    #expect(try Evaluate.values(activation(Evaluate.input([-2, 3], [2])))[0].values == [-8, 27])
    #expect(try activation == Activation.decode(.object(cube)))
    #expect(try activation != Activation.decode(.object(Self.function { (x, _) in x[0] })))
    #expect(activation != .linear)
    let sum = try #require(try Activation.decode(.object(Self.function { (x, _) throws(NNError) in try x[0].sum() })))
    #expect(Evaluate.message { _ = try sum(.fill(0, Shape([3]))) }.contains("turned an output of shape (3,) into ()"))
    let dense = try Layer.make(
      "Dense", Arguments([.integer(2)], Value.Table([("activation", .object(cube)), ("name", .string("d"))])))
    let text = JSON.text(dense.encoded)
    #expect(
      Evaluate.message { _ = try Layer.decode(JSON.parse(text)) }
        == "Dense: 'activation': <SwiftFunction> is no activation's name: a file cannot carry code")
    #expect(try Layer.decode(dense.encoded) != nil)
  }

  @Test("regularizer, constraint, loss and metric: one training step by hand")
  func training() throws {
    let penalty = Self.function { (w, _) throws(NNError) in try w[0].square().sum() * 0.5 }
    let limit = Self.function { (w, _) throws(NNError) in try w[0].minimum(0.6) }
    let loss = Self.function { (x, _) throws(NNError) in try (x[1] - x[0]).square().mean(axes: [-1]) }
    let metric = Self.function { (x, _) throws(NNError) in try (x[1] - x[0]).abs().max() }
    let dense = try Layer.make(
      "Dense",
      Arguments(
        [.integer(1)],
        Value.Table([
          ("name", .string("d")), ("input_shape", .list([.integer(2)])), ("use_bias", .bool(false)),
          ("kernel_initializer", .string("ones")), ("kernel_regularizer", .object(penalty)),
          ("kernel_constraint", .object(limit)),
        ])))
    let model = try Model(name: "m", layers: [dense])
    try model.compile(
      Arguments(
        [],
        Value.Table([
          ("loss", .object(loss)), ("metrics", .list([.object(metric)])),
          ("optimizer", try JSON.parse(#"{"class_name": "SGD", "config": {"learning_rate": 0.1}}"#)),
        ])))
    #expect(model.metricsNames == ["loss", "function"])
    // Labels (n,) beside outputs (n, 1): no table of n × n.
    let (x, y) = (try Tensor([1, 2, 3, 4], shape: Shape([2, 2])), try Tensor([2, 9]))
    let values = try model.trainOnBatch(x: x, y: y)
    // Outputs 3 and 7: errors 1 and −2, loss 2.5, penalty 1. Gradient by w: (1·1 − 2·3, 1·2 − 2·4) + w = (−4, −5).
    expectClose([Float(values[0]), Float(values[1])], [3.5, 2] as [Float], relative: 1e-6)
    #expect(try dense.weights[0].value().values == [0.6, 0.6])
    let evaluated = try model.evaluate(x: x, y: y, batchSize: 1)
    // 1.8 and 4.2; a number for each batch counts by its size.
    expectClose(Float(evaluated[0]), (0.04 + 23.04) / 2 + 0.36, relative: 1e-5)
    expectClose(Float(evaluated[1]), (0.2 + 4.8) / 2, relative: 1e-5)
  }

  @Test("loss and metric: shapes that are none")
  func lossShapes() throws {
    let (y, p) = (try Symbol.fill(0, Shape([3, 2])), try Symbol.fill(0, Shape([3, 2])))
    let rows = Self.function { (x, _) throws(NNError) in try x[0].reshaped([2, 3]) }
    let loss = try #require(try Loss.decode(.object(rows)))
    #expect(
      Evaluate.message { _ = try loss(y, p) }.contains("one number for each of 3 samples, or one, got shape (2, 3)"))
    let metric = try #require(try Metric.decode(.object(rows)))
    #expect(Evaluate.message { _ = try metric.increments(y, p) }.contains("got shape (2, 3)"))
    let regularizer = try #require(try Regularizer.decode(.object(rows)))
    #expect(throws: NNError.self) { try regularizer.penalty(y) }
    let constraint = try #require(try Constraint.decode(.object(rows)))
    #expect(throws: NNError.self) { try constraint.apply(y) }
    #expect(loss.serialized == nil && metric.serialized == nil && regularizer.serialized == nil)
  }
}
