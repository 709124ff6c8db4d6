import CLua
import NNEngine

/// The data of fit, evaluate, predict: a tensor, or for models with several inputs or outputs a list of tensors or tensors by name;
/// or a function that makes batches.
enum DataArgument {
  case tensors([Tensor])
  case generator(BatchGenerator)
}

extension LuaState {
  /// The data of `model:fit(x, y, {…})` or `model:fit{x, y, …}`, and the further arguments. `names` are the arguments' names, each with the
  /// names of the tensors that it may consist of.
  func dataArguments(
    _ model: Model, _ names: [(argument: String, parts: [String])], from first: Int32 = 2
  ) throws(LuaError) -> ([DataArgument], Arguments) {
    var data: [DataArgument] = []
    guard isCallTable(first, names[0].parts) else {
      var next = first
      for (name, parts) in names {
        data.append(try dataArgument(next, name, parts, model))
        next += 1
        if case .generator? = data.last { break }
      }
      // A generator makes labels too.
      return (data, try constructorArguments(from: next))
    }
    let base = top
    var arguments = try constructorArguments(from: first)
    for (i, (name, parts)) in names.enumerated() {
      // As Lua values: a table of numbers would become a list of lists.
      if rawGet(i + 1, in: first) == .nil {
        pop()
        rawGetField(name, in: first)
        arguments.named[name] = nil
      } else if !arguments.positional.isEmpty {
        arguments.positional.removeFirst()
      }
      data.append(try dataArgument(top, name, parts, model))
      setTop(base)
      if case .generator? = data.last { break }
    }
    return (data, arguments)
  }

  /// Whether the only argument is the table of a call, `fit{x, y, epochs = 3}`, not data itself.
  private func isCallTable(_ index: Int32, _ parts: [String]) -> Bool {
    guard top == index, type(index) == .table else { return false }
    if rawLength(index) == 0 {
      // By name: x = …; or a data table by the inputs' names.
      defer { pop() }
      return rawGetField(parts.first ?? "", in: index) == .nil
    }
    rawGet(1, in: index)
    defer { pop() }
    if [.number, .boolean].contains(type(-1)) { return false }
    // A table of tables is data of a model with one input; tensors for all inputs are data, too.
    if type(-1) == .table { return parts.count > 1 && rawLength(index) < parts.count }
    return !(parts.count > 1 && rawLength(index) == parts.count)
  }

  private func dataArgument(
    _ index: Int32, _ name: String, _ parts: [String], _ model: Model
  ) throws(LuaError) -> DataArgument {
    if type(index) == .function {
      copy(index)
      return .generator(generator(LuaReference(popping: self), model))
    }
    return .tensors(try tensors(index, name, parts))
  }

  /// A tensor; or one for each of `parts`, in a list or by name.
  func tensors(_ index: Int32, _ name: String, _ parts: [String]) throws(LuaError) -> [Tensor] {
    guard type(index) == .table, tensor(index) == nil else { return [try requireTensor(index, name)] }
    let table = absolute(index)
    if rawLength(table) == 0, parts.count > 1 { return try tensorsByName(table, name, parts) }
    rawGet(1, in: table)
    let isList = tensor(-1) != nil || (parts.count > 1 && type(-1) == .table)
    pop()
    guard isList else { return [try requireTensor(index, name)] }
    var result: [Tensor] = []
    for position in 1...max(1, rawLength(table)) {
      rawGet(position, in: table)
      defer { pop() }
      result.append(try requireTensor(top, parts.count > 1 ? "\(name)[\(position)]" : name))
    }
    return result
  }

  private func tensorsByName(_ table: Int32, _ name: String, _ parts: [String]) throws(LuaError) -> [Tensor] {
    var names: [String] = []
    try forEachPair(of: table) { () throws(LuaError) in
      if let key = string(-2) { names.append(key) }
      return true
    }
    for key in names where !parts.contains(key) {
      throw .message("\(name): " + unknownName(key, kind: "name", among: parts))
    }
    var result: [Tensor] = []
    for part in parts {
      rawGetField(part, in: table)
      defer { pop() }
      guard type(-1) != .nil else { throw .message("\(name): '\(part)' is missing") }
      result.append(try requireTensor(top, "\(name).\(part)"))
    }
    return result
  }

  /// Batches from a Lua function that returns x, y and perhaps weights; nil ends an epoch.
  func generator(_ function: LuaReference, _ model: Model) -> BatchGenerator {
    BatchGenerator { () throws(NNError) in
      try function.state.calling { (lua) throws(LuaError) in
        let base = lua.top
        try lua.ensure(8)
        function.push(to: lua)
        try lua.call(results: 3)
        guard !lua.isNil(base + 1) else { return nil }
        guard !lua.isNil(base + 2) else { throw .message("the generator must return x and y, got x alone") }
        let x = try lua.tensors(base + 1, "x", model.inputNames)
        let y = try lua.tensors(base + 2, "y", model.targetNames)
        let weights = lua.isNil(base + 3) ? [] : try lua.tensors(base + 3, "sample_weight", model.targetNames)
        return Samples(x: x, y: y, weights: weights)
      }
    }
  }

  /// Fit's options with what only Lua has made into what the engine takes: class indices as keys, functions as generators.
  func fitOptions(_ arguments: Arguments, _ model: Model) throws(LuaError) -> FitOptions {
    var arguments = arguments
    if case .object(let object)? = arguments.named["validation_data"], let function = object as? LuaReference {
      arguments.named["validation_data"] = .object(generator(function, model))
    }
    // Lua cannot tell {[1] = a, [2] = b} from {a, b}: keys are class indices, as in Keras's dictionary.
    if case .list(let items)? = arguments.named["class_weight"] {
      let known = items.enumerated().filter { !$0.element.isNull }
      arguments.named["class_weight"] = .table(Value.Table(known.map { (String($0.offset + 1), $0.element) }))
    }
    return try engine { () throws(NNError) in try FitOptions(arguments) }
  }
}
