/// Identifiers of C, each given once.
struct CNames {
  private var names: UniqueNames

  /// - Parameter reserved: What is in use already.
  init(reserved: [String] = []) {
    names = UniqueNames(reserved: CNames.keywords.union(CNames.macros).union(reserved))
  }

  /// An identifier that says `words`; with a number behind it if there is one already.
  mutating func make(_ words: String) -> String { names.make(CNames.identifier(words)) }

  /// In lower case, which macros are not in; with a letter in front, since names that begin with an underscore are the compiler's.
  static func identifier(_ words: String) -> String {
    let text = String(words.lowercased().map { isPart($0) ? $0 : "_" }.drop { $0 == "_" })
    guard let first = text.first, !first.isNumber else { return "v" + text }
    return text
  }

  private static func isPart(_ c: Character) -> Bool { c.isASCII && (c.isLetter || c.isNumber || c == "_") }

  /// A name that the user gave: used as it is, or refused.
  static func checked(_ name: String, for call: String) throws(NNError) -> String {
    guard let first = name.first, name.allSatisfy(isPart), !first.isNumber, !name.hasPrefix("_") else {
      throw .invalid(
        "\(call): 'name' must be an identifier of C, letters, digits and underscores with a letter in front, "
          + "got '\(name)'")
    }
    guard !keywords.contains(name), !macros.contains(name) else {
      throw .invalid("\(call): 'name' must not be a word of C's own, got '\(name)'")
    }
    return name
  }

  /// An identifier from a model's name.
  static func model(_ name: String) -> String {
    var names = CNames()
    return names.make(name)
  }

  /// C99's and C++'s.
  private static let keywords: Set<String> = [
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
    "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
    "inline", "int", "long", "main", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator",
    "or",
    "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return",
    "short",
    "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
    "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual",
    "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
  ]

  /// Names in lower case that headers or compilers define as macros, and those that the code itself uses.
  private static let macros: Set<String> = [
    "assert", "errno", "i386", "linux", "math_errhandling", "offsetof", "signbit", "stderr", "stdin", "stdout", "unix",
    "isfinite", "isinf", "isnan", "isnormal", "NULL", "NAN", "INFINITY", "EOF", "BUFSIZ", "RAND_MAX", "HUGE_VAL",
    "malloc", "free", "printf", "size_t",
  ]
}
