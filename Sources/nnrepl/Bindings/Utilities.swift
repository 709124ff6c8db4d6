import CLua
import Glibc
import NNEngine

/// `nn.clock`, `nn.set_seed`, `nn.set_epsilon`, `nn.num_threads`, `nn.slice`, `nn.isinstance`, `nn.train_test_split`, `nn.clone_model`.
enum Utilities {
  /// Adds to the module's table, which is on top.
  static func install(_ lua: LuaState, _ help: Help) {
    lua.define("clock", in: "nn", help: help, "()", "Seconds on a clock that never goes back: for timing.") { lua in
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      lua.push(Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
      return 1
    }
    lua.define("set_seed", in: "nn", help: help, "(n)", "Makes everything random that follows reproducible.") {
      lua throws(LuaError) in
      RandomState.set(seed: UInt64(bitPattern: Int64(try lua.requireInteger(1))))
      return 0
    }
    lua.define(
      "set_epsilon", in: "nn", help: help, "(x)", "Sets the small number that losses keep probabilities away from 0 by."
    ) {
      lua throws(LuaError) in
      let new = try lua.requireNumber(1)
      try engine { () throws(NNError) in try FuzzFactor.set(new) }
      return 0
    }
    lua.define("num_threads", in: "nn", help: help, "(n)", "Sets the number of threads; without argument tells it.") {
      lua throws(LuaError) in
      if lua.top == 0 {
        lua.push(ThreadPool.shared.threadCount)
        return 1
      }
      let count = try lua.requireInteger(1)
      guard (1...1024).contains(count) else { throw .message("expected 1 … 1024 threads, got \(count)") }
      ThreadPool.shared.threadCount = count
      return 0
    }
    lua.define(
      "slice", in: "nn", help: help, "(list, first, last)", "Part of a list: nn.slice(model.layers, 1, -2).", slice)
    lua.define("isinstance", in: "nn", help: help, "(object, class)", "Whether an object was made by this class.") {
      lua throws(LuaError) in
      if lua.type(2) == .table {
        lua.push(LuaClassTable.isInstance(lua, 1, of: 2))
        return 1
      }
      let constructor = try lua.requireObject(2, LuaConstructor.self)
      lua.push(isInstance(lua, constructor))
      return 1
    }
    lua.define(
      "train_test_split", in: "nn", help: help, "(a, b, …, {test_size=0.25, train_size=nil, shuffle=true, seed=nil})",
      "Divides the rows of tensors into two sets: a_train, a_test, b_train, b_test, …", split)
    lua.define(
      "clone_model", in: "nn", help: help, "(model)",
      "A new model of the same structure, with shared layers where they are shared, and fresh weights."
    ) {
      lua throws(LuaError) in
      let model = try lua.requireObject(1, Model.self)
      lua.push(try engine { () throws(NNError) in try model.clone() })
      return 1
    }
  }

  private static func slice(_ lua: LuaState) throws(LuaError) -> Int32 {
    guard lua.type(1) == .table else { throw lua.mismatch(1, "a list") }
    let count = lua.rawLength(1)
    let first = lua.isNil(2) ? 1 : try lua.requireInteger(2)
    let last = lua.isNil(3) ? count : try lua.requireInteger(3)
    // As string.sub: negative positions count from the end, what is outside is left out.
    let start = max(first < 0 ? count + first + 1 : first, 1)
    let end = min(last < 0 ? count + last + 1 : last, count)
    guard start <= end else {
      lua.pushTable()
      return 1
    }
    lua.pushTable(array: end - start + 1)
    for position in start...end {
      lua.rawGet(position, in: 1)
      lua.rawSet(position - start + 1, in: -2)
    }
    return 1
  }

  private static func isInstance(_ lua: LuaState, _ constructor: LuaConstructor) -> Bool {
    switch lua.anyObject(1) {
    case is Model: constructor.noun == "model"
    case let layer as Layer:
      constructor.noun == "layer" && (layer.className == constructor.name || layer.base?.className == constructor.name)
    case let optimizer as Optimizer: constructor.noun == "optimizer" && optimizer.className == constructor.name
    case let callback as any ReadableCallback: constructor.noun == "callback" && callback.className == constructor.name
    default: false
    }
  }

  private static func split(_ lua: LuaState) throws(LuaError) -> Int32 {
    var tensors: [Tensor] = []
    while let tensor = lua.tensor(Int32(tensors.count) + 1) { tensors.append(tensor) }
    let arguments = try lua.constructorArguments(from: Int32(tensors.count) + 1)
    let options = try engine { () throws(NNError) in try SplitOptions(arguments) }
    let parts = try engine { () throws(NNError) in try trainTestSplit(tensors, options) }
    try lua.ensure(Int32(clamping: 2 * parts.count))
    for part in parts {
      lua.push(part.train)
      lua.push(part.test)
    }
    return Int32(clamping: 2 * parts.count)
  }
}
