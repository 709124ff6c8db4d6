import Testing

@testable import NNEngine

@Suite("Configurations of optimizers")
struct OptimizerConfigurationTests {
  @Test(
    "every optimizer's defaults are Keras's",
    arguments: [
      ("SGD", #""learning_rate": 0.01, "decay": 0.0, "momentum": 0.0, "nesterov": false"#),
      (
        "RMSprop",
        #""learning_rate": 0.001, "decay": 0.0, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-07, "centered": false"#
      ),
      ("Adagrad", #""learning_rate": 0.001, "decay": 0.0, "initial_accumulator_value": 0.1, "epsilon": 1e-07"#),
      ("Adadelta", #""learning_rate": 0.001, "decay": 0.0, "rho": 0.95, "epsilon": 1e-07"#),
      (
        "Adam",
        #""learning_rate": 0.001, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false"#
      ),
      ("Adamax", #""learning_rate": 0.001, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07"#),
      ("Nadam", #""learning_rate": 0.001, "decay": 0.004, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07"#),
      (
        "AdamW",
        #""learning_rate": 0.001, "decay": 0.0, "weight_decay": 0.004, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false"#
      ),
      (
        "Ftrl",
        #""learning_rate": 0.001, "decay": 0.0, "learning_rate_power": -0.5, "initial_accumulator_value": 0.1, "l1_regularization_strength": 0.0, "l2_regularization_strength": 0.0, "l2_shrinkage_regularization_strength": 0.0, "beta": 0.0"#
      ),
      ("Lion", #""learning_rate": 0.0001, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.99"#),
    ])
  func defaults(_ name: String, _ expected: String) throws {
    let found = try Optimizer.make(name).configuration
    let table = try #require(try JSON.parse("{\"name\": \"\(name)\", \(expected)}").table)
    #expect(Set(found.entries.map(\.name)) == Set(table.entries.map(\.name)))
    for entry in table.entries {
      let value = found[entry.name] ?? .null
      // 0.0 in the text is read as an integer.
      if let number = Double.decode(entry.value) {
        #expect(Double.decode(value) == number, "\(name) \(entry.name)")
      } else {
        #expect(JSON.text(value) == JSON.text(entry.value), "\(name) \(entry.name)")
      }
    }
  }

  @Test(
    "the configuration makes the same optimizer again",
    arguments: [
      (
        "SGD", #"{"momentum": 0.9, "nesterov": true, "decay": 0.01, "clipnorm": 1.0, "clipvalue": 0.5, "name": "mine"}"#
      ),
      ("RMSprop", #"{"centered": true, "momentum": 0.5, "global_clipnorm": 2.0}"#),
      ("Nadam", #"{"schedule_decay": 0.01}"#),
      ("AdamW", #"{"weight_decay": 0.25, "amsgrad": true}"#),
      ("Adam", #"{"use_ema": true, "ema_momentum": 0.9, "ema_overwrite_frequency": 5, "weight_decay": 0.5}"#),
      (
        "Lion",
        #"{"learning_rate": {"class_name": "PolynomialDecay", "config": {"initial_learning_rate": 0.5, "decay_steps": 3}}}"#
      ),
    ])
  func roundTrip(_ name: String, _ json: String) throws {
    let optimizer = try Make.optimizer(name, json)
    let text = JSON.text(optimizer.encoded)
    let given = try #require(try JSON.parse(json).table)
    for entry in given.entries where entry.name != "schedule_decay" {
      #expect(optimizer.configuration[entry.name] != nil, "\(entry.name)")
    }
    let again = try #require(try Optimizer.decode(JSON.parse(text)))
    #expect(JSON.text(again.encoded) == text)
    #expect(again.rule == optimizer.rule)
  }

  @Test("the rate is the first argument by position; then come the rule's own")
  func positions() throws {
    func config(_ name: String, _ positional: Value...) throws -> Value.Table {
      try Optimizer.make(name, Arguments(positional)).configuration
    }
    #expect(try JSON.text(config("RMSprop", .number(0.5), .number(0.75))["rho"] ?? .null) == "0.75")
    #expect(try JSON.text(config("AdamW", .number(0.5), .number(0.25))["weight_decay"] ?? .null) == "0.25")
    let schedule = try Make.schedule(
      "InverseTimeDecay", #"{"initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1}"#)
    let optimizer = try Optimizer.make("SGD", Arguments([.object(Boxed(schedule))]))
    #expect(try optimizer.learningRate == 1)
  }

  @Test("trap 8: constructors take Keras's literal epsilon; only nil follows set_epsilon")
  func epsilon() throws {
    try FuzzFactor.set(0.25)
    defer { try? FuzzFactor.set(1e-7) }
    func epsilon(_ json: String) throws -> String {
      JSON.text(try Make.optimizer("Adam", json).configuration["epsilon"] ?? .null)
    }
    #expect(try epsilon("{}") == "1e-07")
    #expect(try epsilon(#"{"epsilon": null}"#) == "0.25")
    #expect(try epsilon(#"{"epsilon": 0}"#) == "0.0")
    #expect(throws: NNError.self) { try FuzzFactor.set(0) }
  }

  @Test(
    "arguments that make no sense are refused when the optimizer is made",
    arguments: [
      ("SGD", #"{"nesterov": true}"#, "'nesterov' has no effect without 'momentum'"),
      ("SGD", #"{"momentum": 2}"#, "'momentum' must be a number in [0.0, 1.0], got 2"),
      (
        "SGD", #"{"learning_rate": -1}"#,
        "'learning_rate' must be a finite number that is not negative, a schedule or a function, got -1"
      ),
      ("SGD", #"{"learning_rate": "fast"}"#, "'learning_rate': unknown schedule 'fast'"),
      ("SGD", #"{"decay": -1}"#, "'decay' must be a finite number that is not negative, got -1"),
      ("SGD", #"{"name": ""}"#, "'name' must not be empty and not contain '/', got ''"),
      ("RMSprop", #"{"rho": 1}"#, "'rho' must be a number in [0.0, 1.0), got 1"),
      ("Adam", #"{"epsilon": -1}"#, "'epsilon' must be a finite number that is not negative, or nil, got -1"),
      ("Adam", #"{"beta_1": 1}"#, "'beta_1' must be a number in [0.0, 1.0), got 1"),
      ("Adam", #"{"beta1": 0.9}"#, "unknown field 'beta1'; did you mean 'beta_1'?"),
      ("Adam", #"{"weight_decay": -1}"#, "'weight_decay' must be a finite number that is not negative or nil, got -1"),
      ("Adam", #"{"ema_momentum": 0.5}"#, "'ema_momentum' has no effect without use_ema"),
      ("Adam", #"{"ema_overwrite_frequency": 5}"#, "'ema_overwrite_frequency' has no effect without use_ema"),
      ("AdamW", #"{"weight_decay": null}"#, ""),
      (
        "Ftrl", #"{"learning_rate_power": 1}"#,
        "'learning_rate_power' must be a finite number that is not positive, got 1"
      ),
      (
        "Adagrad", #"{"initial_accumulator_value": -1}"#,
        "'initial_accumulator_value' must be a finite number that is not negative, got -1"
      ),
    ])
  func refused(_ name: String, _ json: String, _ message: String) {
    let found = Evaluate.message { _ = try Make.optimizer(name, json) }
    #expect(found.hasPrefix(message.isEmpty ? "no error" : "\(name): \(message)"), "\(found)")
  }
}
