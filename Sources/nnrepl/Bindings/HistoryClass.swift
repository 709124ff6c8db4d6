import CLua
import NNEngine

extension History: LuaObject {
  static var luaName: String { "History" }
  static var belongsToModels: Bool { true }
}

/// What fit returns: `history.history.val_loss`, `history.epoch`, `history.params`; printed as a small table.
enum HistoryClass {
  static func register(_ lua: LuaState) {
    var members = LuaClass<History>()
    members.property("history") { history, lua throws(LuaError) in
      lua.pushTable(fields: history.keys.count)
      for key in history.keys {
        lua.push(list: try engine { () throws(NNError) in try history.values(key) })
        lua.rawSetField(key, in: -2)
      }
    }
    members.property("epoch") { history, lua in lua.push(list: history.epochs) }
    members.property("params") { history, lua throws(LuaError) in try lua.push(.table(history.parameters)) }
    members.property("interrupted") { history, lua in lua.push(history.interruption != nil) }
    members.metamethod("__tostring") { lua throws(LuaError) in
      lua.push(text(try lua.requireObject(1, History.self)))
      return 1
    }
    lua.register(History.self, members)
  }

  private static func text(_ history: History) -> String {
    // All of a short training, the beginning and the end of a long one.
    let all = history.epochs.indices
    let shown = all.count > 20 ? Array(all.prefix(5)) + Array(all.suffix(10)) : Array(all)
    func cells(_ name: String, _ values: [String]) -> [String] {
      var cells = [name] + shown.map { values.indices.contains($0) ? values[$0] : "" }
      if shown.count < all.count { cells.insert("…", at: 6) }
      return cells
    }
    var columns = [cells("epoch", history.epochs.map { "\($0 + 1)" })]
    for key in history.keys { columns.append(cells(key, ((try? history.values(key)) ?? []).map(number))) }
    let widths = columns.map { $0.map(\.count).max() ?? 0 }
    let lines = columns[0].indices.map { row in
      zip(columns, widths).map { column, width in
        String(repeating: " ", count: width - column[row].count) + column[row]
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }

  static func number(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    clua_format_number(&buffer, buffer.count, value)
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
