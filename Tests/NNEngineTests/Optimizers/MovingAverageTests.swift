import Testing

@testable import NNEngine

@Suite("Moving average of weights")
struct MovingAverageTests {
  @Test("begins with the first weights, and is what the weights become where the frequency says so")
  func frequency() throws {
    let optimizer = try Make.optimizer(
      "SGD", #"{"learning_rate": 1, "use_ema": true, "ema_momentum": 0.5, "ema_overwrite_frequency": 2}"#)
    let run = try OptimizerRun(optimizer, [0])
    // Set after the program was made: the average must not begin with what was there before.
    try run.variables[0].set(Tensor([8]))
    try run.step([4])
    #expect(try run.values() == [4])
    #expect(try run.state() == [[6]])
    try run.step([2])
    #expect(try run.values() == [4])  // 0.5 · 6 + 0.5 · 2
    #expect(try run.optimizer.state(of: run.variables).map(\.name) == ["SGD/w/average:0"])
  }

  @Test("after fit the weights are the average; without use_ema nothing is kept")
  func fit() throws {
    func weights(_ json: String) throws -> ([Float], Optimizer) {
      let dense = try Layer.make(
        "Dense",
        Arguments([.integer(1)], Value.Table([("input_shape", .list([.integer(2)])), ("use_bias", .bool(false))])))
      let model = try Model(layers: [dense])
      try model.variables[0].set(Tensor([1, -1], shape: Shape([2, 1])))
      let optimizer = try Make.optimizer("SGD", json)
      try model.compile(Arguments([], Value.Table([("optimizer", .object(optimizer)), ("loss", .string("mse"))])))
      let x = try Tensor([1, 2, 3, 4], shape: Shape([2, 2]))
      let y = try Tensor([1, 1], shape: Shape([2, 1]))
      var options = FitOptions()
      options.epochs = 3
      options.batchSize = 2
      options.verbose = 0
      try model.fit(x: x, y: y, options)
      return (try model.variables[0].value().values, optimizer)
    }
    let (plain, without) = try weights(#"{"learning_rate": 0.01}"#)
    #expect(without.slotVariables.isEmpty)
    // The average moves so slowly that only the first of three steps would be visible: compare with the same weights by hand.
    let (all, _) = try weights(#"{"learning_rate": 0.01, "use_ema": true, "ema_momentum": 0.0}"#)
    #expect(all == plain)
    let (none, _) = try weights(#"{"learning_rate": 0.01, "use_ema": true, "ema_momentum": 1.0}"#)
    #expect(none == [1, -1])
  }
}
