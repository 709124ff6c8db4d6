/// Numbers as text with a given number of digits after the point: what C's %.nf and %.ne write, correctly rounded from the
/// exact value (ties to even), but without C's locale.
enum DecimalText {
  /// "0.1235"
  static func fixed(_ x: Double, places: Int) -> String {
    guard x.isFinite else { return special(x) }
    let exact = Digits(x.magnitude)
    let rounded = exact.rounded(to: exact.point + places)
    var text = ""
    for position in min(0, rounded.point - 1)..<rounded.point { text += rounded.digit(position) }
    if text.isEmpty { text = "0" }
    if places > 0 {
      text += "."
      for position in rounded.point..<(rounded.point + places) { text += rounded.digit(position) }
    }
    return (x.sign == .minus ? "-" : "") + text
  }

  /// "1.2346e-05"
  static func scientific(_ x: Double, places: Int) -> String {
    guard x.isFinite else { return special(x) }
    let rounded = Digits(x.magnitude).rounded(to: 1 + places)
    var text = (x.sign == .minus ? "-" : "") + rounded.digit(0)
    if places > 0 {
      text += "."
      for position in 1...places { text += rounded.digit(position) }
    }
    let exponent = x == 0 ? 0 : rounded.point - 1
    let magnitude = String(exponent.magnitude)
    return text + (exponent < 0 ? "e-" : "e+") + (magnitude.utf8.count < 2 ? "0" : "") + magnitude
  }

  private static func special(_ x: Double) -> String { x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }

  /// A number as decimal digits: 0.d₀d₁d₂… · 10^point, d₀ ≠ 0; 0 has no digits.
  private struct Digits {
    var values: [UInt8] = []
    var point = 0

    func digit(_ position: Int) -> String {
      position >= 0 && position < values.count ? String(values[position]) : "0"
    }

    /// All digits of a finite number that is not negative. A double is m · 2^e, so with k = −e > 0 it is m · 5^k / 10^k.
    init(_ x: Double) {
      guard x > 0 else { return }
      var integer = UInt64(x.significandBitPattern) | (x.isNormal ? 1 << 52 : 0)
      var exponent = Int(max(1, x.exponentBitPattern)) - 1075
      let zeros = integer.trailingZeroBitCount
      integer >>= UInt64(zeros)
      exponent += zeros
      // Groups of nine digits, the lowest first.
      var groups = [integer % 1_000_000_000, integer / 1_000_000_000 % 1_000_000_000]
      func multiply(_ factor: UInt64) {
        var carry: UInt64 = 0
        for i in groups.indices {
          let product = groups[i] * factor + carry
          groups[i] = product % 1_000_000_000
          carry = product / 1_000_000_000
        }
        if carry > 0 { groups.append(carry) }
      }
      let (base, power): (UInt64, Int) = exponent < 0 ? (5, -exponent) : (2, exponent)
      for _ in 0..<power { multiply(base) }
      for group in groups.reversed() {
        var rest = group
        var nine = [UInt8](repeating: 0, count: 9)
        for i in stride(from: 8, through: 0, by: -1) {
          nine[i] = UInt8(rest % 10)
          rest /= 10
        }
        values += nine
      }
      values.removeFirst(values.firstIndex { $0 != 0 } ?? 0)
      point = values.count - max(0, -exponent)
    }

    /// The first `count` digits, rounded to the nearest, ties to an even last digit.
    func rounded(to count: Int) -> Digits {
      var result = self
      guard count < values.count else { return result }
      guard count >= 0 else {
        result.values = []
        return result
      }
      let next = values[count]
      let isAbove = next > 5 || (next == 5 && values[(count + 1)...].contains { $0 != 0 })
      let isOdd = count > 0 && values[count - 1] % 2 == 1
      result.values = Array(values[..<count])
      guard isAbove || (next == 5 && isOdd) else { return result }
      var position = count - 1
      while position >= 0, result.values[position] == 9 {
        result.values[position] = 0
        position -= 1
      }
      if position >= 0 {
        result.values[position] += 1
      } else {
        result.values.insert(1, at: 0)
        result.point += 1
      }
      return result
    }
  }
}
