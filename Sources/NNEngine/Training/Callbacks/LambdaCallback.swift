/// A function for each hook.
public final class LambdaCallback: ConfiguredCallback<LambdaCallback.Options>, Callback {
  /// Keras's arguments, and the hooks for which Keras has none. Sendable except for the functions.
  public struct Options: Configurable, @unchecked Sendable {
    var epochBegin, epochEnd, batchBegin, batchEnd, trainBegin, trainEnd: FunctionReference?
    var testBegin, testEnd, testBatchBegin, testBatchEnd: FunctionReference?
    var predictBegin, predictEnd, predictBatchBegin, predictBatchEnd: FunctionReference?

    /// No functions.
    public init() {}
    /// Keras's name.
    public static let className = "LambdaCallback"
    /// One paragraph.
    public static let doc = """
      Calls a function at each hook that is given one. What a function puts into an epoch's logs, the history records. \
      Example: LambdaCallback{on_epoch_end=function(epoch, logs) print(epoch, logs.loss) end}
      """
    /// Keras's six in Keras's order, then the others.
    public static let fields: [Field<Options>] = [
      Field("on_epoch_begin", \.epochBegin, "Of the epoch's number and empty logs."),
      Field("on_epoch_end", \.epochEnd, "Of the epoch's number and its logs."),
      Field("on_batch_begin", \.batchBegin, aliases: ["on_train_batch_begin"], "Of the batch's number and empty logs."),
      Field(
        "on_batch_end", \.batchEnd, aliases: ["on_train_batch_end"],
        "Of the batch's number and the running means of the epoch."),
      Field("on_train_begin", \.trainBegin, "Of empty logs."),
      Field("on_train_end", \.trainEnd, "Of the last epoch's logs."),
      Field("on_test_begin", \.testBegin, "Of empty logs; before an evaluation, also of validation data."),
      Field("on_test_end", \.testEnd, "Of the evaluation's logs."),
      Field("on_test_batch_begin", \.testBatchBegin, "Of the batch's number and empty logs."),
      Field("on_test_batch_end", \.testBatchEnd, "Of the batch's number and the running means."),
      Field("on_predict_begin", \.predictBegin, "Of empty logs."),
      Field("on_predict_end", \.predictEnd, "Of empty logs."),
      Field("on_predict_batch_begin", \.predictBatchBegin, "Of the batch's number and empty logs."),
      Field("on_predict_batch_end", \.predictBatchEnd, "Of the batch's number and empty logs."),
    ]
  }

  private func call(
    _ function: FunctionReference?, _ number: Int? = nil, _ logs: @autoclosure () -> Logs = Logs(isOpen: false)
  )
    throws(NNError)
  {
    guard let function else { return }
    if let number { try function(.integer(number), .object(logs())) } else { try function(.object(logs())) }
  }

  /// A function may add to the logs whatever it likes.
  public func prepare(_ run: TrainingRun) throws(NNError) { if options.epochEnd != nil { run.announceMore() } }
  /// Calls on_train_begin.
  public func trainBegan(_ run: TrainingRun) throws(NNError) { try call(options.trainBegin) }
  /// Calls on_train_end.
  public func trainEnded(_ run: TrainingRun) throws(NNError) { try call(options.trainEnd, nil, run.history.lastLogs) }
  /// Calls on_epoch_begin.
  public func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) { try call(options.epochBegin, epoch) }
  /// Calls on_epoch_end.
  public func epochEnded(_ epoch: Int, _ logs: Logs, _ run: TrainingRun) throws(NNError) {
    try call(options.epochEnd, epoch, logs)
  }
  /// Calls on_batch_begin.
  public func batchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) { try call(options.batchBegin, batch) }
  /// Calls on_batch_end.
  public func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(options.batchEnd, batch, Logs(run.logs(), isOpen: false))
  }
  /// Calls on_test_begin.
  public func testBegan(_ run: TrainingRun) throws(NNError) { try call(options.testBegin) }
  /// Calls on_test_end.
  public func testEnded(_ logs: Logs, _ run: TrainingRun) throws(NNError) { try call(options.testEnd, nil, logs) }
  /// Calls on_test_batch_begin.
  public func testBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(options.testBatchBegin, batch)
  }
  /// Calls on_test_batch_end.
  public func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(options.testBatchEnd, batch, Logs(run.logs(), isOpen: false))
  }
  /// Calls on_predict_begin.
  public func predictBegan(_ run: TrainingRun) throws(NNError) { try call(options.predictBegin) }
  /// Calls on_predict_end.
  public func predictEnded(_ run: TrainingRun) throws(NNError) { try call(options.predictEnd) }
  /// Calls on_predict_batch_begin.
  public func predictBatchBegan(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(options.predictBatchBegin, batch)
  }
  /// Calls on_predict_batch_end.
  public func predictBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    try call(options.predictBatchEnd, batch)
  }
}
