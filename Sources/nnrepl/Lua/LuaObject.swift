import CLua

/// A Swift class whose instances Lua can hold.
///
/// An instance is boxed in a userdata that owns one reference. As long as Lua holds the box, pushing the instance again
/// yields the same box, so that `==` means identity and `model.layers[1]` is the layer that was added.
protocol LuaObject: AnyObject {
  /// The class's name in messages; also the key of its metatable.
  static var luaName: String { get }
  /// Whether instances may belong to a model, which may be trained on another thread.
  static var belongsToModels: Bool { get }
}

extension LuaObject {
  static var belongsToModels: Bool { false }
}

/// The members that Lua sees in the instances of one class.
struct LuaClass<Object: LuaObject> {
  typealias Method = (Object, LuaState) throws(LuaError) -> Int32
  /// Pushes the property's value.
  typealias Getter = (Object, LuaState) throws(LuaError) -> Void
  /// Reads the new value at the index given.
  typealias Setter = (Object, LuaState, Int32) throws(LuaError) -> Void

  private(set) var methods: [(name: String, body: Method)] = []
  private(set) var getters: [String: Getter] = [:]
  private(set) var setters: [String: Setter] = [:]
  private(set) var metamethods: [(name: String, body: LuaBody)] = []
  private(set) var subscripts: Getter?
  /// Comes before properties and methods: pushes the value of a field of the instance's own, or says false.
  var ownField: ((Object, LuaState, String) throws(LuaError) -> Bool)?
  /// Takes a new value at 3 for a field of the instance's own, or says false.
  var setOwnField: ((Object, LuaState, String) throws(LuaError) -> Bool)?

  /// `object:name(…)`; arguments start at 2.
  mutating func method(_ name: String, _ body: @escaping Method) { methods.append((name, body)) }

  /// `object.name`, and `object.name = value` with a setter. Getters have no side effects: completion calls them.
  mutating func property(_ name: String, get: @escaping Getter, set: Setter? = nil) {
    getters[name] = get
    setters[name] = set
  }

  /// `__add`, `__tostring`, `__call`, …; operands may be in either place.
  mutating func metamethod(_ name: String, _ body: @escaping LuaBody) { metamethods.append((name, body)) }

  /// `object[key]` for keys that are no strings; the key is at 2.
  mutating func subscripting(_ get: @escaping Getter) { subscripts = get }
}

extension LuaState {
  /// Makes the class known; once per state, before its first instance is pushed.
  func register<Object: LuaObject>(_ type: Object.Type, _ members: LuaClass<Object>) {
    let name = Object.luaName
    luaL_newmetatable(raw, name)
    push(name)
    rawSetField("__name", in: -2)
    fillBoxMetatable()

    pushTable(fields: members.methods.count)
    for (key, body) in members.methods {
      pushFunction("\(name):\(key)") { lua throws(LuaError) in
        guard let object = lua.object(1, Object.self) else {
          throw .message("call it with a colon: object:\(key)(…); got \(lua.typeName(1)) in place of \(name)")
        }
        if Background.isActive, Object.belongsToModels { try Background.check(object, key) }
        return try body(object, lua)
      }
      rawSetField(key, in: -2)
    }
    for key in members.getters.keys {  // completion lists these; true: a property
      push(true)
      rawSetField(key, in: -2)
    }
    rawSetField("__members", in: -2)

    pushIndex(name, members)
    rawSetField("__index", in: -2)
    pushNewIndex(name, members)
    rawSetField("__newindex", in: -2)
    for (key, body) in members.metamethods {
      // An operator has no name that would help; constructors know better names than "call".
      pushFunction(key == "__call" && Object.self != LuaConstructor.self ? "\(name):call" : "", body)
      rawSetField(key, in: -2)
    }
    pop()
  }

  private func pushIndex<Object: LuaObject>(_ name: String, _ members: LuaClass<Object>) {
    let names = (members.getters.keys + members.methods.map(\.name)).sorted()
    pushFunction(name) { lua throws(LuaError) in
      guard let object = lua.object(1, Object.self) else { throw lua.mismatch(1, name) }
      guard let key = lua.string(2) else {
        guard let subscripts = members.subscripts else { throw .message("cannot be indexed with \(lua.typeName(2))") }
        try subscripts(object, lua)
        return 1
      }
      if let own = members.ownField, try own(object, lua, key) { return 1 }
      if let getter = members.getters[key] {
        try getter(object, lua)
        return 1
      }
      luaL_getmetafield(lua.raw, 1, "__members")
      if lua.rawGetField(key, in: -1) == .nil { throw .message(unknownName(key, kind: "field", among: names)) }
      return 1
    }
  }

