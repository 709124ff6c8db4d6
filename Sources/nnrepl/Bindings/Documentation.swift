import NNEngine

/// Help entries from the engine's schemas.
enum Documentation {
  static func entry(_ member: Catalog.Member, in module: String) -> HelpEntry {
    HelpEntry(
      name: "\(module).\(member.name)", summary: member.doc, fields: member.fields.map(field),
      shapes: member.shapes.isEmpty ? nil : member.shapes)
  }

  static func field(_ field: FieldInfo) -> HelpEntry.Field {
    HelpEntry.Field(
      name: field.name, defaultValue: LuaText.defaultValue(of: field), summary: field.doc,
      choices: field.choices.isEmpty ? choices(field.kind) : field.choices)
  }

  /// The names that "an activation" may have.
  static func choices(_ kind: String) -> [String] {
    let words = kind.split(separator: " ")
    guard words.count >= 2, words[0] == "a" || words[0] == "an" else { return [] }
    // "a list of metrics", "an activation or nil"
    let wanted = words.starts(with: ["a", "list", "of"]) ? words.last.map { $0.dropLast() } ?? "" : words[1]
    guard let noun = Catalog.nouns.first(where: { $0.noun == wanted }), noun.module != "layers" else { return [] }
    let members = noun.members.filter { member in member.fields.allSatisfy { $0.defaultText != nil } }
    return members.flatMap { member in
      let plain = ([member.name] + member.aliases).filter { $0 == $0.lowercased() }  // as people write them
      return plain.isEmpty ? [member.name] : plain
    }
  }
}

/// Values written as Lua writes them.
enum LuaText {
  /// A field's default as Lua counts axes, a component as its name; nil where there is none.
  static func defaultValue(of field: FieldInfo) -> String? {
    guard let text = field.defaultText else { return nil }
    guard let value = try? JSON.parse(text) else { return text }
    return of(Axes.toLua(value, field.name))
  }

  static func of(_ value: Value) -> String {
    switch value {
    case .null: "nil"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .list(let items): "{" + items.map(of).joined(separator: ", ") + "}"
    case .table(let table):
      if let name = table["class_name"]?.string {
        "\"\(name)\""
      } else {
        "{" + table.entries.map { "\($0.name)=\(of($0.value))" }.joined(separator: ", ") + "}"
      }
    case .object: "…"
    }
  }
}
