import NNEngine

/// The models whose training Ctrl-C has interrupted last.
///
/// An interrupted training keeps its data and its callbacks, and Lua callbacks may mention the model: a cycle that neither Lua's
/// collector nor reference counts see through. So only the last few trainings can be resumed; older ones are forgotten.
enum PausedModels {
  static let capacity = 4

  private struct Entry {
    weak var model: Model?
  }

  /// Lua runs on one thread.
  nonisolated(unsafe) private static var entries: [Entry] = []

  static func note(_ model: Model) {
    entries.removeAll { $0.model == nil || $0.model === model || $0.model?.canResume == false }
    entries.append(Entry(model: model))
    while entries.count > capacity { entries.removeFirst().model?.forgetInterruption() }
  }
}
