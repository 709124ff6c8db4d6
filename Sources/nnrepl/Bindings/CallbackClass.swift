import CLua
import NNEngine

/// `nn.callbacks.Callback`, from which users derive their own.
enum CallbackClass {
  private static let key = "nnrepl.callback"

  /// Adds it to the module of callbacks, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    let hooks = LuaCallback.Hook.allCases.map(\.rawValue)
    LuaClassTable.pushRoot(lua, "Callback", noun: "callback", prefix: "on_", methods: hooks)
    help.add(
      HelpEntry(
        name: "nn.callbacks.Callback", signature: ":subclass(name)",
        summary: "A class of your own: local Log = nn.callbacks.Callback:subclass(\"Log\"); "
          + "function Log:on_epoch_end(epoch, logs) print(epoch, logs.loss) end; "
          + "model:fit(x, y, {callbacks={Log()}}). In hooks there are self.model, self.params, and "
          + "self.model.stop_training = true. init(self, …) is the constructor, Log.super the parent. "
          + "Hooks of epochs and batches get (number, logs), the others (logs); what on_epoch_end adds to its logs is "
          + "recorded. For BackupAndRestore, get_state(self) returns what the callback must know after a crash (numbers, texts, "
          + "tables, tensors), and set_state(self, state) takes it back. Hooks: \(hooks.joined(separator: ", "))."),
      valueAt: -1)
    lua.copy(-1)
    lua.rawSetField(key, in: clua_registry())
    lua.rawSetField("Callback", in: -2)
  }

  static func pushRoot(_ lua: LuaState) { lua.rawGetField(key, in: clua_registry()) }
}

extension StandardCallback: LuaObject {
  static var luaName: String { "Callback" }
  static var belongsToModels: Bool { true }

  /// What callbacks have found out.
  private static let stateNames = [
    "best", "wait", "stopped_epoch", "best_epoch", "best_weights", "weights", "path", "cooldown_counter", "iteration",
    "restored_epoch", "restored_batch",
  ]

  static func register(_ lua: LuaState) {
    var members = LuaClass<StandardCallback>()
    members.property("class_name") { callback, lua in lua.push(callback.className) }
    members.method("get_config") { callback, lua throws(LuaError) in
      try lua.push(.table(callback.configuration))
      return 1
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      let callback = try lua.requireObject(1, StandardCallback.self)
      lua.push(callback.className + LuaText.of(.table(callback.configuration)))
      return 1
    }
    for name in Set(stateNames + Callbacks.registry.entries.flatMap { $0.fields.map(\.name) }) {
      members.property(name) { callback, lua throws(LuaError) in
        let (state, configuration) = (callback.state, callback.configuration)
        guard let value = state[name] ?? configuration[name] else {
          let known = (state.entries + configuration.entries).map(\.name)
          throw .message("\(callback.className): " + unknownName(name, kind: "field", among: known))
        }
        try lua.push(value)
      }
    }
    lua.register(StandardCallback.self, members)
  }
}

/// Lets callbacks say something on the output; below a half-drawn bar, as Keras does.
final class Speaker: Callback {
  private let output: Terminal
  private let isBelowBar: Bool

  init(_ verbose: Int, _ output: Terminal) {
    self.output = output
    isBelowBar = verbose == 1 && output.isTerminal
  }

  func prepare(_ run: TrainingRun) throws(NNError) {
    run.say = { [output, isBelowBar] text in
      output.write((isBelowBar ? "\n" : "") + text + "\n")
      output.flush()
    }
  }
}
