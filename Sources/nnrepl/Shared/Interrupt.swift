import CLua
import Glibc
import NNEngine
import Synchronization

/// Ctrl-C (SIGINT) and SIGTERM.
///
/// The handler counts, and makes Lua raise "interrupted!" at its next instruction. While something long runs that can
/// stop by itself (`gracefully`), the first signal only counts: the worker polls `isPending`. After two signals the
/// third takes the default action, the way out of code that neither polls nor is Lua.
enum Interrupt {
  private enum Listener: Int {
    case prompt, lua, graceful
  }

  private static let received = Atomic<Int>(0)
  private static let beforeGraceful = Atomic<Int>(0)
  private static let listener = Atomic<Int>(Listener.prompt.rawValue)
  private static let lastSignal = Atomic<Int32>(0)
  private static let mainState = Atomic<UInt>(0)
  /// The address of the model that is at work; alive, since `gracefully` was given it.
  private static let running = Atomic<UInt>(0)
  private static let endsScript = Atomic<Bool>(false)
  private static let isGuest = Atomic<Bool>(false)

  /// Installs the handlers. In a script an interrupt ends the program once what was running has stopped.
  static func listen(_ lua: LuaState, isScript: Bool) {
    mainState.store(UInt(bitPattern: lua.raw), ordering: .sequentiallyConsistent)
    endsScript.store(isScript, ordering: .sequentiallyConsistent)
    beginCommand()
    install(SIGTERM)
    var signals = sigset_t()  // the parent may have left them blocked
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// In a program that is not nnrepl: signals are its own affair, except while something runs `gracefully`. That ends early, results and
  /// all, and the program goes on.
  static func serveHost(_ lua: LuaState) {
    mainState.store(UInt(bitPattern: lua.raw), ordering: .sequentiallyConsistent)
    listener.store(Listener.lua.rawValue, ordering: .sequentiallyConsistent)
    isGuest.store(true, ordering: .sequentiallyConsistent)
  }

  /// Forgets earlier Ctrl-Cs: from here on they concern the Lua code about to run.
  static func beginCommand() {
    if signal == SIGTERM { return }  // that one stays
    if let lua { clua_uninterrupt(lua.raw) }
    received.store(0, ordering: .sequentiallyConsistent)
    beforeGraceful.store(0, ordering: .sequentiallyConsistent)
    lastSignal.store(0, ordering: .sequentiallyConsistent)
    listener.store(Listener.lua.rawValue, ordering: .sequentiallyConsistent)
    install(SIGINT)
  }

  /// From here on a Ctrl-C concerns the line being typed.
  static func beginPrompt() {
    beginCommand()
    listener.store(Listener.prompt.rawValue, ordering: .sequentiallyConsistent)
  }

  /// Runs Lua while a line is being typed: Ctrl-C concerns the code.
  static func asCommand(_ body: () -> Void) {
    let outer = listener.exchange(Listener.lua.rawValue, ordering: .sequentiallyConsistent)
    body()
    listener.store(outer, ordering: .sequentiallyConsistent)
  }

  /// Runs something that polls `isPending` and ends early, results and all, when that turns true; or whose model is
  /// cancelled by the signal itself.
  static func gracefully<Result, Failure: Error>(
    cancelling model: Model? = nil, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The outermost of a guest takes the signal, and gives it back.
    let takes = isGuest.load(ordering: .relaxed) && listener.load(ordering: .relaxed) != Listener.graceful.rawValue
    var hosts = sigaction()
    if takes {
      received.store(0, ordering: .sequentiallyConsistent)
      sigaction(SIGINT, nil, &hosts)
      install(SIGINT)
    }
    defer { if takes { sigaction(SIGINT, &hosts, nil) } }
    let address = model.map { UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque()) } ?? 0
    let outerModel = running.exchange(address, ordering: .sequentiallyConsistent)
    beforeGraceful.store(received.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
    let outer = listener.exchange(Listener.graceful.rawValue, ordering: .sequentiallyConsistent)
    defer {
      running.store(outerModel, ordering: .sequentiallyConsistent)
      listener.store(outer, ordering: .sequentiallyConsistent)
      if endsScript.load(ordering: .sequentiallyConsistent), isPending, let lua { clua_interrupt(lua.raw) }
    }
    return try body()
  }

  /// A signal has come since the graceful work began: finish the step and return what there is.
  static var isPending: Bool { received.load(ordering: .relaxed) > beforeGraceful.load(ordering: .relaxed) }

  /// A second one has come: give up with the error "interrupted!".
  static var isInsistent: Bool { received.load(ordering: .relaxed) > 1 }

  /// Whether Ctrl-C was pressed since the prompt was shown.
  static var isLineDropped: Bool { received.load(ordering: .relaxed) > 0 && !isTerminated }

  static var isTerminated: Bool { signal == SIGTERM }

  /// The shell's convention for a program ended by a signal; nil when there was none.
  static var exitStatus: Int32? { signal == 0 ? nil : 128 + signal }

  private static var signal: Int32 { lastSignal.load(ordering: .sequentiallyConsistent) }

  private static var lua: LuaState? {
    LuaPointer(bitPattern: mainState.load(ordering: .sequentiallyConsistent)).map(LuaState.init)
  }

  private static func install(_ signal: Int32) {
    var action = sigaction()  // without SA_RESTART: a blocked read returns, and Lua gets to see the hook
    action.__sigaction_handler = .init(sa_handler: { Interrupt.handle($0) })
    sigaction(signal, &action, nil)
  }

  /// Async-signal-safe: atomics (`Model.cancel` is one), lua_sethook and sigaction only.
  private static func handle(_ signal: Int32) {
    let count = received.add(1, ordering: .sequentiallyConsistent).newValue
    lastSignal.store(signal, ordering: .sequentiallyConsistent)
    let listener = listener.load(ordering: .sequentiallyConsistent)
    if listener == Listener.prompt.rawValue { return }
    // The second of a command is insistent even when the first has already ended another fit: loops of fits can be left.
    let isFirst = count <= 1
    if let model = UnsafeRawPointer(bitPattern: running.load(ordering: .sequentiallyConsistent)) {
      Unmanaged<Model>.fromOpaque(model)._withUnsafeGuaranteedRef { $0.cancel() }
    }
    if listener == Listener.graceful.rawValue, isFirst { return }
    if let lua { clua_interrupt(lua.raw) }
    if count >= 2 {
      var action = sigaction()
      action.__sigaction_handler = .init(sa_handler: SIG_DFL)
      sigaction(signal, &action, nil)
    }
  }
}
