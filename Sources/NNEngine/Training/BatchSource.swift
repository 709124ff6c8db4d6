/// Where the batches of fit and evaluate come from. One of two: rows of tensors, or a generator. A class and its subclasses, because
/// `next` is called at each step.
class BatchSource {
  /// Batches of an epoch; nil when only the source knows where it ends.
  let steps: Int?
  /// Samples of an epoch; nil when unknown.
  let samples: Int?

  init(steps: Int?, samples: Int?) { (self.steps, self.samples) = (steps, samples) }

  /// Starts an epoch.
  func begin(epoch: Int) throws(NNError) {}

  /// Puts the next batch into the feeds of a program for it; nil: there is none.
  func next() throws(NNError) -> (program: StepProgram, count: Int)? { nil }

  /// Passes over batches of the epoch.
  func skip(_ batches: Int) throws(NNError) {
    for _ in 0..<batches { guard try next() != nil else { return } }
  }

  /// What the epochs' orders follow from; nil where there is no shuffling.
  var shuffling: RandomStream? {
    get { nil }
    set {}
  }
}

/// Batches of rows of tensors, shuffled or in order. The programs are made beforehand; a batch allocates nothing.
final class RowBatches: BatchSource {
  private let data: TrainingData
  private let batch: Int
  private let full: StepProgram
  private let tail: StepProgram?
  /// From which each epoch's order follows; nil: in order.
  private var stream: RandomStream?
  private var order: [Int]
  private var first = 0

  /// - Parameter steps: how many batches make an epoch; nil: all there are.
  init(
    _ model: Model, _ purpose: StepProgram.Purpose, _ data: TrainingData, batchSize: Int, steps: Int? = nil,
    shuffledBy stream: RandomStream? = nil
  ) throws(NNError) {
    batch = min(batchSize, data.count)
    let all = (data.count + batch - 1) / batch
    if let steps, steps > all {
      throw .invalid("\(steps) steps of \(batch) samples are more than the \(data.count) samples make (\(all) steps)")
    }
    let used = min(data.count, (steps ?? all) * batch)
    let rest = used % batch
    full = try model.program(purpose, batch: used < batch ? used : batch, data.shapes)
    tail = rest == 0 ? nil : try model.program(purpose, batch: rest, data.shapes)
    (self.data, self.stream) = (data, stream)
    order = stream == nil ? [] : Array(0..<data.count)
    super.init(steps: steps ?? all, samples: used)
  }

  /// The program for all batches but a short last one.
  var program: StepProgram { full }

  override var shuffling: RandomStream? {
    get { stream }
    set { if stream != nil, let newValue { stream = newValue } }
  }

  override func skip(_ batches: Int) { first = min(samples ?? 0, min(batches, steps ?? 0) * batch) }

  override func begin(epoch: Int) throws(NNError) {
    first = 0
    guard let stream else { return }
    for i in order.indices { order[i] = i }
    RandomStream(seed: stream.seed, stream: stream.stream, step: UInt32(truncatingIfNeeded: epoch)).shuffle(&order)
  }

  override func next() throws(NNError) -> (program: StepProgram, count: Int)? {
    let count = min(batch, (samples ?? 0) &- first)
    guard count > 0 else { return nil }
    let step = count == batch ? full : tail ?? full
    if stream == nil {
      data.feed(step, first..<(first &+ count))
    } else {
      order.withUnsafeBufferPointer { rows in
        data.feed(step, UnsafeBufferPointer(rebasing: rows[first..<(first &+ count)]))
      }
    }
    first &+= count
    return (step, count)
  }
}

/// A user's source of batches: a function that gives one batch after another, and nil where an epoch ends.
public final class BatchGenerator {
  let next: () throws(NNError) -> Samples?

  /// Batches from a function.
  public init(_ next: @escaping () throws(NNError) -> Samples?) { self.next = next }

  /// Batches from a sequence, again from its beginning in each epoch.
  public convenience init<S: Sequence>(_ sequence: S) where S.Element == Samples {
    var iterator = sequence.makeIterator()
    self.init { () throws(NNError) in
      if let batch = iterator.next() { return batch }
      iterator = sequence.makeIterator()
      return nil
    }
  }
}

/// Batches from a generator, each checked when it comes.
final class GeneratedBatches: BatchSource {
  /// The call that uses this keeps the model alive, and an interrupted training belongs to it.
  private unowned let model: Model
  private let purpose: StepProgram.Purpose
  private let generator: BatchGenerator
  private let classWeights: ClassWeights?
  private let call: String
  private var step = 0

  init(
    _ model: Model, _ purpose: StepProgram.Purpose, _ generator: BatchGenerator, steps: Int?,
    classWeights: ClassWeights? = nil, _ call: String
  ) {
    (self.model, self.purpose, self.generator, self.call) = (model, purpose, generator, call)
    self.classWeights = classWeights
    super.init(steps: steps, samples: nil)
  }

  override func begin(epoch: Int) throws(NNError) { step = 0 }

  override func next() throws(NNError) -> (program: StepProgram, count: Int)? {
    if let steps, step == steps { return nil }
    guard let samples = try generator.next() else {
      guard let steps else {
        guard step > 0 else { throw NNError(.invalidArgument, "\(call): the generator gave no batch for an epoch") }
        return nil
      }
      throw NNError(
        .invalidArgument,
        "\(call): the generator ended after \(step) batches of an epoch, but an epoch has \(steps) steps")
    }
    let data: TrainingData
    do throws(NNError) {
      data = try TrainingData(samples, for: model, call).weighed(by: classWeights, call)
    } catch {
      throw NNError(error.code, "\(error.message) (batch \(step + 1) of the generator)", path: error.path)
    }
    let program = try model.program(purpose, batch: data.count, data.shapes)
    data.feed(program, 0..<data.count)
    step += 1
    return (program, data.count)
  }
}
