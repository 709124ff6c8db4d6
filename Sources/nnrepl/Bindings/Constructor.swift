import CLua
import NNEngine

/// What stands for a class or a named value in Lua's modules: `nn.layers.Dense`, `nn.losses.mean_squared_error`. Calling
/// it makes one; where an option takes a name, the constructor itself will do.
final class LuaConstructor: LuaObject {
  static let luaName = "constructor"
  /// "nn.layers.Dense"
  let fullName: String
  /// "Dense": what options know it by.
  let name: String
  /// "layer"; nil for what has no noun.
  let noun: String?
  /// The arguments in order; none where they follow from no schema.
  let fields: [FieldInfo]
  /// Reads arguments from 1 on, pushes the object.
  let body: LuaBody

  init(
    _ module: String, _ name: String, noun: String? = nil, fields: [FieldInfo] = [], _ body: @escaping LuaBody
  ) {
    self.fields = fields
    fullName = "\(module).\(name)"
    self.name = name
    self.noun = noun
    self.body = body
  }

  /// A constructor that follows from a schema.
  convenience init(_ member: Catalog.Member, _ noun: Catalog.Noun, in module: String) {
    self.init(module, member.name, noun: noun.noun, fields: member.fields) { lua throws(LuaError) in
      let arguments = try Axes.fromLua(lua.constructorArguments(), member.fields)
      lua.push(any: try engine { () throws(NNError) in try member.make(arguments) })
      return 1
    }
  }

  static var members: LuaClass<LuaConstructor> {
    var members = LuaClass<LuaConstructor>()
    members.property("name") { constructor, lua in lua.push(constructor.name) }
    members.method("subclass") { constructor, lua throws(LuaError) in
      if constructor.fullName == "nn.Model" { return try UserLayerClass.subclassOfModel(lua) }
      guard constructor.noun == "layer" else {
        throw .message("subclass: classes of your own derive from layers, nn.callbacks.Callback and nn.Model")
      }
      return try UserLayerClass.subclass(of: constructor, lua)
    }
    members.metamethod("__tostring") { lua throws(LuaError) in
      lua.push(try lua.requireObject(1, LuaConstructor.self).fullName)
      return 1
    }
    members.metamethod("__call") { lua throws(LuaError) in
      let constructor = try lua.requireObject(1, LuaConstructor.self)
      lua.remove(1)
      do throws(LuaError) {
        return try constructor.body(lua)
      } catch {
        if case .message(let text) = error { throw .message(text.naming(constructor.name)) }
        throw error
      }
    }
    return members
  }
}
