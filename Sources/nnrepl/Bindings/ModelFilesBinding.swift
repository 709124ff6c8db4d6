import CLua
import Glibc
import NNEngine

/// Models in files and in strings: model:save, model:save_weights, model:load_weights, model:export_c,
/// model:export_onnx, nn.load_model.
enum ModelFilesBinding {
  static func add(to members: inout LuaClass<Model>) {
    members.method("save") { model, lua throws(LuaError) in
      let call = try CallArguments(
        "save", ["filepath", "overwrite", "include_optimizer", "format"], lua.constructorArguments(from: 2))
      let (path, format): (String?, String?) = (try call.get("filepath"), try call.get("format"))
      let optimizer: Bool = try call.get("include_optimizer") ?? true
      guard let path else {
        lua.push(
          bytes: try engine { () throws(NNError) in
            try model.inMemory(format: format ?? "", includeOptimizer: optimizer)
          })
        return 1
      }
      try refuse(path, overwrite: call.get("overwrite"))
      try engine { () throws(NNError) in try model.save(path, includeOptimizer: optimizer, format: format) }
      return 0
    }
    members.method("save_weights") { model, lua throws(LuaError) in
      let call = try CallArguments(
        "save_weights", ["filepath", "overwrite", "format"], lua.constructorArguments(from: 2))
      let (path, format): (String?, String?) = (try call.get("filepath"), try call.get("format"))
      guard let path else {
        lua.push(bytes: try engine { () throws(NNError) in try model.weightsInMemory(format: format ?? "") })
        return 1
      }
      try refuse(path, overwrite: call.get("overwrite"))
      try engine { () throws(NNError) in try model.saveWeights(path, format: format) }
      return 0
    }
    members.method("export_c") { model, lua throws(LuaError) in
      let call = try CallArguments(
        "export_c", ["filepath", "name", "weights", "samples", "overwrite"], lua.constructorArguments(from: 2))
      let (path, name): (String?, String?) = (try call.get("filepath"), try call.get("name"))
      let weights: String = try call.get("weights") ?? "float32"
      let list: TensorList? = try call.get("samples")
      let samples = list?.tensors.compactMap { $0 }
      guard samples?.count == list?.tensors.count else {
        throw .message("'samples' must be a tensor for each input, got a list with a gap")
      }
      guard let path else {
        lua.push(
          bytes: try engine { () throws(NNError) in
            try model.cInMemory(name: name, weights: weights, samples: samples)
          })
        return 1
      }
      try refuse(path, overwrite: call.get("overwrite"))
      try engine { () throws(NNError) in
        try model.exportC(path, name: name, weights: weights, samples: samples)
      }
      return 0
    }
    members.method("export_onnx") { model, lua throws(LuaError) in
      let call = try CallArguments(
        "export_onnx", ["filepath", "batch", "overwrite"], lua.constructorArguments(from: 2))
      let (path, batch): (String?, Int?) = (try call.get("filepath"), try call.get("batch"))
      guard let path else {
        lua.push(bytes: try engine { () throws(NNError) in try model.onnxInMemory(batch: batch) })
        return 1
      }
      try refuse(path, overwrite: call.get("overwrite"))
      try engine { () throws(NNError) in try model.exportONNX(path, batch: batch) }
      return 0
    }
    members.method("load_weights") { model, lua throws(LuaError) in
      var options = Options(names: ["by_name", "skip_mismatch"])
      try options.read(lua, from: 2)
      let (byName, skips) = (try options.flag("by_name") ?? false, try options.flag("skip_mismatch") ?? false)
      let skipped = try options.withSource(lua) { (source) throws(NNError) in
        switch source {
        case .file(let path): try model.loadWeights(path, byName: byName, skipMismatch: skips)
        case .bytes(let bytes): try model.loadWeights(bytes: bytes, byName: byName, skipMismatch: skips)
        }
      }
      lua.push(list: skipped)
      return 1
    }
  }

