import Testing

@testable import NNEngine

/// Expected rates: the class of the notebook of chapter 11 (ageron/handson-ml2), evaluated in Python.
@Suite("OneCycle")
struct OneCycleTests {
  private func phases(_ json: String, _ iterations: Int) throws -> OneCyclePhases {
    try OneCyclePhases(OneCycle.Options.make(Make.arguments(json)), iterations: iterations)
  }

  @Test("row 6 of the published results: 25 epochs of 429 batches, at most 0.05")
  func published() throws {
    let phases = try phases(#"{"max_lr": 0.05}"#, 10725)
    for (i, rate) in [
      (0, 0.005), (1, 0.005009324492333195), (2412, 0.027490675507666807), (4825, 0.04999067550766681), (4826, 0.05),
      (6000, 0.039053046000828845), (9649, 0.005027973476999584), (9650, 0.005018648984666391), (10000, 0.00338),
      (10724, 9.655172413792351e-06),
    ] { expectClose([phases.rate(i)], [rate], relative: 1e-12, "batch \(i)") }
  }

  @Test("short cycles, and all options")
  func short() throws {
    let plain = try phases(#"{"max_lr": 1}"#, 20)
    expectClose(
      (0..<20).map(plain.rate),
      [
        0.1, 0.2125, 0.325, 0.4375, 0.55, 0.6625, 0.775, 0.8875, 1, 0.8875, 0.775, 0.6625, 0.55, 0.4375, 0.325, 0.2125,
        0.1,
        0.075025, 0.05005, 0.025075,
      ], relative: 1e-12)
    // A cycle shorter than the training stays at its end.
    #expect(plain.rate(20) == 0.0001 && plain.rate(99) == 0.0001)
    let full = try phases(#"{"max_lr": 0.4, "start_lr": 0.1, "last_iterations": 4, "last_lr": 0.01}"#, 12)
    expectClose(
      (0..<12).map(full.rate), [0.1, 0.175, 0.25, 0.325, 0.4, 0.325, 0.25, 0.175, 0.1, 0.0775, 0.055, 0.0325],
      relative: 1e-12)
    #expect(try phases(#"{"max_lr": 1}"#, 1).rate(0) == 0.1)
    #expect(Evaluate.message { _ = try phases(#"{"max_lr": 1, "last_iterations": 9}"#, 8) }.contains("has 8 batches"))
  }

  /// From 0.95 to 0.85 in the first half, back in the second, then 0.95: the book's description.
  @Test("momentum moves the other way")
  func momentum() throws {
    let phases = try phases(#"{"max_lr": 1}"#, 20)
    for (i, expected) in [(0, 0.95), (4, 0.9), (8, 0.85), (12, 0.9), (16, 0.95), (19, 0.95)] {
      expectClose([phases.momentum(i)], [expected], relative: 1e-12, "batch \(i)")
    }
    let wide = try self.phases(#"{"max_lr": 1, "max_momentum": 0.99, "min_momentum": 0.5}"#, 20)
    expectClose([wide.momentum(0), wide.momentum(8)], [0.99, 0.5], relative: 1e-12)
  }

  @Test("in a fit: each batch has its rate and momentum; a second fit cycles again")
  func fits() throws {
    let cycle = try Callbacks.make("OneCycle", #"{"max_lr": 1}"#)
    let recorder = Recorder()
    var seen: [(rate: Double, momentum: Double)] = []
    recorder.action = { event, run in
      guard event.hasPrefix("batch"), let optimizer = run.model.optimizer else { return }
      seen.append((try optimizer.learningRate, Double.decode(optimizer.configuration["momentum"] ?? .null) ?? 0))
    }
    let optimizer = #"{"class_name": "SGD", "config": {"learning_rate": 7, "momentum": 0.5}}"#
    let (model, _) = try Script.fit(Array(repeating: 1, count: 10), [cycle, recorder], optimizer: optimizer)
    let phases = try phases(#"{"max_lr": 1}"#, 20)
    #expect(seen.map(\.rate) == (0..<20).map(phases.rate))
    #expect(seen.map(\.momentum) == (0..<20).map(phases.momentum))
    seen = []
    try Script.fit(Array(repeating: 1, count: 10), [cycle, recorder], model: model)
    #expect(seen.map(\.rate) == (0..<20).map(phases.rate))
    // From epoch 5 on there are 10 batches: the cycle is theirs.
    seen = []
    try Script.fit(
      Array(repeating: 1, count: 10), [cycle, recorder], model: model, options: #""initial_epoch": 5"#)
    #expect(seen.map(\.rate) == (0..<10).map(try self.phases(#"{"max_lr": 1}"#, 10).rate))
  }

  @Test("without momentum only the rate moves; momentum that is asked for then is an error")
  func withoutMomentum() throws {
    let plain = #"{"class_name": "SGD", "config": {"learning_rate": 7}}"#
    let cycle = try Callbacks.make("OneCycle", #"{"max_lr": 0.1}"#)
    for optimizer in [plain, #""adam""#] {
      let (model, _) = try Script.fit([1, 1], [cycle], optimizer: optimizer)
      #expect(try #require(model.optimizer).learningRate < 0.01)
    }
    let asked = try Callbacks.make("OneCycle", #"{"max_lr": 0.1, "min_momentum": 0.8}"#)
    #expect(
      Evaluate.message { try Script.fit([1, 1], [asked], optimizer: plain) }
        == "OneCycle: 'min_momentum' has no effect: the optimizer SGD works without momentum")
  }

  @Test(
    "bad options are errors when it is made",
    arguments: [
      ("{}", "'max_lr' is required"), (#"{"max_lr": 0}"#, "'max_lr' must be"),
      (#"{"max_lr": 1, "start_lr": 2}"#, "must not be greater"),
      (#"{"max_lr": 1, "max_momentum": 0.5}"#, "must not be greater"),
      (#"{"max_lr": 1, "min_momentum": 1}"#, "in (0, 1)"),
      (#"{"max_lr": 1, "iterations": 5, "last_iterations": 5}"#, "must be less than"),
      (#"{"max_lr": 1, "iterations": 0}"#, "positive"),
    ])
  func badOptions(_ json: String, _ message: String) throws {
    #expect(Evaluate.message { _ = try Callbacks.make("OneCycle", json) }.contains(message))
  }

  @Test("a generator that does not say how many batches it has: an error, unless the cycle's length is given")
  func generator() throws {
    let (x, y) = try Make.samples(8)
    for (json, epochs) in [(#"{"max_lr": 0.1}"#, nil), (#"{"max_lr": 0.1, "iterations": 4}"#, [0])]
      as [(String, [Int]?)]
    {
      var given = 0
      let batches = BatchGenerator { () throws(NNError) in
        given += 1
        return given > 2 ? nil : Samples(x: x, y: y)
      }
      let cycle = try Callbacks.make("OneCycle", json)
      let model = try Make.classifier()
      if let epochs {
        #expect(try model.fit(batches, callbacks: [cycle]).epochs == epochs)
      } else {
        #expect(
          Evaluate.message { try model.fit(batches, callbacks: [cycle]) }
            == "OneCycle: the number of batches is not known; give fit 'steps_per_epoch', or OneCycle 'iterations'")
      }
    }
  }
}
