import Glibc

/// Half cosine waves one after another, each `t_mul` times as long and `m_mul` times as high as the one before (Loshchilov and Hutter,
/// 2016).
struct CosineDecayRestarts: ScheduleDefinition {
  var initialRate = 0.0
  var firstSteps = 1
  var timeFactor = 2.0
  var heightFactor = 1.0
  var alpha = 0.0

  static let className = "CosineDecayRestarts"
  static let doc = """
    The rate falls along half a cosine wave of first_decay_steps steps and jumps up again; each wave is t_mul times as long and m_mul \
    times as high as the one before. Example: CosineDecayRestarts{0.1, 1000, t_mul=2.0, m_mul=0.9}
    """
  static let fields: [Field<CosineDecayRestarts>] = [
    ScheduleFields.initialRate(\.initialRate),
    Field("first_decay_steps", \.firstSteps, required: true, check: .positive, "Steps of the first wave."),
    Field(
      "t_mul", \.timeFactor, check: Check("a finite number of at least 1") { $0 >= 1 && $0.isFinite },
      "How much longer each wave is."),
    Field("m_mul", \.heightFactor, check: .notNegative, "How much higher each wave begins."),
    Field("alpha", \.alpha, check: .notNegative, "The lowest rate, as a share of initial_learning_rate."),
  ]

  func rate(step: Double) -> Double {
    let (wave, p) = position(step / Double(firstSteps))
    return initialRate * CosineDecay.fall(p, alpha, height: pow(heightFactor, wave))
  }

  /// In which wave, counted from 0, and in which part of it, a time measured in first waves falls.
  private func position(_ time: Double) -> (wave: Double, part: Double) {
    if timeFactor == 1 {
      let wave = time.rounded(.down)
      return (wave, time - wave)
    }
    func start(_ wave: Double) -> Double { (pow(timeFactor, wave) - 1) / (timeFactor - 1) }
    // The logarithm's rounding can miss a restart by one.
    var wave = (log(1 + time * (timeFactor - 1)) / log(timeFactor)).rounded(.down)
    if start(wave) > time { wave -= 1 } else if start(wave + 1) <= time { wave += 1 }
    return (wave, (time - start(wave)) / pow(timeFactor, wave))
  }
}