  /// Adds `load_model` to the module on top.
  static func install(_ lua: LuaState, _ help: Help) {
    lua.define(
      "load_model", in: "nn", help: help, "(filepath, {compile=true, custom_objects=nil}) or {bytes=string, …}",
      "The model in a file that any Keras or this program has written (.h5, .keras, .safetensors, .npz), or in a string with the bytes of one; "
        + "compiled as it was, so that training goes on where it was. custom_objects={name=class or function}: what the file names of yours."
    ) { lua throws(LuaError) in
      var options = Options(names: ["compile"])
      options.customObjects = true
      try options.read(lua, from: 1)
      let compile = try options.flag("compile") ?? true
      let model = try options.withSource(lua) { (source) throws(NNError) in
        switch source {
        case .file(let path): try Model.load(path, compile: compile)
        case .bytes(let bytes): try Model.load(bytes: bytes, compile: compile)
        }
      }
      lua.push(model, cost: 16 * model.parameterCount)
      return 1
    }
  }

  private static func refuse(_ path: String, overwrite: Bool?) throws(LuaError) {
    guard overwrite == false else { return }
    if access(path, F_OK) == 0 { throw .message("'\(path)' exists already, and overwrite is false") }
  }

  /// Where a file's bytes are.
  enum Source {
    case file(String)
    case bytes(UnsafeRawBufferPointer)
  }

  /// A path, or bytes=, and truth values. Not by `constructorArguments`: custom objects are classes, and bytes are no text.
  private struct Options {
    let names: [String]
    var customObjects = false
    private var path: String?
    private var bytesIndex: Int32?
    private var flags: [String: Bool] = [:]

    init(names: [String]) { self.names = names }

    mutating func read(_ lua: LuaState, from first: Int32) throws(LuaError) {
      var table = first
      if lua.type(first) == .string {
        path = lua.string(first)
        table = first + 1
      }
      if lua.isNil(table) {
        guard path != nil else { throw .message("expected a file's name, or {bytes=…}") }
        return
      }
      guard lua.type(table) == .table else { throw .message("expected a table of options, got \(lua.typeName(table))") }
      var own = self
      let known = names + ["filepath", "bytes"] + (customObjects ? ["custom_objects"] : [])
      try lua.forEachPair(of: table) { () throws(LuaError) in
        let value = lua.top
        if lua.integer(value - 1) == 1, own.path == nil, let path = lua.string(value) {
          own.path = path
          return true
        }
        guard let name = lua.type(value - 1) == .string ? lua.string(value - 1) : nil, known.contains(name) else {
          let given = lua.type(value - 1) == .string ? lua.string(value - 1) ?? "" : lua.typeName(value - 1)
          throw .message(unknownName(given, kind: "argument", among: known))
        }
        switch name {
        case "filepath":
          guard let path = lua.string(value) else { throw .message("'filepath' must be a string") }
          own.path = path
        case "bytes":
          guard lua.type(value) == .string else {
            throw .message("'bytes' must be a string, got \(lua.typeName(value))")
          }
        case "custom_objects": try CustomObjects.register(all: value, lua)
        default:
          guard lua.type(value) == .boolean else {
            throw .message("'\(name)' must be true or false, got \(lua.typeName(value))")
          }
          own.flags[name] = lua.truth(value)
        }
        return true
      }
      lua.rawGetField("bytes", in: table)
      if lua.isNil(-1) { lua.pop() } else { own.bytesIndex = lua.top }
      guard (own.path == nil) != (own.bytesIndex == nil) else {
        throw .message("expected a file's name or bytes=, one of the two")
      }
      self = own
    }

    func flag(_ name: String) throws(LuaError) -> Bool? { flags[name] }

    func withSource<R>(_ lua: LuaState, _ body: (Source) throws(NNError) -> R) throws(LuaError) -> R {
      if let index = bytesIndex, let bytes = lua.bytes(index) {
        return try engine { () throws(NNError) in try body(.bytes(bytes)) }
      }
      let path = path ?? ""
      return try engine { () throws(NNError) in try body(.file(path)) }
    }
  }
}

extension LuaState {
  /// A string of any bytes.
  func push(bytes: MemorySink) {
    withExtendedLifetime(bytes) {
      let contents = bytes.contents
      _ = lua_pushlstring(raw, contents.bindMemory(to: CChar.self).baseAddress, contents.count)
    }
  }
}
