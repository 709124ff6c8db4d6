import KernelTable

/// The public vocabulary on values of the graph. Everything here emits nodes; a misfit of shapes is an error at the call.
extension Symbol {
  // MARK: Leaves

  /// One number everywhere.
  public static func fill(_ value: Float, _ shape: Shape) throws(NNError) -> Symbol {
    try .make(Fill(value: value, shape: shape))
  }
  /// Given numbers.
  public static func literal(_ tensor: Tensor) throws(NNError) -> Symbol { try .make(Literal(tensor: tensor)) }
  /// A variable's value.
  public static func read(_ variable: Variable) throws(NNError) -> Symbol { try .make(Read(variable: variable)) }

  // MARK: Functions of one variable

  /// A function by its name in the table of scalar functions.
  public func apply(_ name: String, _ a: Float = 0, _ b: Float = 0, _ c: Float = 0) throws(NNError) -> Symbol {
    try apply(name, Parameters(a, b, c))
  }
  func apply(_ name: String, _ parameters: Parameters) throws(NNError) -> Symbol {
    try .make(Map(function: ScalarFunctions.index(name), parameters: parameters), self)
  }
  /// e^x
  public func exp() throws(NNError) -> Symbol { try apply("exp") }
  /// Natural logarithm.
  public func log() throws(NNError) -> Symbol { try apply("log") }
  /// Square root.
  public func sqrt() throws(NNError) -> Symbol { try apply("sqrt") }
  /// x²
  public func square() throws(NNError) -> Symbol { try apply("square") }
  /// |x|
  public func abs() throws(NNError) -> Symbol { try apply("abs") }
  /// −x
  public func negative() throws(NNError) -> Symbol { try apply("negative") }
  /// Limited to min … max.
  public func clip(min: Float, max: Float) throws(NNError) -> Symbol { try apply("clip", min, max) }
  /// −x
  public static prefix func - (x: Symbol) throws(NNError) -> Symbol { try x.negative() }

  // MARK: Functions of two variables

  static func binary(_ f: BinaryFunction, _ a: Symbol, _ b: Symbol) throws(NNError) -> Symbol {
    try .make(Binary(f), a, b)
  }
  private func with(_ f: BinaryFunction, _ b: Float) throws(NNError) -> Symbol {
    try .binary(f, self, .fill(b, .scalar))
  }

  /// Sum, broadcast.
  public static func + (a: Symbol, b: Symbol) throws(NNError) -> Symbol { try binary(.add, a, b) }
  /// Difference, broadcast.
  public static func - (a: Symbol, b: Symbol) throws(NNError) -> Symbol { try binary(.subtract, a, b) }
  /// Product, broadcast.
  public static func * (a: Symbol, b: Symbol) throws(NNError) -> Symbol { try binary(.multiply, a, b) }
  /// Quotient, broadcast.
  public static func / (a: Symbol, b: Symbol) throws(NNError) -> Symbol { try binary(.divide, a, b) }
  /// Sum with a number.
  public static func + (a: Symbol, b: Float) throws(NNError) -> Symbol { try a.with(.add, b) }
  /// Difference with a number.
  public static func - (a: Symbol, b: Float) throws(NNError) -> Symbol { try a.with(.subtract, b) }
  /// Product with a number.
  public static func * (a: Symbol, b: Float) throws(NNError) -> Symbol { try a.with(.multiply, b) }
  /// Quotient with a number.
  public static func / (a: Symbol, b: Float) throws(NNError) -> Symbol { try a.with(.divide, b) }
  /// Number minus value.
  public static func - (a: Float, b: Symbol) throws(NNError) -> Symbol { try binary(.subtract, .fill(a, .scalar), b) }
  /// Number times value.
  public static func * (a: Float, b: Symbol) throws(NNError) -> Symbol { try binary(.multiply, .fill(a, .scalar), b) }
  /// Number over value.
  public static func / (a: Float, b: Symbol) throws(NNError) -> Symbol { try binary(.divide, .fill(a, .scalar), b) }

