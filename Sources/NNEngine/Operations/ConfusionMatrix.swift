/// How often each class was taken for each other.
public enum ConfusionMatrix {
  /// int32 [classes, classes]: row = the label, column = the model's answer. `yTrue` holds class indices; `yPred` either class
  /// indices or one number for each class, of which the largest (the first of equal ones) is the answer. Without `classes`,
  /// there are as many as `yPred` has columns, or as the largest index asks for. With weights, one for each label, the result is
  /// float32 and sums them.
  public static func make(
    yTrue: Tensor, yPred: Tensor, classes: Int? = nil, weights: [Double]? = nil
  ) throws(NNError) -> Tensor {
    let rows = yTrue.shape.count
    let outputs = yPred.shape.count / max(1, rows)
    guard rows > 0, outputs > 0, yPred.shape.count == outputs * rows, yPred.rows == yTrue.rows,
      outputs == 1 || yPred.shape.dimensions.last == outputs
    else {
      throw .shape("confusion_matrix: labels of shape \(yTrue.shape) do not fit predictions of shape \(yPred.shape)")
    }
    if let classes, classes < 1 {
      throw .invalid("confusion_matrix: 'num_classes' must be a positive integer, got \(classes)")
    }
    let labels = try (0..<rows).map { (row) throws(NNError) in try index(yTrue.element(row), row, "y_true") }
    let answers = try (0..<rows).map { (row) throws(NNError) in
      outputs == 1
        ? try index(yPred.element(row), row, "y_pred")
        : (1..<outputs).reduce(0) {
          yPred.element(row * outputs + $1) > yPred.element(row * outputs + $0) ? $1 : $0
        }
    }
    let needed = max((labels.max() ?? 0) + 1, outputs == 1 ? (answers.max() ?? 0) + 1 : outputs)
    let count = classes ?? needed
    guard needed <= count else {
      throw .invalid("confusion_matrix: class \(needed - 1) occurs, but 'num_classes' is \(count)")
    }
    guard count <= 1 << 14 else { throw .invalid("confusion_matrix: \(count) classes are too many") }
    if let weights { return try sums(labels, answers, count, weights) }
    let matrix = try Tensor(zeros: Shape([count, count]), dtype: .int32)
    let cells = matrix.storage.bytes.assumingMemoryBound(to: Int32.self)
    for (label, answer) in zip(labels, answers) { cells[label * count + answer] += 1 }
    return matrix
  }

  private static func sums(
    _ labels: [Int], _ answers: [Int], _ count: Int, _ weights: [Double]
  ) throws(NNError) -> Tensor {
    guard weights.count == labels.count else {
      throw .shape("confusion_matrix: \(weights.count) weights for \(labels.count) labels")
    }
    var cells = [Double](repeating: 0, count: count * count)
    for i in labels.indices { cells[labels[i] * count + answers[i]] += weights[i] }
    return try Tensor(cells.map { Float($0) }, shape: Shape([count, count]))
  }

  /// The same for users: confusion_matrix(y_true, y_pred, {num_classes, weights}).
  static let function = TensorFunction(
    name: "confusion_matrix",
    doc: "How often each class (row) was taken for each other (column); predictions are class indices or outputs.",
    operands: 2, fields: Options.fieldInfos, result: .int32, isElementwise: false,
    emit: { (_, _) throws(NNError) in
      throw NNError(.notSupported, "confusion_matrix works on numbers, not inside a model")
    },
    compute: { (x, arguments) throws(NNError) in
      let options = try Options.make(arguments)
      return try make(yTrue: x[0], yPred: x[1], classes: options.classes, weights: options.weights?.values)
    })

  private struct Options: Configurable {
    var classes: Int?
    var weights: Numbers?
    static let className = "confusion_matrix"
    static let doc = "How many classes."
    static let fields: [Field<Options>] = [
      Field("num_classes", \.classes, "How many classes there are; by default as many as occur."),
      Field(
        "weights", \.weights, aliases: ["sample_weight"], "How often each sample counts; the result is then float32."),
    ]
  }

  private static func index(_ value: Double, _ row: Int, _ name: String) throws(NNError) -> Int {
    guard let index = Int(exactly: value), index >= 0 else {
      throw .invalid("confusion_matrix: \(name) has \(value) at row \(row), which is no class index")
    }
    return index
  }
}
