import CLua
import NNEngine

extension History: LuaObject { static var luaName: String { "History" } }

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
    var columns = [["epoch"] + history.epochs.map { "\($0 + 1)" }]
    for key in history.keys { columns.append([key] + ((try? history.values(key)) ?? []).map(number)) }
    let widths = columns.map { $0.map(\.count).max() ?? 0 }
    let lines = (0...history.epochs.count).map { row in
      zip(columns, widths).map { column, width in
        let cell = row < column.count ? column[row] : ""
        return String(repeating: " ", count: width - cell.count) + cell
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
  }

  private static func number(_ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    clua_format_number(&buffer, buffer.count, value)
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
