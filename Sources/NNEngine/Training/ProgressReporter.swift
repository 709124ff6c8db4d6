import Glibc

/// Keras's progress lines as a callback: text goes to `write`, so that the engine itself prints nothing.
public final class ProgressReporter: Callback {
  private let write: (String) -> Void
  private let style: ProgressText.Style
  private var text: ProgressText?
  private var isEvaluating = false

  /// - Parameters:
  ///   - bar: whether to redraw a bar in place (a terminal) or to write one plain line for each epoch.
  ///   - write: takes each piece of text, line breaks included.
  public init(bar: Bool, write: @escaping (String) -> Void) {
    style = bar ? .bar : .plain
    self.write = write
  }

  private var now: Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  /// Writes the header.
  public func trainBegan(_ run: TrainingRun) throws(NNError) {
    text = lines(run)
    guard run.samples > 0 else {
      if run.steps > 0 { write("Train for \(run.steps) steps\n") }
      return
    }
    write(
      ProgressText.header(
        samples: run.samples, validationSamples: run.validationSamples == 0 ? nil : run.validationSamples))
  }

  /// Counts samples, or batches where a generator makes them.
  private func lines(_ run: TrainingRun) -> ProgressText {
    run.samples > 0
      ? ProgressText(style: style, target: run.samples) : ProgressText(style: style, target: run.steps, unit: "step")
  }
  private func seen(_ run: TrainingRun) -> Int { run.samples > 0 ? run.samplesSeen : run.stepsSeen }

  /// How far an epoch of unknown length went is known at its end.
  private func settle(_ run: TrainingRun) {
    if run.samples == 0, run.steps == 0 { text?.target = run.stepsSeen }
  }

  /// Writes the title, on a terminal.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    if let out = text?.begin(epoch: epoch, of: run.epochs, now: now), !out.isEmpty { write(out) }
  }

  /// Redraws the bar now and then.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    if let out = text?.update(seen(run), run.logs(), now: now), !out.isEmpty { write(out) }
  }

  /// An evaluation has a bar of its own, unless it is a training's validation.
  public func testBegan(_ run: TrainingRun) throws(NNError) {
    guard text == nil else { return }
    text = lines(run)
    text?.begin(now: now)
    isEvaluating = true
  }

  /// Redraws the bar now and then.
  public func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard isEvaluating, let out = text?.update(seen(run), run.logs(), now: now), !out.isEmpty else { return }
    write(out)
  }

  /// Finishes an evaluation's line.
  public func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError) {
    settle(run)
    guard isEvaluating, let out = text?.end(logs.entries, now: now) else { return }
    write(out)
  }

  /// Finishes the epoch's line.
  public func epochEnded(
    _ epoch: Int, _ logs: Logs, _ run: TrainingRun
  ) throws(NNError) {
    settle(run)
    if let out = text?.end(logs.entries, now: now) { write(out) }
  }

  /// Leaves an interrupted line.
  public func trainEnded(_ run: TrainingRun) throws(NNError) {
    if run.history.interruption != nil, let out = text?.interrupt(), !out.isEmpty { write(out) }
  }
}
