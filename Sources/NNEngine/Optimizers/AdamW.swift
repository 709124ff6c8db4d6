import KernelTable

/// Adam, with weight decay that does not go through the gradient's means (Loshchilov and Hutter, 2017).
struct AdamW: OptimizerDefinition {
  private var adam = Adam()
  private var decay = 0.004

  static let learningRate = 0.001
  static let className = "AdamW"
  static let doc = """
    Adam, which first takes rate * weight_decay * w from each weight w. Example: AdamW{1e-3, weight_decay=0.004}
    """
  static let fields: [Field<AdamW>] =
    [Field("weight_decay", \.decay, check: .notNegative, "Each step takes rate * weight_decay * w from a weight w.")]
    + Adam.fields.map { $0.lifted(\.adam) }

  init() {}

  var weightDecay: Double? { decay }
  var slots: [Slot] { adam.slots }
  var variant: String { adam.variant }
  static let numberCount = Adam.numberCount
  var rule: RowUpdate { adam.rule }

  func writeNumbers(_ step: OptimizerMoment, to out: UnsafeMutablePointer<Float>) { adam.writeNumbers(step, to: out) }
}
