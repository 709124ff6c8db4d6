/// Where in a half-written piece of Lua the cursor, at its end, is.
struct LuaCursor {
  enum Key: Equatable {
    case name(String)
    case position(Int)
  }

  /// The letters before the cursor that may be the beginning of a name.
  private(set) var identifier = ""
  private(set) var isInString = false
  private(set) var isInComment = false
  /// `owner.identifier` or `owner:identifier`; nil when the identifier stands alone. An owner that is no plain path is
  /// empty.
  private(set) var path: (owner: [Key], isMethod: Bool)?
  /// `("text"):identifier`, `"text":identifier`: the owner is a string.
  private(set) var isStringMethod = false
  /// What is called: `nn.layers.Dense{…`, `model:fit(x, y, {…`.
  private(set) var callee: [Key]?
  /// Inside `option = "…`, or `option = {"…`: the option's name.
  private(set) var option: String?
  /// Inside a string: its letters so far.
  private(set) var stringText: String?
  /// The identifier follows an opening bracket or a comma.
  private(set) var mayBeOption = false

  /// `? name` asks for help.
  private(set) var isHelpTopic = false

  init(_ text: String) {
    let bytes = Array(text.utf8)
    if bytes.first(where: { !LuaCursor.isSpace($0) }) == UInt8(ascii: "?") {
      isHelpTopic = true
      var start = bytes.endIndex
      while start > 0, LuaCursor.isLetter(bytes[start - 1]) || ".:".utf8.contains(bytes[start - 1]) { start -= 1 }
      identifier = String(decoding: bytes[start...], as: UTF8.self)
      return
    }
    var scan = Scan()
    scan.run(bytes)
    isInComment = scan.isInComment
    isInString = scan.stringStart != nil

    var start = bytes.endIndex
    while start > scan.stringStart.map({ $0 + 1 }) ?? 0, LuaCursor.isLetter(bytes[start - 1]) { start -= 1 }
    identifier = String(decoding: bytes[start...], as: UTF8.self)

    if let quote = scan.stringStart {
      stringText = String(decoding: bytes[(quote + 1)...], as: UTF8.self)
      option = LuaCursor.optionName(before: quote, in: bytes)
      callee = LuaCursor.callee(scan.open, in: bytes) ?? LuaCursor.call(before: quote, in: bytes)
      if option == nil, let list = scan.open.last, bytes[list] == UInt8(ascii: "{"),
        let name = LuaCursor.optionName(before: list, in: bytes)
      {
        // One of a list: metrics={"acc
        option = name
        callee = LuaCursor.callee(scan.open.dropLast(), in: bytes)
      }
      return
    }
    if start > 0, bytes[start - 1] == UInt8(ascii: ".") || bytes[start - 1] == UInt8(ascii: ":") {
      let isConcatenation = start > 1 && bytes[start - 2] == UInt8(ascii: ".")
      if !isConcatenation {
        let owner = bytes[..<(start - 1)].last { $0 != UInt8(ascii: ")") && !LuaCursor.isSpace($0) }
        isStringMethod = bytes[start - 1] == UInt8(ascii: ":") && owner.map { "\"'".utf8.contains($0) } ?? false
        path = (LuaCursor.path(endingAt: start - 1, in: bytes) ?? [], bytes[start - 1] == UInt8(ascii: ":"))
        return
      }
    }
    let before = bytes[..<start].last { !LuaCursor.isSpace($0) }
    mayBeOption = before.map { "{(,;".utf8.contains($0) } ?? false
    callee = LuaCursor.callee(scan.open, in: bytes)
  }

  /// The keys of a whole dotted path; nil when the text is something else.
  static func path(_ text: String) -> [Key]? {
    let bytes = Array(text.utf8)
    var start = bytes.endIndex
    let path = path(endingAt: bytes.endIndex, in: bytes, start: &start)
    return start == 0 ? path : nil
  }

  static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !isDigit(first) else { return false }
    return name.utf8.allSatisfy(isLetter)
  }
}

extension LuaCursor {
  /// Follows strings, comments and brackets from the beginning.
  private struct Scan {
    /// The positions of brackets still open.
    var open: [Int] = []
    var stringStart: Int?
    var isInComment = false

    mutating func run(_ bytes: [UInt8]) {
      var i = 0
      while i < bytes.count {
        let byte = bytes[i]
        if let start = stringStart {
          if byte == UInt8(ascii: "\\") { i += 1 } else if byte == bytes[start] { stringStart = nil }
        } else if isInComment {
          if byte == UInt8(ascii: "\n") { isInComment = false }
        } else {
          switch byte {
          case UInt8(ascii: "\""), UInt8(ascii: "'"): stringStart = i
          case UInt8(ascii: "-") where i + 1 < bytes.count && bytes[i + 1] == byte: isInComment = true
          case UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "["): open.append(i)
          case UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
          default: break
          }
        }
        i += 1
      }
    }
  }

  /// `f "…`, `f("…`
  private static func call(before quote: Int, in bytes: [UInt8]) -> [Key]? {
    let end = skipSpaces(before: quote, in: bytes)
    return path(endingAt: end, in: bytes)
  }

  /// The innermost call: its bracket comes right after a path. A table among a call's arguments holds its options.
  private static func callee(_ open: some BidirectionalCollection<Int>, in bytes: [UInt8]) -> [Key]? {
    for bracket in open.suffix(2).reversed() {
      guard bytes[bracket] != UInt8(ascii: "[") else { return nil }
      var start = bracket
      if let path = path(endingAt: skipSpaces(before: bracket, in: bytes), in: bytes, start: &start) { return path }
      if bytes[bracket] != UInt8(ascii: "{") { return nil }
    }
    return nil
  }

  /// `option = ` before a quote.
  private static func optionName(before quote: Int, in bytes: [UInt8]) -> String? {
    var end = skipSpaces(before: quote, in: bytes)
    guard end > 0, bytes[end - 1] == UInt8(ascii: "=") else { return nil }
    end = skipSpaces(before: end - 1, in: bytes)
    var start = end
    while start > 0, isLetter(bytes[start - 1]) { start -= 1 }
    return start < end ? String(decoding: bytes[start..<end], as: UTF8.self) : nil
  }

  private static func path(endingAt end: Int, in bytes: [UInt8]) -> [Key]? {
    var start = end
    return path(endingAt: end, in: bytes, start: &start)
  }

  /// Reads `a.b[1]:c` backwards.
  private static func path(endingAt end: Int, in bytes: [UInt8], start: inout Int) -> [Key]? {
    var keys: [Key] = []
    var end = end
    while true {
      if end > 0, bytes[end - 1] == UInt8(ascii: "]") {
        guard let bracket = bytes[..<end].lastIndex(of: UInt8(ascii: "[")) else { return nil }
        guard let position = Int(String(decoding: bytes[(bracket + 1)..<(end - 1)], as: UTF8.self)) else { return nil }
        keys.append(.position(position))
        end = bracket
        continue
      }
      var first = end
      while first > 0, isLetter(bytes[first - 1]) { first -= 1 }
      let name = String(decoding: bytes[first..<end], as: UTF8.self)
      guard isIdentifier(name) else { return nil }
      keys.append(.name(name))
      start = first
      guard first > 0, bytes[first - 1] == UInt8(ascii: ".") || bytes[first - 1] == UInt8(ascii: ":") else {
        return keys.reversed()
      }
      end = first - 1
    }
  }

  private static func skipSpaces(before end: Int, in bytes: [UInt8]) -> Int {
    var end = end
    while end > 0, isSpace(bytes[end - 1]) { end -= 1 }
    return end
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
  }
}
