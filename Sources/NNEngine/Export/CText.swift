/// C source as it is written: lines with their indentation.
struct CText {
  private(set) var text = ""
  private var depth = 0

  init(depth: Int = 0) { self.depth = depth }

  mutating func line(_ line: String = "") {
    if !line.isEmpty { text += String(repeating: "  ", count: depth) + line }
    text += "\n"
  }

  /// Lines that are written elsewhere, without their indentation.
  mutating func lines(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { self.line(String(line)) }
  }

  mutating func comment(_ words: String) { line("/* \(CText.commentable(words)) */") }

  mutating func block(_ head: String, _ body: (inout CText) -> Void) {
    line(head.isEmpty ? "{" : head + " {")
    depth += 1
    body(&self)
    depth -= 1
    line("}")
  }

  /// A loop over 0 ..< count; nothing but the body where it would run once and the variable is 0.
  mutating func loop(_ variable: String, _ count: Int, _ body: (inout CText, _ index: CIndex) -> Void) {
    if count == 1 { return body(&self, CIndex()) }
    block("for (int \(variable) = 0; \(variable) < \(count); ++\(variable))") { body(&$0, CIndex(variable)) }
  }

  /// What cannot end a comment, nor begin another: names of layers may hold anything.
  private static func commentable(_ words: String) -> String {
    String(words.map { $0 == "*" || $0 == "?" || $0 == "\\" || ($0.unicodeScalars.first?.value ?? 0) < 32 ? "_" : $0 })
  }
}

/// A place in an array: a sum of loop variables times numbers.
struct CIndex {
  private var terms: [(variable: String, factor: Int)] = []
  private var constant = 0

  init(_ constant: Int = 0) { self.constant = constant }
  init(_ variable: String) { terms = [(variable, 1)] }

  static func + (a: CIndex, b: CIndex) -> CIndex {
    var sum = a
    sum.terms += b.terms
    sum.constant += b.constant
    return sum
  }

  static func + (a: CIndex, b: Int) -> CIndex { a + CIndex(b) }

  static func * (a: CIndex, factor: Int) -> CIndex {
    var product = CIndex(a.constant * factor)
    if factor != 0 { product.terms = a.terms.map { ($0.variable, $0.factor * factor) } }
    return product
  }

  var isZero: Bool { terms.isEmpty && constant == 0 }

  /// "i * 300 + j"
  var text: String {
    var text = ""
    for (variable, factor) in terms {
      let sign = text.isEmpty ? (factor < 0 ? "-" : "") : factor < 0 ? " - " : " + "
      text += sign + (factor.magnitude == 1 ? variable : "\(variable) * \(factor.magnitude)")
    }
    if text.isEmpty { return "\(constant)" }
    return constant == 0 ? text : text + (constant < 0 ? " - " : " + ") + "\(constant.magnitude)"
  }
}

/// Numbers as C writes them.
enum CNumber {
  /// The shortest decimal number that is read as this one.
  static func text(_ x: Float) -> String {
    if x.isNaN { return "NAN" }
    if x.isInfinite { return x < 0 ? "-INFINITY" : "INFINITY" }
    return "\(x)f"
  }
}
