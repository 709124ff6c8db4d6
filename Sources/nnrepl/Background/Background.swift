import Glibc
import NNEngine
import Synchronization

/// The border between Lua's thread and the threads that train (`model:fit_async`).
///
/// Three rules keep the two sides apart. Lua runs on Lua's thread only: a training thread that needs it (a callback, a schedule) hands
/// the call over (`onLuaThread`) and waits until Lua's thread comes to a place where it attends: the prompt, `run:wait()`, any other
/// use of a run. What belongs to a model that is being trained is touched by Lua's thread only while the training thread stands between
/// two batches: `visit` sees to that whenever Lua hands such an object to Swift, until the call that it was for returns. And what
/// would make another training of it is refused (`check`).
///
/// Without a training in the background all of this costs one look at a flag.
enum Background {
  static let monitor = Monitor()
  /// Whether there are trainings; for Lua's thread.
  nonisolated(unsafe) private(set) static var isActive = false
  private static let hasThreads = Atomic<Bool>(false)
  nonisolated(unsafe) private static var luaThread = pthread_self()
  /// Trainings, until their threads are joined; this keeps them alive when Lua forgets them. Changed under the monitor, by Lua's thread.
  nonisolated(unsafe) private static var runs: [BackgroundRun] = []

  // MARK: Runs

  /// Starts a training.
  static func start(_ run: BackgroundRun) throws(LuaError) {
    luaThread = pthread_self()
    Mail.open()
    monitor.locked {
      runs.append(run)
      isClosing = false
    }
    isActive = true
    hasThreads.store(true, ordering: .sequentiallyConsistent)
    guard run.begin() else {
      remove(run)
      throw .message("the system gives no thread to train in")
    }
  }

  private static func remove(_ run: BackgroundRun) {
    monitor.locked { runs.removeAll { $0 === run } }
    isActive = !runs.isEmpty
    hasThreads.store(isActive, ordering: .sequentiallyConsistent)
  }

  /// What is due on Lua's thread: calls of Lua that trainings wait for, ends of trainings. Messages are left where they are.
  static func attend() {
    guard isActive else { return }
    serve()
    for run in runs where run.hasEnded {
      run.join()
      remove(run)
      if run.model.canResume { PausedModels.note(run.model) }
    }
  }

  /// Stops what still trains, before Lua goes. With `serving`, Lua functions that they call on the way are still called.
  static func stopAll(serving: Bool) {
    monitor.locked { isClosing = !serving }
    for run in runs {
      run.stop()
      remove(run)
    }
  }

  static var activeCount: Int { runs.count { !$0.hasEnded } }

  // MARK: Calls of Lua from training threads

  private final class Request {
    private var body: (() -> Void)?
    var isDone = false
    init(_ body: @escaping () -> Void) { self.body = body }

    /// Not inlined: when this returns, nothing of the body may be left on Lua's thread, since it lives on the other's stack.
    @inline(never) func perform() {
      body?()
      body = nil
    }
  }

  nonisolated(unsafe) private static var requests: [Request] = []  // under the monitor
  /// Lua is on its way out: nothing is called any more.
  nonisolated(unsafe) private static var isClosing = false  // under the monitor
  /// How many calls for training threads are on the stack.
  nonisolated(unsafe) private(set) static var servings = 0

  /// Whether the caller is a training thread.
  static var isElsewhere: Bool {
    hasThreads.load(ordering: .relaxed) && pthread_equal(pthread_self(), luaThread) == 0
  }

  /// Has Lua's thread run something, and waits; false when it will not.
  static func onLuaThread(_ body: () -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
      let request = Request(body)
      let run = monitor.locked { BackgroundRun.current(among: runs) }
      run?.stepAside { () -> Void in
        requests.append(request)
        Mail.ring()
        monitor.wait { request.isDone || isClosing }
      }
      monitor.locked { requests.removeAll { $0 === request } }
      return request.isDone
    }
  }

  private static func serve() {
    while let request = monitor.locked({ requests.isEmpty || isClosing ? nil : requests.removeFirst() }) {
      // Its visits are its own.
      let outer = (depth, isVisiting)
      (depth, isVisiting) = (0, false)
      servings += 1
      request.perform()
      servings -= 1
      (depth, isVisiting) = outer
      monitor.locked { request.isDone = true }
    }
  }

  /// Waits on Lua's thread for something that trainings do, attending to them. `isEnough` ends it early.
  static func wait(until condition: () -> Bool, orWhen isEnough: () -> Bool = { false }) {
    while true {
      serve()
      let holds = monitor.locked { () -> Bool in
        if condition() { return true }
        if requests.isEmpty { monitor.wait(milliseconds: 50) }
        return condition()
      }
      if holds || isEnough() { return }
    }
  }

  // MARK: Visits

  /// How many Swift functions called by Lua are on the stack.
  nonisolated(unsafe) private static var depth = 0
  nonisolated(unsafe) private static var isVisiting = false

  /// Begins a Swift function that Lua calls; returns what `leave` takes.
  static func enter() -> Bool {
    guard isActive else { return false }
    depth += 1
    return true
  }

  static func leave(_ hasEntered: Bool) {
    guard hasEntered else { return }
    // Not before the outermost returns: a function that takes gradients uses what the functions in it have mentioned.
    if depth == 1, isVisiting {
      isVisiting = false
      for run in runs { run.endVisit() }
    }
    depth -= 1
  }

  /// Lua's thread is about to use an object: from here to the end of the outermost call, trainings that it belongs to stand still.
  static func visit(_ object: AnyObject) {
    guard depth > 0 else { return }
    for run in runs where run.owns(object) {
      isVisiting = true
      run.beginVisit()
    }
  }

  // MARK: Refusals

  private static let changes: Set = ["set_weights", "load_weights", "train_on_batch", "assign", "set"]
  private static let exclusive: Set = [
    "fit", "fit_async", "resume", "compile", "add", "pop", "build", "find_learning_rate",
  ]

  /// An error when a method would make another training of one that runs.
  static func check(_ object: AnyObject, _ method: String) throws(LuaError) {
    guard servings == 0 else { return }
    for run in runs where run.owns(object) && !run.hasEnded {
      let name = run.model.name
      if exclusive.contains(method) {
        throw .message("\(method): the model '\(name)' is being trained in the background: run:stop() first")
      }
      if changes.contains(method), !run.isPaused {
        throw .message(
          "\(method): the model '\(name)' is being trained in the background: run:pause() or run:stop() first")
      }
    }
  }

  /// Whether a model is trained in the background.
  static func isTraining(_ model: Model) -> Bool { isActive && runs.contains { $0.model === model && !$0.hasEnded } }
}
