import CLua
import NNEngine
import Testing

@testable import nnrepl

/// Counts its living instances.
private final class Probe: LuaObject {
  static let luaName = "Probe"
  let count: Counter
  var value = 1

  init(_ count: Counter) {
    self.count = count
    count.living += 1
  }
  deinit { count.living -= 1 }
}

private final class Counter { var living = 0 }

private func withLua(_ body: (LuaState) throws -> Void) throws {
  let lua = try #require(LuaState.open())
  defer { lua.close() }
  try body(lua)
  #expect(lua.top == 0)
}

extension LuaState {
  /// Runs a chunk; its first result as text.
  fileprivate func eval(_ code: String) throws -> String {
    try load(code, name: "=test")
    try call(results: 1)
    defer { pop(2) }
    return try pushText(-1)
  }

  fileprivate func failure(_ code: String) throws -> String {
    do throws(LuaError) {
      try load(code, name: "=test")
      try call()
      return "no error"
    } catch {
      return describe(error)
    }
  }
}

@Suite("Between Lua and Swift") struct LuaBridgeTests {
  @Test("200,000 raised errors, no object leaked, none freed twice") func noLeak() throws {
    let count = Counter()
    try withLua { lua throws in
      lua.register(Probe.self, LuaClass())
      lua.pushFunction("fail") { lua throws(LuaError) in
        let probe = Probe(count)
        lua.push(probe)
        if lua.integer(1).map({ $0 % 2 == 0 }) ?? false { throw .message("even \(probe.value)") }
        lua.pushTable()
        throw lua.raised()
      }
      lua.rawSetGlobal("fail")
      let code = """
        for i = 1, 200000 do
          local good, err = pcall(fail, i)
          assert(not good and type(err) == (i % 2 == 0 and 'string' or 'table'))
        end
        collectgarbage() collectgarbage()  -- finalizers run in the first, their objects go in the second
        return collectgarbage 'count' < 20000
        """
      #expect(try lua.eval(code) == "true")
      #expect(count.living == 0)
    }
  }

  @Test("closing the state frees what Lua still held") func closing() throws {
    let count = Counter()
    let lua = try #require(LuaState.open())
    lua.register(Probe.self, LuaClass())
    lua.push(Probe(count))
    lua.rawSetGlobal("kept")
    let probe = Probe(count)
    lua.pushFunction("f") { _ in Int32(probe.value) * 0 }
    lua.rawSetGlobal("f")
    lua.close()
    #expect(count.living == 1)
    _ = probe
  }

  @Test("errors name the place, the function, the argument") func messages() throws {
    try withLua { lua throws in
      lua.pushFunction("half") { lua throws(LuaError) in
        lua.push(try lua.requireInteger(1) / 2)
        return 1
      }
      lua.rawSetGlobal("half")
      #expect(try lua.eval("return half(8)") == "4")
      #expect(try lua.failure("half {}") == "test:1: half: argument 1: expected an integer, got table")
      #expect(try lua.failure("\nhalf(1.5)") == "test:2: half: argument 1: expected an integer, got 1.5")
      #expect(try lua.failure("half()") == "test:1: half: argument 1: expected an integer, got no value")
      #expect(try lua.failure("half('8')").contains("got string"))
    }
  }

  @Test("an error keeps its identity through Swift") func identity() throws {
    try withLua { lua throws in
      lua.pushFunction("through") { lua throws(LuaError) in
        try lua.call(results: 0)
        return 0
      }
      lua.rawSetGlobal("through")
      let code = """
        local e = {}
        local good, err = pcall(through, function() through(function() error(e) end) end)
        return not good and err == e
        """
      #expect(try lua.eval(code) == "true")
    }
  }

  @Test("yielding across Swift, endless recursion through Swift: clean errors") func deep() throws {
    try withLua { lua throws in
      lua.pushFunction("through") { lua throws(LuaError) in
        try lua.call(results: 0)
        return 0
      }
      lua.rawSetGlobal("through")
      let yield = "return select(2, coroutine.resume(coroutine.create(function() through(coroutine.yield) end)))"
      #expect(try lua.eval(yield) == "attempt to yield across a C-call boundary")
      let recursion = "local function f() through(f) end local _, e = pcall(f) return e"
      #expect(try lua.eval(recursion).contains("stack overflow"))
      #expect(try lua.eval("return 'alive'") == "alive")
    }
  }

