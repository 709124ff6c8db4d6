import Glibc
import NNEngine
import Synchronization

/// One training on a thread of its own. What Lua's thread does here, it does under `Background`'s rules.
final class BackgroundRun: @unchecked Sendable {
  enum Status: String { case running, paused, finished, stopped, failed }

  let model: Model
  let trainer: Trainer
  let epochs: Int
  let steps: Int
  /// Where the training is, counted from 0.
  let epoch = Atomic<Int>(0)
  let batch = Atomic<Int>(0)
  /// How often Ctrl-C ended a `wait`.
  var waitsLeft = 0
  /// Whether somebody waits, who will hear of an error.
  var isAwaited: Bool {
    get { monitor.locked { awaited } }
    set { monitor.locked { awaited = newValue } }
  }
  private var awaited = false

  // Under the monitor:
  private var isInside = true
  private var isVisited = false
  private var isHeld = false
  private var end: Result<History, NNError>?
  private var thread = pthread_t()
  /// Whether somebody waits at the border.
  private let isWanted = Atomic<Bool>(false)
  /// What belongs to the training.
  private var belongings: Set<ObjectIdentifier> = []
  private var random: RandomPlace?
  private var isJoined = false

  init(_ model: Model, _ trainer: Trainer, _ conductor: Conductor, callbacks: [any Callback]) {
    (self.model, self.trainer) = (model, trainer)
    (epochs, steps) = (trainer.run.epochs, trainer.run.steps)
    conductor.background = self
    var objects: [AnyObject] = [model, trainer.run.history] + callbacks.map { $0 as AnyObject }
    objects += model.variables as [AnyObject]
    objects += model.layers as [AnyObject]
    if let optimizer = model.optimizer { objects.append(optimizer) }
    belongings = Set(objects.map { ObjectIdentifier($0) })
  }

  private var monitor: Monitor { Background.monitor }

  // MARK: On the training thread

  /// Between two batches: lets Lua's thread pass, and stands still while it is told to.
  func reachBorder() { if isWanted.load(ordering: .acquiring) { stepAside {} } }

  /// Does something, under the monitor, while Lua's thread may touch the model.
  func stepAside(_ body: () -> Void) {
    monitor.locked {
      isInside = false
      // Somebody may be waiting for just this.
      monitor.wakeOthers()
      body()
      monitor.wait { !isVisited && !isHeld }
      isInside = true
    }
  }

  private func work() {
    let result: Result<History, NNError>
    do throws(NNError) { result = .success(try trainer.train()) } catch { result = .failure(error) }
    if case .failure(let error) = result, !isAwaited {
      Mail.post("training in the background of '\(model.name)' has failed: \(error.description)")
    }
    monitor.locked {
      model.endTraining()
      (end, isInside) = (result, false)
      Mail.ring()
    }
  }

  /// The run of the calling thread.
  static func current(among runs: [BackgroundRun]) -> BackgroundRun? {
    runs.first { pthread_equal($0.thread, pthread_self()) != 0 }
  }

  // MARK: On Lua's thread

  /// Starts the thread; false when there is none to be had.
  func begin() -> Bool {
    // Signals are for the threads that know what to do with them.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    // Before the thread does: a request to stop that comes at once is not to be forgotten.
    model.beginTraining()
    let hasBegun = monitor.locked {
      pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          // `Background` keeps it alive until the thread is joined.
          Unmanaged<BackgroundRun>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.work() }
          return nil
        }, Unmanaged.passUnretained(self).toOpaque()) == 0
    }
    if !hasBegun { model.endTraining() }
    return hasBegun
  }

  func join() {
    if !isJoined { pthread_join(thread, nil) }
    isJoined = true
  }

  /// The same as `hasEnded`, inside the monitor.
  var isOver: Bool { end != nil }
  var hasEnded: Bool { monitor.locked { end != nil } }
  var isPaused: Bool { monitor.locked { isHeld && end == nil } }

  var status: Status {
    monitor.locked {
      switch end {
      case .success(let history)?: history.interruption == nil ? .finished : .stopped
      case .failure?: .failed
      case nil: isHeld ? .paused : .running
      }
    }
  }

  /// How it ended; nil while it runs.
  var result: Result<History, NNError>? { monitor.locked { end } }

  /// Whether an object is this training's. Others' models are, when they share weights with it.
  func owns(_ object: AnyObject) -> Bool {
    if belongings.contains(ObjectIdentifier(object)) { return true }
    switch object {
    case let other as Model: return other.variables.contains { belongings.contains(ObjectIdentifier($0)) }
    case let layer as Layer: return layer.variables.contains { belongings.contains(ObjectIdentifier($0)) }
    case is Variable, is Optimizer, is History, is StandardCallback: return false
    default: return true
    }
  }

  /// Waits for the border. The training's random numbers are put aside: a visitor does not change what they will be, unless it is one of
  /// the training's own callbacks.
  func beginVisit() {
    monitor.locked {
      guard !isVisited else { return }
      isVisited = true
      isWanted.store(true, ordering: .releasing)
      monitor.wait { !isInside }
      if end == nil, Background.servings == 0 { random = model.randomPlace }
    }
  }

  func endVisit() {
    monitor.locked {
      guard isVisited else { return }
      if let random { model.randomPlace = random }
      (random, isVisited) = (nil, false)
      isWanted.store(isHeld, ordering: .releasing)
    }
  }

  /// Stands still after the present batch.
  func pause() {
    monitor.locked {
      isHeld = true
      isWanted.store(true, ordering: .releasing)
    }
    Background.wait { !isInside }
  }

  func goOn() {
    monitor.locked {
      isHeld = false
      isWanted.store(isVisited, ordering: .releasing)
    }
  }

  /// Ends it after the present batch.
  func stop() {
    guard !hasEnded else { return join() }
    model.cancel()
    goOn()
    Background.wait { end != nil }
    join()
  }
}

/// Between a training and its `BackgroundRun`: the last of the callbacks, so that nothing is half done when it is called.
final class Conductor: Callback {
  weak var background: BackgroundRun?
  private let saysEnd: Bool

  init(saysEnd: Bool) { self.saysEnd = saysEnd }

  func prepare(_ run: TrainingRun) throws(NNError) { run.say = { Mail.post($0) } }

  func epochBegan(_ epoch: Int, _ run: TrainingRun) throws(NNError) {
    background?.epoch.store(epoch, ordering: .relaxed)
    background?.batch.store(0, ordering: .relaxed)
    background?.reachBorder()
  }

  func batchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) {
    background?.batch.store(batch, ordering: .relaxed)
    background?.reachBorder()
  }

  func testBatchEnded(_ batch: Int, _ run: TrainingRun) throws(NNError) { background?.reachBorder() }

  func trainEnded(_ run: TrainingRun) throws(NNError) {
    guard saysEnd, run.history.interruption == nil else { return }
    let logs = run.history.lastLogs.entries.map { " - \($0.name): \(HistoryClass.number($0.value))" }
    let count = run.history.epochs.count
    Mail.post(
      "training in the background of '\(run.model.name)' has ended: \(count) \(count == 1 ? "epoch" : "epochs")"
        + logs.joined())
  }
}
