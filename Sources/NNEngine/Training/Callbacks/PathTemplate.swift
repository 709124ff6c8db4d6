/// A file's name with Keras's placeholders: "weights.{epoch:02d}-{val_loss:.2f}.h5". Of Python's formats those that make sense here:
/// nothing, 'd' with a width (for epoch and batch), 'f' and 'e' with a number of places.
struct PathTemplate {
  private enum Part {
    case text(String)
    case placeholder(name: String, format: Format)
  }
  private enum Format {
    case plain
    case integer(width: Int, fill: Character)
    case fixed(Int)
    case scientific(Int)
  }
  private var parts: [Part] = []

  /// The names in braces.
  var names: [String] { parts.compactMap { if case .placeholder(let name, _) = $0 { name } else { nil } } }

  init(_ text: String) throws(NNError) {
    var rest = text[...]
    var literal = ""
    while let character = rest.popFirst() {
      if character == "{" || character == "}", rest.first == character {
        literal.append(character)
        rest.removeFirst()
      } else if character == "{" {
        guard let end = rest.firstIndex(of: "}") else { throw PathTemplate.error(text, "a '{' has no '}'") }
        if !literal.isEmpty { parts.append(.text(literal)) }
        literal = ""
        parts.append(try PathTemplate.placeholder(rest[..<end], text))
        rest = rest[rest.index(after: end)...]
      } else if character == "}" {
        throw PathTemplate.error(text, "a '}' has no '{'")
      } else {
        literal.append(character)
      }
    }
    if !literal.isEmpty { parts.append(.text(literal)) }
  }

  private static func placeholder(_ inside: Substring, _ text: String) throws(NNError) -> Part {
    let pieces = inside.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(pieces[0])
    guard !name.isEmpty else { throw error(text, "a placeholder has no name") }
    guard pieces.count == 2, !pieces[1].isEmpty else { return .placeholder(name: name, format: .plain) }
    let format = pieces[1]
    let digits = format.dropLast()
    switch format.last {
    case "d" where digits.allSatisfy(\.isASCIIDigit):
      guard ["epoch", "batch"].contains(name) else {
        throw error(text, "'d' is for epoch and batch, not for '\(name)'")
      }
      let width = Int(digits) ?? 0
      if width <= 64 {
        return .placeholder(name: name, format: .integer(width: width, fill: digits.first == "0" ? "0" : " "))
      }
    case "f" where digits.isEmpty: return .placeholder(name: name, format: .fixed(6))
    case "e" where digits.isEmpty: return .placeholder(name: name, format: .scientific(6))
    case "f" where digits.first == "." && digits.dropFirst().allSatisfy(\.isASCIIDigit):
      if let places = Int(digits.dropFirst()), places <= 64 { return .placeholder(name: name, format: .fixed(places)) }
    case "e" where digits.first == "." && digits.dropFirst().allSatisfy(\.isASCIIDigit):
      if let places = Int(digits.dropFirst()), places <= 64 {
        return .placeholder(name: name, format: .scientific(places))
      }
    default: break
    }
    throw error(text, "unknown format '\(format)'; known are such as 02d, .2f, .3e")
  }

  private static func error(_ text: String, _ what: String) -> NNError { .invalid("'filepath' (\(text)): \(what)") }

  /// The name with its placeholders filled; epoch and batch count from 1 here, as in Keras.
  func text(epoch: Int, batch: Int?, _ logs: Logs) throws(NNError) -> String {
    var out = ""
    for part in parts {
      switch part {
      case .text(let text): out += text
      case .placeholder(let name, let format):
        let integer = name == "epoch" ? epoch + 1 : name == "batch" ? batch.map { $0 + 1 } : nil
        guard let value = integer.map({ Double($0) }) ?? logs[name] else {
          throw NNError(
            .notFound,
            "'filepath': nothing named '\(name)' was recorded" + Suggestion.hint(for: name, among: logs.names))
        }
        switch format {
        case .plain: out += integer.map { String($0) } ?? "\(value)"
        case .integer(let width, let fill):
          let digits = String(integer ?? 0)
          out += String(repeating: fill, count: max(0, width - digits.count)) + digits
        case .fixed(let places): out += DecimalText.fixed(value, places: places)
        case .scientific(let places): out += DecimalText.scientific(value, places: places)
        }
      }
    }
    return out
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
