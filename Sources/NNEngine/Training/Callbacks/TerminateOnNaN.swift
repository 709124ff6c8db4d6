/// Ends the training, without an error, when the loss of a batch is NaN or infinite.
public final class TerminateOnNaN: ConfiguredCallback<TerminateOnNaN.Options>, Callback {
  /// Keras's arguments: none.
  public struct Options: Configurable {
    /// The defaults.
    public init() {}
    /// Keras's name.
    public static let className = "TerminateOnNaN"
    /// One paragraph.
    public static let doc = """
      Ends the training normally when the loss becomes NaN or infinite: the weights stay as they are by then, the history keeps the NaN. \
      Without it, fit fails and takes the weights back to the beginning of that epoch. Example: TerminateOnNaN()
      """
    /// None.
    public static let fields: [Field<Options>] = []
  }

  /// That is what it is for.
  public var acceptsNotFinite: Bool { true }

  /// Looks at the batch's own loss.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    guard let loss = run.batchLoss, !loss.isFinite else { return }
    run.say("Batch \(batch): Invalid loss, terminating training")
    run.stop()
  }
}