  /// self ^ b
  public func power(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.power, self, b) }
  /// self ^ b
  public func power(_ b: Float) throws(NNError) -> Symbol { try with(.power, b) }
  /// The larger of each two.
  public func maximum(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.maximum, self, b) }
  /// The larger of each and b.
  public func maximum(_ b: Float) throws(NNError) -> Symbol { try with(.maximum, b) }
  /// The smaller of each two.
  public func minimum(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.minimum, self, b) }
  /// The smaller of each and b.
  public func minimum(_ b: Float) throws(NNError) -> Symbol { try with(.minimum, b) }
  /// 1 where equal, else 0.
  public func equal(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.equal, self, b) }
  /// 1 where different, else 0.
  public func notEqual(_ b: Float) throws(NNError) -> Symbol { try with(.notEqual, b) }
  /// 1 where self > b, else 0.
  public func greater(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.greater, self, b) }
  /// 1 where self > b, else 0.
  public func greater(_ b: Float) throws(NNError) -> Symbol { try with(.greater, b) }
  /// 1 where self ≥ b, else 0.
  public func greaterEqual(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.greaterEqual, self, b) }
  /// 1 where self ≥ b, else 0.
  public func greaterEqual(_ b: Float) throws(NNError) -> Symbol { try with(.greaterEqual, b) }
  /// 1 where self < b, else 0.
  public func less(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.less, self, b) }
  /// 1 where self < b, else 0.
  public func less(_ b: Float) throws(NNError) -> Symbol { try with(.less, b) }
  /// 1 where self ≤ b, else 0.
  public func lessEqual(_ b: Symbol) throws(NNError) -> Symbol { try .binary(.lessEqual, self, b) }
  /// Where self > 0 itself, else alpha · self.
  public func parametricReLU(_ alpha: Symbol) throws(NNError) -> Symbol { try .binary(.parametricReLU, self, alpha) }
  /// c ≠ 0 ? a : b, broadcast.
  public static func select(_ c: Symbol, _ a: Symbol, _ b: Symbol) throws(NNError) -> Symbol {
    try .make(Select(), c, a, b)
  }

  // MARK: Rows of classes

  /// Softmax along one axis, the last unless said otherwise.
  public func softmax(axis: Int = -1) throws(NNError) -> Symbol {
    try alongLast(axis, for: "softmax") { (x) throws(NNError) in try .make(Softmax(), x) }
  }
  /// The logarithm of softmax, exact where softmax itself would be 0.
  public func logSoftmax(axis: Int = -1) throws(NNError) -> Symbol {
    try alongLast(axis, for: "log_softmax") { (x) throws(NNError) in try .make(LogSoftmax(), x) }
  }

  /// What `body` makes of the value when `axis` is the last one, with the axes back in their places.
  private func alongLast(
    _ axis: Int, for name: String, _ body: (Symbol) throws(NNError) -> Symbol
  ) throws(NNError) -> Symbol {
    let axis = try shape.axis(axis, for: name)
    if axis == shape.rank - 1 { return try body(self) }
    var order = Array(0..<shape.rank)
    order.swapAt(axis, order.count - 1)
    return try body(transposed(order)).transposed(order)
  }
  /// −log softmax(logits)[label] for each row, and the softmax.
  public static func sparseCrossEntropy(logits: Symbol, labels: Symbol) throws(NNError) -> (
    loss: Symbol, probabilities: Symbol
  ) {
    let r = try results(SoftmaxCrossEntropy(isSparse: true), [logits, labels])
    return (r[0], r[1])
  }
  /// −Σ target · log softmax(logits) for each row, and the softmax.
  public static func crossEntropy(logits: Symbol, target: Symbol) throws(NNError) -> (
    loss: Symbol, probabilities: Symbol
  ) {
    let r = try results(SoftmaxCrossEntropy(isSparse: false), [logits, target])
    return (r[0], r[1])
  }
  /// Binary cross-entropy of σ(logits), element by element.
  public static func sigmoidCrossEntropy(logits: Symbol, target: Symbol) throws(NNError) -> Symbol {
    try .make(SigmoidCrossEntropy(), logits, target)
  }

  /// What a last layer's activation can be undone to.
  enum SquashingFunction {
    case softmax, sigmoid
  }

  /// The logits, if this value was made from them by that activation: losses on them are exact even where the probabilities are 0 or 1.
  func logits(of squashing: SquashingFunction) -> Symbol? {
    switch squashing {
    case .softmax: return node.operation is Softmax ? node.inputs[0] : nil
    case .sigmoid: return (node.operation as? Map)?.label == "sigmoid" ? node.inputs[0] : nil
    }
  }
}
