import Testing

@testable import NNEngine

@Suite struct FitTests {
  /// Two inputs, four samples, xor.
  private func xor() throws -> (Tensor, Tensor) {
    (try Tensor([0, 0, 0, 1, 1, 0, 1, 1], shape: Shape([4, 2])), try Tensor([0, 1, 1, 0], shape: Shape([4, 1])))
  }

  @Test func learnsXor() throws {
    RandomState.set(seed: 1)
    let model = try Model(layers: [
      Layer.make("Dense", Arguments([.integer(8), .string("tanh")], .init([("input_shape", .list([.integer(2)]))]))),
      Layer.make("Dense", Arguments([.integer(1), .string("sigmoid")])),
    ])
    try model.compile(
      Arguments(
        [],
        .init([
          ("loss", .string("binary_crossentropy")), ("metrics", .list([.string("accuracy")])),
          ("optimizer", .object(try Optimizer.make("SGD", Arguments([.number(0.5)])))),
        ])))
    let (x, y) = try xor()
    var options = FitOptions()
    options.epochs = 2000
    options.batchSize = 4
    let history = try model.fit(x: x, y: y, options)
    #expect(try history.values("accuracy").last == 1)
  }
}
