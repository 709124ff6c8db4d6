import FoundationEssentials

/// Configurations as JSON texts. The text itself is read and written by Foundation's essentials.
public enum JSON {
  /// A value from a JSON text.
  public static func parse(_ text: String) throws(NNError) -> Value {
    let decoded: Decoded
    do { decoded = try JSONDecoder().decode(Decoded.self, from: Data(text.utf8)) } catch {
      throw NNError(.format, "not a JSON text: " + reason(error, text))
    }
    return decoded.value
  }

  /// The JSON text of a value, on one line. Objects, which have no text form, appear as their type's name.
  public static func text(_ value: Value) -> String {
    switch value {
    case .null: "null"
    case .bool(let b): b ? "true" : "false"
    case .integer(let n): String(n)
    case .number(let x): number(x)
    case .string(let s): quoted(s)
    case .list(let items): "[" + items.map(text).joined(separator: ", ") + "]"
    case .table(let t): "{" + t.entries.map { quoted($0.name) + ": " + text($0.value) }.joined(separator: ", ") + "}"
    case .object(let o): quoted("<\(type(of: o))>")
    }
  }

  private static func number(_ x: Double) -> String {
    if x.isNaN { return "NaN" }
    if x.isInfinite { return x < 0 ? "-Infinity" : "Infinity" }
    return "\(x)"
  }

  private static func quoted(_ s: String) -> String {
    var out = "\""
    for scalar in s.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  private static func reason(_ error: any Error, _ text: String) -> String {
    let start = text.count > 40 ? text.prefix(40) + "..." : text[...]
    return "'\(start)' (expected an object in braces such as {\"units\": 300})"
  }

  private struct Decoded: Decodable {
    let value: Value

    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      if let container = try? decoder.container(keyedBy: Key.self) {
        var table = Value.Table()
        for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
          table[key.stringValue] = try container.decode(Decoded.self, forKey: key).value
        }
        value = .table(table)
      } else if var container = try? decoder.unkeyedContainer() {
        var items: [Value] = []
        while !container.isAtEnd { items.append(try container.decode(Decoded.self).value) }
        value = .list(items)
      } else {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
          value = .null
        } else if let b = try? container.decode(Bool.self) {
          value = .bool(b)
        } else if let n = try? container.decode(Int.self) {
          value = .integer(n)
        } else if let x = try? container.decode(Double.self) {
          value = .number(x)
        } else {
          value = .string(try container.decode(String.self))
        }
      }
    }
  }
}