  @Test("objects: members, identity, suggestions") func objects() throws {
    let count = Counter()
    try withLua { lua throws in
      var members = LuaClass<Probe>()
      members.method("add") { probe, lua throws(LuaError) in
        probe.value += try lua.requireInteger(2)
        lua.copy(1)
        return 1
      }
      members.property("value") { probe, lua in
        lua.push(probe.value)
      } set: { probe, lua, index throws(LuaError) in
        probe.value = try lua.requireInteger(index)
      }
      members.property("kind") { _, lua in lua.push("probe") }
      members.subscripting { probe, lua throws(LuaError) in lua.push(try lua.requireInteger(2) * probe.value) }
      members.metamethod("__tostring") { lua throws(LuaError) in
        lua.push("Probe \(try lua.requireObject(1, Probe.self).value)")
        return 1
      }
      lua.register(Probe.self, members)
      let probe = Probe(count)
      for name in ["p", "q"] {
        lua.push(probe)
        lua.rawSetGlobal(name)
      }
      #expect(try lua.eval("return p == q and rawequal(p, q)") == "true")
      #expect(try lua.eval("return p:add(2):add(3).value") == "6")
      #expect(try lua.eval("p.value = 7 return tostring(q)") == "Probe 7")
      #expect(try lua.eval("return p[2]") == "14")
      #expect(try lua.failure("return p.valu").hasSuffix("Probe: unknown field 'valu'; did you mean 'value'?"))
      #expect(try lua.failure("p.vlaue = 1").hasSuffix("unknown field 'vlaue'; did you mean 'value'?"))
      #expect(try lua.failure("p.kind = 1").contains("'kind' can be read, not set"))
      #expect(try lua.failure("p.add(5)").contains("call it with a colon"))
      #expect(try lua.failure("p.add(io.stdout)").contains("got FILE*"))
      #expect(try lua.failure("p.value = {}").contains("expected an integer, got table"))
      #expect(try lua.eval("return getmetatable(p)") == "false")
    }
  }

  @Test("an object's box comes and goes; the object stays as long as Swift holds it") func boxes() throws {
    let count = Counter()
    try withLua { lua throws in
      lua.register(Probe.self, LuaClass())
      let probe = Probe(count)
      for _ in 0..<100 {
        lua.push(probe)
        lua.pop()
        clua_collect(lua.raw)
      }
      #expect(count.living == 1)
      #expect(probe.value == 1)
    }
  }

  @Test("collected objects are freed although Lua sees eight bytes only") func cost() throws {
    let count = Counter()
    try withLua { lua throws in
      lua.register(Probe.self, LuaClass())
      var most = 0
      for _ in 0..<10_000 {
        lua.push(Probe(count), cost: 1 << 20)
        lua.pop()
        most = max(most, count.living)
      }
      #expect(most < 200)
    }
  }
}

@Suite("Values across the border") struct LuaValueTests {
  private func value(_ lua: LuaState, _ code: String) throws -> Value {
    try lua.load("return " + code, name: "=test")
    try lua.call(results: 1)
    defer { lua.pop() }
    return try lua.value(-1)
  }

  @Test(
    arguments: [
      "nil", "true", "-3", "2.5", "'a\\0b'", "{}", "{1,2,3}", "{{1,2},{3}}", "{a=1,b={c='x'}}", "{false,{x={1}}}",
    ])
  func roundTrip(_ code: String) throws {
    try withLua { lua throws in
      let first = try value(lua, code)
      try lua.push(first)
      let second = try lua.value(-1)
      lua.pop()
      #expect("\(first)" == "\(second)")
    }
  }

  @Test("holes are null") func holes() throws {
    try withLua { lua throws in
      guard case .list(let items) = try value(lua, "{nil, nil, 5}") else {
        Issue.record("not a list")
        return
      }
      #expect(items.map(\.text) == ["nil", "nil", "5"])
    }
  }

