import Testing

@testable import NNEngine

@Suite("Schedules")
struct ScheduleTests {
  @Test("every case of TensorFlow 2.1", arguments: try Fixtures.cases(.schedules))
  func tf21(_ expected: FixtureTable) throws { try check(expected) }

  @Test("warm-up, as tf-keras has it", arguments: try Fixtures.cases(.schedules, of: .tfkeras))
  func warmUp(_ expected: FixtureTable) throws { try check(expected) }

  private func check(_ expected: FixtureTable) throws {
    let name = String(try expected.string("name").prefix { $0 != "_" })
    let schedule = try Schedule.registry.entry(name).make(Make.arguments(expected.table("params")))
    let found = try expected.ints("steps").map { try schedule.rate(step: $0) }
    // Keras computes them in float32; near the end of a wave that loses most digits of 1 + cos.
    expectClose(found, try expected.array("lr").data, relative: 1e-6, absolute: 1e-8, expected.path)
    // The configuration says the same.
    let text = JSON.text(schedule.encoded)
    let again = try #require(try Schedule.decode(JSON.parse(text)))
    #expect(JSON.text(again.encoded) == text)
    for step in [0, 3, 17, 100] { #expect(try again.rate(step: step) == schedule.rate(step: step)) }
  }

  @Test("how many cases ran, and that every schedule has one")
  func count() throws {
    let cases = try Fixtures.cases(.schedules) + Fixtures.cases(.schedules, of: .tfkeras)
    let names = try Set(cases.map { String(try $0.string("name").prefix { $0 != "_" }) })
    #expect(names == Set(Schedule.registry.entries.map(\.name)))
    #expect(cases.count == 16)
    print("schedules: \(cases.count) cases of \(names.count) classes")
  }

  @Test("a boundary still has the rate before it; steps count from 0")
  func boundary() throws {
    let schedule = try Make.schedule("PiecewiseConstantDecay", #"{"boundaries": [5], "values": [1, 0.5]}"#)
    #expect(try [0, 5, 6].map { try schedule.rate(step: $0) } == [1, 1, 0.5])
    let none = try Make.schedule("PiecewiseConstantDecay", #"{"boundaries": [], "values": [0.25]}"#)
    #expect(try none.rate(step: 9) == 0.25)
  }

  @Test("restarts fall exactly on their step, however the logarithm rounds", arguments: [2.0, 1.5, 3.0, 1.1])
  func restarts(_ factor: Double) throws {
    let schedule = try Make.schedule(
      "CosineDecayRestarts", #"{"initial_learning_rate": 1, "first_decay_steps": 1000, "t_mul": \#(factor)}"#)
    var (start, length) = (0.0, 1000.0)
    for _ in 0..<12 {
      start += length
      length *= factor
      guard start.rounded() == start else { continue }
      #expect(try schedule.rate(step: Int(start)) > 0.999)
      #expect(try schedule.rate(step: Int(start) - 1) < 0.001)
    }
  }

  private final class Halving: ScheduleFunction {
    var steps: [Int] = []
    func rate(step: Int) throws(NNError) -> Double {
      steps.append(step)
      if step == 3 { throw NNError(.state, "enough") }
      return step == 2 ? .nan : 1 / Double(1 << step)
    }
  }

  @Test("a user's function is asked at every step; what it throws, and rates that are none, end the training")
  func function() throws {
    let function = Halving()
    let optimizer = try Optimizer.make(
      "SGD", Arguments([], Value.Table([("learning_rate", .object(function))])))
    let run = try OptimizerRun(optimizer, [0])
    try run.step([1])
    try run.step([1])
    #expect(try run.values() == [-1.5])
    #expect(function.steps == [0, 1])
    #expect(
      Evaluate.message { try run.step([1]) }
        == "a function: the rate must be a finite number that is not negative; after 2 steps it is nan")
    optimizer.iterations = 3
    #expect(Evaluate.message { try run.step([1]) } == "enough")
    #expect(try run.values() == [-1.5])
  }

  @Test("a number over a schedule is an error; another schedule is not")
  func settingRates() throws {
    let exponential = try Make.schedule(
      "ExponentialDecay", #"{"initial_learning_rate": 0.5, "decay_steps": 1, "decay_rate": 0.5}"#)
    let optimizer = try Make.optimizer("SGD")
    try optimizer.setLearningRate(0.25)
    #expect(try optimizer.learningRate == 0.25)
    #expect(optimizer.schedule == nil)
    optimizer.setSchedule(exponential)
    let run = try OptimizerRun(optimizer, [0])
    try run.step([1])
    try run.step([1])
    #expect(try run.values() == [-0.75])
    #expect(try optimizer.learningRate == 0.125)
    for body in [{ try optimizer.setLearningRate(1) }, { try optimizer.set("lr", .number(1)) }] {
      #expect(Evaluate.message(body).hasPrefix("'learning_rate' follows a schedule (ExponentialDecay)"))
    }
    try optimizer.set("learning_rate", exponential.encoded)
    #expect(JSON.text(optimizer.configuration["learning_rate"] ?? .null) == JSON.text(exponential.encoded))
    #expect(throws: NNError.self) { try Make.optimizer("SGD").setLearningRate(-1) }
    #expect(throws: NNError.self) { try Make.optimizer("SGD").setLearningRate(.nan) }
  }

  @Test(
    "arguments that make no sense are refused when the schedule is made",
    arguments: [
      ("ExponentialDecay", "{}", "'initial_learning_rate' is required (a finite number that is not negative)"),
      (
        "ExponentialDecay", #"{"initial_learning_rate": 1, "decay_steps": 0, "decay_rate": 1}"#,
        "'decay_steps' must be a positive integer, got 0"
      ),
      (
        "PiecewiseConstantDecay", #"{"boundaries": [1, 2], "values": [1, 2]}"#,
        "2 boundaries need 3 values, got 2"
      ),
      (
        "PiecewiseConstantDecay", #"{"boundaries": [2, 2], "values": [1, 2, 3]}"#,
        "'boundaries' must be growing integers that are not negative, got [2, 2]"
      ),
      (
        "PiecewiseConstantDecay", #"{"boundaries": [2], "values": [1, -2]}"#,
        "'values' must be finite numbers that are not negative, got -2.0"
      ),
      (
        "CosineDecay", #"{"initial_learning_rate": 1, "decay_steps": 9, "warmup_steps": 3}"#,
        "'warmup_steps' has no effect without 'warmup_target'"
      ),
      (
        "CosineDecay", #"{"initial_learning_rate": 1, "decay_steps": 9, "warmup_target": 3}"#,
        "'warmup_target' has no effect without 'warmup_steps'"
      ),
      (
        "CosineDecayRestarts", #"{"initial_learning_rate": 1, "first_decay_steps": 9, "t_mul": 0.5}"#,
        "'t_mul' must be a finite number of at least 1, got 0.5"
      ),
    ])
  func refused(_ name: String, _ json: String, _ message: String) {
    #expect(Evaluate.message { _ = try Make.schedule(name, json) } == "\(name): \(message)")
  }
}
