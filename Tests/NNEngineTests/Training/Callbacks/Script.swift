import Testing

@testable import NNEngine

/// Says what was recorded, epoch by epoch, as if a training had gone that way: it stands before the callbacks that are tested.
final class Script: Callback {
  private let name: String
  private let values: [Double?]

  init(_ name: String, _ values: [Double?]) {
    self.name = name
    self.values = values
  }

  func prepare(_ run: TrainingRun) throws(NNError) { run.announce(name) }
  func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    logs[name] = epoch < values.count ? values[epoch] : nil
  }

  /// Trains a small model for as many epochs as there are values, in which `name` has them.
  @discardableResult
  static func fit(
    _ values: [Double?], _ callbacks: [any Callback], name: String = "val_loss", model: Model? = nil,
    optimizer: String = #"{"class_name": "SGD", "config": {"learning_rate": 0.5}}"#, options: String = #""verbose": 0"#
  ) throws -> (model: Model, history: History) {
    let (x, y) = try Make.samples(8)
    let model = try model ?? Make.classifier(optimizer: optimizer)
    let options = try Make.options(#"{"epochs": \#(values.count), "batch_size": 4, "shuffle": false, \#(options)}"#)
    return (model, try model.fit(x: x, y: y, options, callbacks: [Script(name, values)] + callbacks))
  }
}

/// Collects what callbacks say.
final class Listener: Callback {
  private(set) var lines: [String] = []
  func prepare(_ run: TrainingRun) throws(NNError) { run.say = { [self] in lines.append($0) } }
}

extension Callbacks {
  static func make(_ className: String, _ json: String) throws -> any Callback {
    try make(className, Make.arguments(json))
  }
}

func state(_ callback: any Callback, _ name: String) -> Value {
  (callback as? any ReadableCallback)?.state[name] ?? .null
}

func number(_ callback: any Callback, _ name: String) -> Double? { Double.decode(state(callback, name)) }
