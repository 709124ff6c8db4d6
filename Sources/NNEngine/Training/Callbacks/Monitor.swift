/// What a callback watches: a quantity of the logs, and which of its values are better.
struct Monitor {
  /// "val_loss"
  let name: String
  let isMaximised: Bool

  /// Keras 2's rule for `auto`: what has "acc" in its name grows, everything else (an AUC, too) falls.
  init(_ name: String, mode: String) {
    self.name = name
    isMaximised = mode == "max" || (mode == "auto" && name.contains("acc"))
  }

  /// What every value is better than.
  var worst: Double { isMaximised ? -.infinity : .infinity }

  /// Whether a value is better than another by more than `delta`; NaN never is.
  func isBetter(_ value: Double, than other: Double, by delta: Double = 0) -> Bool {
    isMaximised ? value - delta > other : value + delta < other
  }

  /// What nobody will record cannot be watched.
  func check(_ names: [String], _ run: TrainingRun, _ callback: String) throws(NNError) {
    guard !names.contains(name), !run.mayHaveMoreLogs else { return }
    throw NNError(.notFound, "\(callback): nothing named '\(name)' is recorded" + reason(names, run))
  }

  /// The value of an epoch; nil in an epoch that has none (validation need not come with each).
  func value(_ logs: Logs, _ run: TrainingRun, _ callback: String) throws(NNError) -> Double? {
    if let value = logs[name] { return value }
    if run.epochNames.contains(name) { return nil }
    throw NNError(
      .notFound, "\(callback): nothing named '\(name)' was recorded" + reason(logs.entries.map(\.name), run))
  }

  private func reason(_ names: [String], _ run: TrainingRun) -> String {
    if name.hasPrefix("val_"), names.contains(String(name.dropFirst(4))) {
      return " without validation data; give fit validation_data or validation_split, or set 'monitor'"
    }
    return Suggestion.hint(for: name, among: names)
  }

  /// The fields that a monitor is made of.
  static func field<C: Configurable>(_ path: any WritableKeyPath<C, String> & Sendable) -> Field<C> {
    Field("monitor", path, "The quantity that is watched.")
  }
  static func modeField<C: Configurable>(_ path: any WritableKeyPath<C, String> & Sendable) -> Field<C> {
    Field(
      "mode", path, check: .oneOf("auto", "min", "max"),
      "Whether less or more is better; auto: more for names with 'acc' in them, less for all others.")
  }
  static func verboseField<C: Configurable>(_ path: any WritableKeyPath<C, Int> & Sendable, _ doc: String) -> Field<C> {
    Field("verbose", path, check: Check("0 or 1") { (0...1).contains($0) }, doc)
  }
}

extension TrainingRun {
  /// "Epoch 00003: text", as Keras counts and prints it.
  func say(epoch: Int, _ text: String) {
    let number = String(epoch + 1)
    say("Epoch " + String(repeating: "0", count: max(0, 5 - number.count)) + number + ": " + text)
  }
}
