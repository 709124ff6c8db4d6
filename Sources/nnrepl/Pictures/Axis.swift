import Glibc

/// A range of numbers along one side of a chart, and where on it the ticks are.
struct Axis {
  let low: Double
  let high: Double
  let isLogarithmic: Bool
  /// The ends as they are measured: their logarithms on a logarithmic axis.
  private let start: Double
  private let end: Double

  /// Beyond this, differences of numbers would overflow.
  private static let limit = 1e300

  /// Holds all values, of which there is at least one; a single value gets room around it.
  init(holding values: [Double], isLogarithmic: Bool = false) {
    self.isLogarithmic = isLogarithmic
    let clamped = values.lazy.map { min(max($0, -Axis.limit), Axis.limit) }
    var low = clamped.min() ?? 0
    var high = clamped.max() ?? 1
    if isLogarithmic {
      (low, high) = (max(low, 1 / Axis.limit), max(high, 1 / Axis.limit))
      if high / low < 1 + 1e-9 { (low, high) = (low / 2, high * 2) }
      (start, end) = (log10(low), log10(high))
    } else {
      let size = max(abs(low), abs(high))
      if high - low <= size * 1e-12 || high - low < 1e-300 {
        let room = size < 1e-300 ? 1 : size / 2
        (low, high) = (low - room, high + room)
      }
      (start, end) = (low, high)
    }
    (self.low, self.high) = (low, high)
  }

  /// From 0 to 1; nil for what the axis does not have.
  func position(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let measured = isLogarithmic ? log10(value) : value
    return min(max((measured - start) / (end - start), 0), 1)
  }

  /// Round numbers in the range, at most `count` of them, the finest that are so few.
  func ticks(_ count: Int) -> [(value: Double, label: String)] {
    let count = max(count, 2)
    if isLogarithmic {
      let (first, last) = (Int(start.rounded(.up)), Int((end + 1e-9).rounded(.down)))
      if last > first {
        let stride = max(1, (last - first) / (count - 1) + ((last - first) % (count - 1) > 0 ? 1 : 0))
        return Swift.stride(from: first, through: last, by: stride).map { exponent in
          let value = pow(10, Double(exponent))
          return (value, Axis.text(value, step: value))
        }
      }
    }
    var step = Axis.roundStep((high - low) / Double(2 * count))
    var ticks = multiples(of: step)
    while ticks.isEmpty || ticks.count > count {
      step = Axis.roundStep(step * 1.5)
      ticks = multiples(of: step)
      if step > 2 * max(abs(low), abs(high)), ticks.isEmpty { return [] }
    }
    return ticks.map { ($0, Axis.text($0, step: step)) }
  }

  private func multiples(of step: Double) -> [Double] {
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1000 else { return [] }
    return Swift.stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// 1, 2 or 5 times a power of ten, not less than the step.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    for factor in [1.0, 2, 5] where factor * power >= step * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  /// With as many decimals as the step has; with an exponent where that would be long.
  static func text(_ value: Double, step: Double) -> String {
    if value == 0 { return "0" }
    let exponent = log10(abs(value))
    if exponent >= 6 || log10(step) < -4.5 { return format("%.6g", value) }
    let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    let text = format("%.\(decimals)f", value)
    return Double(text) == 0 ? "0" : text
  }

  static func format(_ format: String, _ value: Double) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let text = buffer.baseAddress else { return "" }
      _ = withVaList([value]) { vsnprintf(text, buffer.count, format, $0) }
      return String(cString: text)
    }
  }
}
