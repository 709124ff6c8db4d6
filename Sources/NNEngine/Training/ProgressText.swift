/// The lines that training prints, as TensorFlow 2.1 writes them. Pure text: the caller prints, and tells the time.
///
///     Train on 48000 samples, validate on 12000 samples
///     Epoch 1/20
///     48000/48000 [==============================] - 2s 42us/sample - loss: 0.5073 - val_loss: 0.4012
struct ProgressText {
  /// How it looks.
  enum Style {
    /// A line that is drawn over itself, for terminals.
    case bar
    /// A title and a finished line for each epoch: Keras's verbose 2.
    case lines
    /// Both in one line, for files and pipes.
    case plain
  }

  /// Names and values in order: "loss", "accuracy".
  typealias Values = [(name: String, value: Double)]

  private let style: Style
  /// Samples (or steps) of one epoch.
  var target: Int
  private let unit: String
  private var title = ""
  private var start = 0.0
  private var lastUpdate = -Double.infinity
  private var drawnWidth = 0

  private static let cells = 30
  /// Seconds between two drawings of the bar.
  private static let interval = 0.05

  /// For epochs (or one evaluation) of `target` samples; `unit` is what one of them is called.
  init(style: Style, target: Int, unit: String = "sample") {
    self.style = style
    self.target = target
    self.unit = unit
  }

  /// The line before the first epoch.
  static func header(samples: Int, validationSamples: Int?) -> String {
    let train = "Train on \(samples) samples"
    return train + (validationSamples.map { ", validate on \($0) samples" } ?? "") + "\n"
  }

  /// The beginning of an epoch (counted from 0) at `now` seconds on any clock that does not go back.
  mutating func begin(epoch: Int, of epochs: Int, now: Double) -> String {
    begin(now: now)
    title = "Epoch \(epoch + 1)/\(epochs)"
    return style == .plain ? "" : title + "\n"
  }

  /// The beginning of something without a title: an evaluation.
  mutating func begin(now: Double) {
    title = ""
    start = now
    lastUpdate = -.infinity
    drawnWidth = 0
  }

  /// The bar after `current` samples; empty when it is not yet time to draw again.
  mutating func update(_ current: Int, _ values: @autoclosure () -> Values, now: Double) -> String {
    // The full bar is drawn at the end, with validation's values.
    guard style == .bar, current < target, now - lastUpdate >= ProgressText.interval else { return "" }
    lastUpdate = now
    let remaining = current > 0 ? (now - start) / Double(current) * Double(target - current) : 0
    return draw(current, " - ETA: " + ProgressText.duration(remaining) + ProgressText.text(values()))
  }

  /// The finished line of the epoch.
  mutating func end(_ values: Values, now: Double) -> String {
    let elapsed = now - start
    let seconds = " - " + DecimalText.fixed(elapsed, places: 0) + "s"
    let pace = ProgressText.pace(elapsed / Double(max(1, target)), unit)
    let text = ProgressText.text(values)
    switch style {
    case .bar: return draw(target, seconds + pace + text) + "\n"
    case .lines: return "\(target)/\(target)" + seconds + text + "\n"
    case .plain: return (title.isEmpty ? "\(target)/\(target)" : title) + seconds + pace + text + "\n"
    }
  }

  /// The end of an epoch that was broken off: leaves the bar and goes to the next line. Empty where nothing was drawn.
  mutating func interrupt() -> String {
    defer { drawnWidth = 0 }
    return drawnWidth > 0 ? "\n" : ""
  }

  private mutating func draw(_ current: Int, _ info: String) -> String {
    let text = bar(current) + info
    let width = text.utf8.count
    // What is left of a longer line is overwritten with spaces.
    let rest = String(repeating: " ", count: max(0, drawnWidth - width))
    drawnWidth = width
    return "\r" + text + rest
  }

  private func bar(_ current: Int) -> String {
    let digits = String(target).utf8.count
    let count = String(current)
    let filled = target > 0 ? ProgressText.cells * min(current, target) / target : ProgressText.cells
    var bar = String(repeating: "=", count: max(0, filled - 1))
    if filled > 0 { bar += current < target ? ">" : "=" }
    bar += String(repeating: ".", count: ProgressText.cells - filled)
    return String(repeating: " ", count: max(0, digits - count.utf8.count)) + "\(count)/\(target) [\(bar)]"
  }

  /// "12s", "1:05", "1:02:03"
  static func duration(_ seconds: Double) -> String {
    // A clock that jumps must not trap here; nobody waits for longer than this.
    let s = Int(max(0, min(seconds.isNaN ? 0 : seconds, 1e9)))
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if seconds > 3600 { return "\(s / 3600):\(two(s % 3600 / 60)):\(two(s % 60))" }
    if seconds > 60 { return "\(s / 60):\(two(s % 60))" }
    return "\(s)s"
  }

  /// " 42us/sample"
  private static func pace(_ seconds: Double, _ unit: String) -> String {
    if seconds >= 1 { return " " + DecimalText.fixed(seconds, places: 0) + "s/" + unit }
    if seconds >= 1e-3 { return " " + DecimalText.fixed(seconds * 1e3, places: 0) + "ms/" + unit }
    return " " + DecimalText.fixed(seconds * 1e6, places: 0) + "us/" + unit
  }

  /// " - loss: 0.5073 - accuracy: 0.8213"
  private static func text(_ values: Values) -> String {
    values.map { " - \($0.name): \(number($0.value))" }.joined()
  }

  /// Four decimals, or four after the leading digit where those would say too little.
  static func number(_ x: Double) -> String {
    x.magnitude > 1e-3 ? DecimalText.fixed(x, places: 4) : DecimalText.scientific(x, places: 4)
  }
}