  @Test(arguments: [
    ("{1, x = 2}", "both positions and names"), ("{[2.5] = 1}", "2.5"), ("{[true] = 1}", "boolean"),
    ("{[1 << 40] = 1}", "only 1 values"), ("{[-1] = 1}", "the key -1"),
    ("(function() local t = {} t.t = {t} return t end)()", "itself"),
    ("{[math.maxinteger] = 1}", "only 1 values"),
  ])
  func misfits(_ code: String, _ message: String) throws {
    try withLua { lua throws in
      try lua.load("return " + code, name: "=test")
      try lua.call(results: 1)
      defer { lua.pop() }
      do throws(LuaError) {
        _ = try lua.value(-1)
        Issue.record("no error")
      } catch {
        #expect(lua.describe(error).contains(message))
      }
    }
  }

  @Test(
    "constructor calls",
    arguments: [
      ("{10, activation = 'relu'}", 1, 1), ("10", 1, 0), ("10, 'relu'", 2, 0), ("10, {activation = 'relu'}", 1, 1),
      ("", 0, 0), ("{}", 0, 0), ("{{28, 28}}", 1, 0), ("{nil, 5}", 2, 0), ("0.1, {1, 2}", 2, 0),
    ])
  func constructors(_ code: String, _ positional: Int, _ named: Int) throws {
    try withLua { lua throws in
      var found: Arguments?
      lua.pushFunction("make") { lua throws(LuaError) in
        found = try lua.constructorArguments()
        return 0
      }
      lua.rawSetGlobal("make")
      _ = try lua.eval("make(\(code))")
      #expect(found?.positional.count == positional)
      #expect(found?.named.entries.count == named)
    }
  }

  @Test("references keep a function alive, and let it go") func references() throws {
    try withLua { lua throws in
      let code = "{__call = function() count = count + 1 end, __gc = function() gone = true end}"
      _ = try lua.eval("count = 0; f = setmetatable({}, \(code))")
      lua.rawGetGlobal("f")
      var reference: LuaReference? = LuaReference(popping: lua)
      _ = try lua.eval("f = nil collectgarbage()")
      reference?.push(to: lua)
      try lua.call()
      #expect(try lua.eval("return count") == "1")
      #expect(try lua.eval("return gone") == "nil")
      reference = nil
      #expect(try lua.eval("collectgarbage() return gone") == "true")
    }
  }
}

@Suite("Numbers in nested tables") struct LuaNumbersTests {
  private func numbers(_ lua: LuaState, _ code: String) throws -> LuaNumbers {
    try lua.load("return " + code, name: "=test")
    try lua.call(results: 1)
    defer { lua.pop() }
    return try lua.numbers(-1)
  }

  @Test func shapes() throws {
    try withLua { lua throws in
      let matrix = try numbers(lua, "{{1,2,3},{4,5,6}}")
      #expect(matrix.shape == [2, 3] && matrix.values == [1, 2, 3, 4, 5, 6] && matrix.kind == .integer)
      #expect(try numbers(lua, "7.5").shape == [])
      #expect(try numbers(lua, "{1, 2.5}").kind == .number)
      #expect(try numbers(lua, "{true, false}").kind == .boolean)
      #expect(try numbers(lua, "{}").shape == [0])
      #expect(try numbers(lua, "{{}, {}}").shape == [2, 0])
    }
  }

  @Test(arguments: [
    ("{{1,2},{3}}", "ragged: [2] has 1 elements where those before have 2"), ("{{1},2}", "ragged: [2] is number"),
    ("{1,{2}}", "ragged: [2] is a table"), ("{1,'x'}", "element [2] is string"), ("{1,true}", "mixed"),
    ("(function() local t = {} t[1] = t return t end)()", "nested"), ("{{{1,2},{3,nil}}}", "ragged: [1][2] has 1"),
  ])
  func misfits(_ code: String, _ message: String) throws {
    try withLua { lua throws in
      try lua.load("return " + code, name: "=test")
      try lua.call(results: 1)
      defer { lua.pop() }
      do throws(LuaError) {
        _ = try lua.numbers(-1)
        Issue.record("no error")
      } catch {
        #expect(lua.describe(error).contains(message))
      }
    }
  }
}
