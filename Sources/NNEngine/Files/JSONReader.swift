/// Reads JSON from files, which are not trusted: depth and number of values are bounded by what a file can mean, a name that comes twice
/// is an error, and time grows with the text's length only. Names keep their order. NaN and Infinity are accepted: Python writes them.
struct JSONReader {
  private let bytes: [UInt8]
  private var at = 0
  private static let maximumDepth = 100

  static func parse(_ bytes: [UInt8], _ what: String) throws(NNError) -> Value {
    var reader = JSONReader(bytes: bytes)
    do throws(NNError) {
      let value = try reader.value(0)
      reader.skipSpace()
      guard reader.at == bytes.count else { throw reader.error("there is more behind its end") }
      return value
    } catch { throw NNError(error.code, "\(what): \(error.message)") }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func error(_ what: String) -> NNError { NNError(.format, "not a JSON text: \(what) (byte \(at + 1))") }

  private mutating func skipSpace() {
    while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    for i in 0..<count where bytes[at + i] != word.utf8Start[i] { return false }
    at += count
    return true
  }

  private mutating func value(_ depth: Int) throws(NNError) -> Value {
    guard depth < JSONReader.maximumDepth else { throw error("too deep") }
    skipSpace()
    guard at < bytes.count else { throw error("it ends too early") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try table(depth)
    case UInt8(ascii: "["): return try list(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where take(word: "null"): return .null
    case UInt8(ascii: "N") where take(word: "NaN"): return .number(.nan)
    case UInt8(ascii: "I") where take(word: "Infinity"): return .number(.infinity)
    default: return try number()
    }
  }

  private mutating func table(_ depth: Int) throws(NNError) -> Value {
    at += 1
    var entries: [(String, Value)] = []
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .table(Value.Table()) }
    while true {
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw error("a name is missing") }
      let name = try string()
      guard names.insert(name).inserted else { throw error("the name '\(name.prefix(60))' comes twice") }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("a colon is missing") }
      entries.append((name, try value(depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .table(Value.Table(distinct: entries)) }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or brace is missing") }
    }
  }

  private mutating func list(_ depth: Int) throws(NNError) -> Value {
    at += 1
    var items: [Value] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .list([]) }
    while true {
      items.append(try value(depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .list(items) }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or bracket is missing") }
    }
  }

  private mutating func number() throws(NNError) -> Value {
    let first = at
    if take(word: "-Infinity") { return .number(-.infinity) }
    var isWhole = true
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isWhole = false
      default:
        return try number(first, isWhole)
      }
      at += 1
    }
    return try number(first, isWhole)
  }

  private func number(_ first: Int, _ isWhole: Bool) throws(NNError) -> Value {
    guard at > first, at - first <= 400 else { throw error("unexpected character") }
    let text = String(decoding: bytes[first..<at], as: UTF8.self)
    if isWhole, let n = Int(text) { return .integer(n) }
    guard let x = Double(text) else { throw error("'\(text.prefix(40))' is no number") }
    return .number(x)
  }

  private mutating func string() throws(NNError) -> String {
    at += 1
    var out: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: out, as: UTF8.self) else { throw error("text that is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): out += try escape()
      case 0..<0x20: throw error("a control character in a text")
      default: out.append(byte)
      }
    }
    throw error("a text has no end")
  }

  private mutating func escape() throws(NNError) -> [UInt8] {
    guard at < bytes.count else { throw error("a text has no end") }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      var code = try hex()
      if (0xD800..<0xDC00).contains(code), take(word: "\\u") {
        let low = try hex()
        guard (0xDC00..<0xE000).contains(low) else { throw error("half a character") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("half a character") }
      return Array(String(Character(scalar)).utf8)
    default: throw error("an unknown escape")
    }
  }

  private mutating func hex() throws(NNError) -> UInt32 {
    guard at + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { throw error("an escape is not four hexadecimal digits") }
    at += 4
    return code
  }
}