  private func pushNewIndex<Object: LuaObject>(_ name: String, _ members: LuaClass<Object>) {
    pushFunction(name) { lua throws(LuaError) in
      guard let object = lua.object(1, Object.self) else { throw lua.mismatch(1, name) }
      guard let key = lua.string(2) else { throw .message("cannot be indexed with \(lua.typeName(2))") }
      if let set = members.setOwnField, try set(object, lua, key) { return 0 }
      if let setter = members.setters[key] {
        try setter(object, lua, 3)
        return 0
      }
      if members.getters[key] != nil { throw .message("'\(key)' can be read, not set") }
      throw .message(unknownName(key, kind: "field", among: members.setters.keys.sorted()))
    }
  }

  /// Pushes the instance's box; `cost` tells Lua's collector how many bytes outside its heap go with it.
  func push<Object: LuaObject>(_ object: Object, cost: Int = 0) {
    let key = Unmanaged.passUnretained(object).toOpaque()
    pushBoxes()
    if lua_rawgetp(raw, -1, key) == LUA_TNIL {
      pop()
      pushBox(object, metatable: Object.luaName)
      copy(-1)
      lua_rawsetp(raw, -3, key)
      if cost >= 1024 { clua_step(raw, Int32(clamping: cost / 1024)) }
    }
    remove(-2)
  }

  /// Pushes a box of an instance that Lua has not seen: without looking whether it has a box already, and so without remembering it.
  func push<Object: LuaObject>(new object: Object, cost: Int = 0) {
    pushBox(object, metatable: Object.luaName)
    if cost >= 1024 { clua_step(raw, Int32(clamping: cost / 1024)) }
  }

  /// The instance at an index, when there is one and it is of that class.
  func object<Object: LuaObject>(_ index: Int32, _: Object.Type) -> Object? {
    guard let box = luaL_testudata(raw, index, Object.luaName) else { return nil }
    guard let pointer = box.load(as: UnsafeRawPointer?.self) else { return nil }
    let object = Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
    if Background.isActive, Object.belongsToModels { Background.visit(object) }
    return object
  }

  func requireObject<Object: LuaObject>(_ index: Int32, _ type: Object.Type) throws(LuaError) -> Object {
    guard let object = object(index, type) else { throw mismatch(index, Object.luaName) }
    return object
  }

  /// A new userdata that owns a reference and gives it back when collected.
  func pushBox(_ object: AnyObject, metatable: String) {
    let storage = lua_newuserdatauv(raw, MemoryLayout<UnsafeRawPointer?>.size, 1)
    storage?.storeBytes(of: Unmanaged.passRetained(object).toOpaque(), as: UnsafeMutableRawPointer?.self)
    if luaL_newmetatable(raw, metatable) != 0 {  // nobody registered the class: a box without members
      fillBoxMetatable()
    }
    lua_setmetatable(raw, -2)
  }

  /// What the metatables of all boxes (the one on top is one) have: a mark, and a `__gc` that releases the reference.
  private func fillBoxMetatable() {
    push(true)
    rawSetField("__box", in: -2)
    push(false)  // getmetatable(object): the metatable is not for tinkering
    rawSetField("__metatable", in: -2)
    pushNil()
    clua_pushfunction(raw) { raw in
      guard let storage = lua_touserdata(raw, 1) else { return 0 }
      guard let pointer = storage.load(as: UnsafeRawPointer?.self) else { return 0 }
      storage.storeBytes(of: nil, as: UnsafeRawPointer?.self)
      Unmanaged<AnyObject>.fromOpaque(pointer).release()
      return 0
    }
    rawSetField("__gc", in: -2)
  }

  /// The Swift object at an index, whatever its class.
  func anyObject(_ index: Int32) -> AnyObject? {
    guard type(index) == .userdata, luaL_getmetafield(raw, index, "__box") != LUA_TNIL else { return nil }
    pop()
    guard let pointer = lua_touserdata(raw, index)?.load(as: UnsafeRawPointer?.self) else { return nil }
    let object = Unmanaged<AnyObject>.fromOpaque(pointer).takeUnretainedValue()
    if Background.isActive, (Swift.type(of: object) as? any LuaObject.Type)?.belongsToModels == true {
      Background.visit(object)
    }
    return object
  }

  /// Pushes the table address → box; weak, so that it keeps nobody alive.
  private func pushBoxes() {
    if luaL_getsubtable(raw, clua_registry(), "nnrepl.boxes") != 0 { return }
    pushTable(fields: 1)
    push("v")
    rawSetField("__mode", in: -2)
    lua_setmetatable(raw, -2)
  }
}
