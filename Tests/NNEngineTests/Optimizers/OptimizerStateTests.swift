import Testing

@testable import NNEngine

@Suite("State of optimizers")
struct OptimizerStateTests {
  static let cases = OptimizerReferences.all.indices

  @Test("training goes on bit for bit from weights, state and count", arguments: cases)
  func resume(_ index: Int) throws {
    let reference = OptimizerReferences.all[index]
    var numbers = TestNumbers(5)
    let starts = try [
      (name: "dense/kernel", value: Tensor(numbers.floats(15), shape: Shape([3, 5]))),
      (name: "dense/bias", value: Tensor(numbers.floats(5))),
    ]
    let gradients = (0..<10).map { _ in [numbers.floats(15), numbers.floats(5)] }
    let whole = try OptimizerRun(reference.optimizer(), starts)
    for g in gradients { try whole.step(g) }

    let first = try OptimizerRun(reference.optimizer(), starts)
    for g in gradients[..<5] { try first.step(g) }
    let kept = try first.optimizer.state(of: first.variables).map(\.value)
    let config = JSON.text(first.optimizer.encoded)

    let fresh = try #require(try Optimizer.decode(JSON.parse(config)))
    let second = try OptimizerRun(
      fresh, zip(starts, first.variables).map { ($0.name, try $1.value()) })
    try fresh.setState(kept, iterations: first.optimizer.iterations, of: second.variables)
    for g in gradients[5...] { try second.step(g) }
    #expect(fresh.iterations == 10)
    for i in 0..<2 { #expect(haveSameBits(try second.values(i), try whole.values(i))) }
    for (a, b) in zip(try second.state(), try whole.state()) { #expect(haveSameBits(a, b)) }
  }

  @Test(
    "names and order are those of Keras 2's files",
    arguments: [
      ("SGD", "{}", [[]]),
      ("SGD", #"{"momentum": 0.9}"#, [["momentum"]]),
      ("RMSprop", #"{"momentum": 0.9, "centered": true}"#, [["rms"], ["momentum"], ["mg"]]),
      ("Adam", #"{"amsgrad": true, "name": "mine"}"#, [["m"], ["v"], ["vhat"]]),
      ("Adagrad", "{}", [["accumulator"]]),
      ("Adadelta", "{}", [["accum_grad"], ["accum_var"]]),
      ("Ftrl", "{}", [["accumulator"], ["linear"]]),
      ("Nadam", "{}", [["m"], ["v"]]),
    ])
  func names(_ name: String, _ json: String, _ slots: [[String]]) throws {
    let run = try OptimizerRun(
      Make.optimizer(name, json), [("dense/kernel", Tensor([1])), ("dense/bias", Tensor([1]))])
    let prefix = json.contains("mine") ? "mine" : name
    var expected = slots.flatMap { slot in
      slot.flatMap { ["\(prefix)/dense/kernel/\($0):0", "\(prefix)/dense/bias/\($0):0"] }
    }
    if name == "Nadam" { expected.insert("Nadam/momentum_cache:0", at: 0) }
    #expect(try run.optimizer.state(of: run.variables).map(\.name) == expected)
  }

  @Test("Adagrad's sum of squares begins with its initial value, Nadam's product is in the state")
  func values() throws {
    let adagrad = try OptimizerRun(Make.optimizer("adagrad"), [1, 2])
    #expect(try adagrad.state() == [[0.1, 0.1]])
    let nadam = try OptimizerRun(Make.optimizer("nadam"), [1])
    try nadam.step([1])
    expectClose(try nadam.state()[0], [Float(0.9 * (1 - 0.5 * 0.99983672))], relative: 1e-6)
  }

  @Test("a state that does not fit is refused, and changes nothing")
  func misfits() throws {
    let run = try OptimizerRun(Make.optimizer("adam"), [1, 2])
    try run.step([1, 1])
    let before = try run.state()
    let message = Evaluate.message { try run.optimizer.setState([Tensor([1, 2])], iterations: 5, of: run.variables) }
    #expect(message == "Adam: expected the values of 2 slots, got 1")
    #expect(
      Evaluate.message { try run.optimizer.setState([Tensor([9, 9]), Tensor([1])], iterations: 5, of: run.variables) }
        == "Adam/w/v: expected a value of shape (2,), got (1,)")
    #expect(throws: NNError.self) {
      try run.optimizer.setState(before.map { try Tensor($0) }, iterations: -1, of: run.variables)
    }
    #expect(try run.state() == before)
    #expect(run.optimizer.iterations == 1)
  }

  @Test("the rule's numbers may be set at any time; what would be another rule may not")
  func setting() throws {
    let optimizer = try Make.optimizer("SGD", #"{"learning_rate": 1, "momentum": 0.5}"#)
    let run = try OptimizerRun(optimizer, [0])
    try run.step([1])
    try optimizer.set("momentum", .number(0.25))
    try run.step([0])
    #expect(try run.values() == [-1.25])
    #expect(JSON.text(optimizer.configuration["momentum"] ?? .null) == "0.25")
    #expect(
      Evaluate.message { try optimizer.set("momentum", .integer(0)) }
        == "SGD: 'momentum' cannot become 0 now, since that is another rule; make a new optimizer")
    #expect(throws: NNError.self) { try optimizer.set("nesterov", .bool(true)) }
    #expect(throws: NNError.self) { try Make.optimizer("adagrad").set("initial_accumulator_value", .number(1)) }
    #expect(
      Evaluate.message { try optimizer.set("momentun", .integer(0)) }
        == "SGD has no 'momentun'; did you mean 'momentum'?")
    #expect(Evaluate.message { try optimizer.set("momentum", .integer(2)) }.contains("got 2"))
  }
}
