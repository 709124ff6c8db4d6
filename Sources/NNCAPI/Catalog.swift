// Names and documentation are those of include/nn.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CNN
internal import NNEngine

@c @implementation
public func nn_catalog_json(_ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> nn_status {
  entry("nn_catalog_json") { () throws(NNError) in
    let out = try Given.text(json, "json")
    var catalog = Value.Table()
    for noun in Catalog.nouns {
      catalog[noun.module] = .list(
        noun.members.map { member in
          .table([
            ("name", .string(member.name)), ("aliases", texts(member.aliases)), ("doc", .string(member.doc)),
            ("arguments", .list(member.fields.map(description))),
          ])
        })
    }
    catalog["functions"] = .list(
      TensorFunctions.all.map { function in
        .table([
          ("name", .string(function.name)), ("doc", .string(function.doc)), ("tensors", .integer(function.operands)),
          ("arguments", .list(function.fields.map(description))),
        ])
      })
    try Taken.text(out, JSON.text(.table(catalog)))
  }
}

private func description(_ field: FieldInfo) -> Value {
  var table = Value.Table([
    ("name", .string(field.name)), ("aliases", texts(field.aliases)), ("kind", .string(field.kind)),
    ("doc", .string(field.doc)), ("required", .bool(field.defaultText == nil)),
  ])
  // What JSON cannot say, an infinity, stays a text.
  if let text = field.defaultText { table["default"] = (try? JSON.parse(text)) ?? .string(text) }
  if !field.choices.isEmpty { table["choices"] = texts(field.choices) }
  return .table(table)
}

private func texts(_ strings: [String]) -> Value { .list(strings.map { .string($0) }) }

extension Value {
  fileprivate static func table(_ entries: [(String, Value)]) -> Value { .table(Value.Table(entries)) }
}
