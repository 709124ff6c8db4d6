import CCPU
import Glibc
import Synchronization

/// The threads that kernels share their work with. One per process.
///
/// `run` costs well below a microsecond while the workers are awake: they wait for work spinning, for some tens of
/// microseconds, before they sleep. It neither allocates nor locks, unless a sleeping worker has to be woken. The caller
/// works too, and returns as soon as every chunk is done, never waiting for a worker that has not begun.
///
/// Each thread begins with a share of its own, neighbouring chunks, the same whenever as many chunks are run: what it wrote in one
/// run is in its cache when the next run reads it. Who is done helps the others. Results may depend on the chunk only.
///
/// A worker that loses its processor in the middle of a chunk makes all wait. When that happens often, the caller works alone for a
/// while (`Solitude`): two threads on one processor would be slower than one.
///
/// After `fork()` the child has no workers: it computes alone, correctly. A child that forks while another thread is in
/// `run` should only `exec`.
package final class ThreadPool: @unchecked Sendable {
  package static let shared = ThreadPool()

  /// The number of the run that was announced last.
  private let announced = Atomic<UInt64>(0)
  /// Of each share: how many chunks are not yet claimed (low half) of run number `high half`. A claim is a compare-exchange on the
  /// whole: it can't succeed for a run that has ended.
  private let shares: UnsafeMutablePointer<Atomic<UInt64>>
  private let finished = Atomic<Int>(0)
  /// One run at a time, and none while the number of threads changes. Guards `chunks`, `parts`, `body`, `solitude`, `workers`
  /// and `refused`.
  private let isBusy = Atomic<Bool>(false)
  private let limit: Atomic<Int>
  private let sleepers = Atomic<Int>(0)

  private var chunks = 0
  /// Into how many shares the chunks are dealt.
  private let parts = Atomic<Int>(1)
  private var solitude = Solitude()
  private var body: (Int) -> Void = { _ in }
  private var workers: [pthread_t] = []
  /// The system would not give us another thread: don't ask again.
  private var refused = false

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let wakeUp: UnsafeMutablePointer<pthread_cond_t>

  init() {
    limit = Atomic(ThreadPool.processorCount)
    shares = .allocate(capacity: ThreadPool.mostShares * ThreadPool.shareStride)
    for i in 0..<ThreadPool.mostShares * ThreadPool.shareStride { (shares + i).initialize(to: Atomic(0)) }
    mutex = .allocate(capacity: 1)
    wakeUp = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wakeUp, nil)
  }

  deinit {
    limit.store(1, ordering: .sequentiallyConsistent)
    retire(downTo: 0)
    pthread_cond_destroy(wakeUp)
    pthread_mutex_destroy(mutex)
    wakeUp.deallocate()
    mutex.deallocate()
    shares.deinitialize(count: ThreadPool.mostShares * ThreadPool.shareStride)
    shares.deallocate()
  }

  /// Processors that this process may use.
  package static var processorCount: Int {
    let allowed = Int(ccpu_count())
    return allowed > 0 ? allowed : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Threads that compute, the caller included; at least 1. Setting it waits for the run in progress: don't do it inside one.
  package var threadCount: Int {
    get { limit.load(ordering: .relaxed) }
    set {
      while !acquire() { sched_yield() }
      limit.store(min(max(1, newValue), 1024), ordering: .sequentiallyConsistent)
      refused = false
      retire(downTo: threadCount - 1)
      release()
    }
  }

  /// Calls `body` for 0 ..< chunks, each once, on several threads, in any order.
  ///
  /// Calls it here, in ascending order, when there is one chunk or one thread, from inside a body, or while another
  /// thread's run is in progress.
  package func run(_ chunks: Int, _ body: @escaping (Int) -> Void) {
    if chunks <= 1 || threadCount == 1 || chunks > Int(UInt32.max) || !acquire() {
      for chunk in 0..<max(0, chunks) { body(chunk) }
      return
    }
    let start = ccpu_ticks()
    if solitude.lasts(at: start) {
      for chunk in 0..<chunks { body(chunk) }
      release()
      return
    }
    if workers.count < threadCount - 1 && !refused { hire() }
    self.chunks = chunks
    self.body = body
    let parts = min(chunks, threadCount, ThreadPool.mostShares)
    self.parts.store(parts, ordering: .relaxed)
    finished.store(0, ordering: .relaxed)
    let generation = announced.load(ordering: .relaxed) &+ 1
    for part in 0..<parts {
      share(part).pointee.store(generation << 32 | UInt64(end(of: part) - end(of: part - 1)), ordering: .releasing)
    }
    announced.store(generation, ordering: .sequentiallyConsistent)
    let asleep = sleepers.load(ordering: .sequentiallyConsistent)
    if asleep > 0 { wake(min(asleep, chunks - 1)) }
    let done = work(startingWith: 0)
    if finished.load(ordering: .acquiring) < chunks { waitForOthers(since: start, done) }
    self.body = { _ in }  // keep nothing of the caller's alive
    release()
  }

  // MARK: Inside

  private static let mostShares = 64
  /// Two cache lines: processors fetch them in pairs.
  private static let shareStride = 16

  private func share(_ part: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { shares + part * ThreadPool.shareStride }

  /// The number of chunks in the shares up to this one.
  private func end(of part: Int) -> Int { (part + 1) * chunks / parts.load(ordering: .relaxed) }

  /// Claims chunks and computes them until none is left, the own share first. Returns how many it were.
  private func work(startingWith own: Int) -> Int {
    var done = 0
    var turn = 0
    // `parts` belongs to the run that is announced. Whoever is late reads another run's: it will find shares that are empty, or help.
    let parts = self.parts.load(ordering: .relaxed)
    while turn < parts {
      done += work(on: (own + turn) % parts)
      turn += 1
    }
    return done
  }

  private func work(on part: Int) -> Int {
    let share = share(part)
    var done = 0
    var seen = share.pointee.load(ordering: .acquiring)
    while seen & 0xffff_ffff > 0 {
      let (exchanged, original) = share.pointee.weakCompareExchange(
        expected: seen, desired: seen - 1, successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring)
      guard exchanged else {
        seen = original
        continue
      }
      // The run can't end before this chunk is finished: `chunks`, `parts` and `body` are its own.
      body(end(of: part) - Int(seen & 0xffff_ffff))
      finished.wrappingAdd(1, ordering: .releasing)
      done += 1
      seen = share.pointee.load(ordering: .acquiring)
    }
    return done
  }

  /// Waits for workers that are finishing their last chunk. One that takes much longer than the caller's own chunks did has lost
  /// its processor.
  private func waitForOthers(since start: UInt64, _ done: Int) {
    let mine = ccpu_ticks()
    var patience = 0
    while finished.load(ordering: .acquiring) < chunks {
      patience += 1
      if patience < 2000 { ccpu_pause() } else { sched_yield() }
    }
    guard patience >= 500 else { return }
    let now = ccpu_ticks()
    let wait = now &- mine
    if wait > 2 * (mine &- start) / UInt64(max(1, done)) { solitude.note(wait: wait, at: now) }
  }

  private static let spins = 4000

  /// A worker's life. `index` is its place in `workers`.
  private func serve(_ index: Int) {
    var served: UInt64 = 0
    while index < limit.load(ordering: .acquiring) - 1 {
      let generation = announced.load(ordering: .acquiring)
      if generation != served {
        served = generation
        _ = work(startingWith: index + 1)
        continue
      }
      var spin = 0
      while spin < ThreadPool.spins && announced.load(ordering: .relaxed) == served {
        ccpu_pause()
        spin += 1
      }
      if spin == ThreadPool.spins { sleep(index, served) }
    }
  }

  private func sleep(_ index: Int, _ served: UInt64) {
    pthread_mutex_lock(mutex)
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while announced.load(ordering: .sequentiallyConsistent) == served
      && index < limit.load(ordering: .sequentiallyConsistent) - 1
    {
      pthread_cond_wait(wakeUp, mutex)
    }
    sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(mutex)
  }

  private func wake(_ count: Int) {
    pthread_mutex_lock(mutex)
    for _ in 0..<count { pthread_cond_signal(wakeUp) }
    pthread_mutex_unlock(mutex)
  }

  private func acquire() -> Bool {
    isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  private func release() { isBusy.store(false, ordering: .releasing) }

  private func hire() {
    // Signals are for the threads that know what to do with them.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    while workers.count < threadCount - 1 {
      var thread = pthread_t()
      let start = Unmanaged.passRetained(Start(pool: self, index: workers.count))
      let status = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
          start.pool.serve(start.index)
          return nil
        }, start.toOpaque())
      guard status == 0 else {
        start.release()
        refused = true
        return
      }
      workers.append(thread)
    }
  }

  private func retire(downTo count: Int) {
    guard workers.count > count else { return }
    wake(workers.count)
    while workers.count > count {
      pthread_join(workers.removeLast(), nil)
    }
  }

  /// What a new thread is told. The pool outlives its workers: it joins them.
  private final class Start {
    unowned(unsafe) let pool: ThreadPool
    let index: Int
    init(pool: ThreadPool, index: Int) {
      self.pool = pool
      self.index = index
    }
  }
}
