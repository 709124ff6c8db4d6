/// Functions of numbers that name places, as users see them.
extension TensorFunctions {
  static let indexing: [TensorFunction] = [
    TensorFunction(
      name: "gather", doc: "Rows of a table by their numbers, counted from 0; NaN for a number that is no row.",
      operands: 2, fields: [], result: .float32, isElementwise: false
    ) { (x, arguments) throws(NNError) in
      _ = try numbers(arguments, [], "gather")
      return try x[0].gathered(x[1])
    },
    oneHot,
  ]

  private static let oneHot = TensorFunction(
    name: "one_hot", doc: "A new last axis with 1 at the place that x names, counted from 0, and 0 elsewhere.",
    operands: 1, fields: OneHotOptions.fieldInfos, result: .float32, isElementwise: false,
    emit: { (x, arguments) throws(NNError) in
      guard let classes = try OneHotOptions.make(arguments).classes else {
        throw .invalid("one_hot: 'num_classes' is required inside a model")
      }
      return try x[0].oneHot(classes)
    },
    compute: { (x, arguments) throws(NNError) in
      var classes = try OneHotOptions.make(arguments).classes ?? 0
      if classes == 0 { classes = try OneHotOptions.needed(for: x[0]) }
      return try Eager.run(x) { (symbols) throws(NNError) in try symbols[0].oneHot(classes) }
    })

  private struct OneHotOptions: Configurable {
    var classes: Int?
    static let className = "one_hot"
    static let doc = "The extent of the new axis."
    static let fields: [Field<OneHotOptions>] = [
      Field(
        "num_classes", \.classes, check: Check("a positive integer or nil") { $0.map { $0 > 0 } ?? true },
        "The extent of the new axis; when not given, one more than the largest number.")
    ]

    static func needed(for x: Tensor) throws(NNError) -> Int {
      let largest = (0..<x.shape.count).reduce(0) { max($0, x.element($1)) }
      guard largest < Double(RowGather.maximumRows) else {
        throw .invalid("one_hot: the number \(largest) names no place; say 'num_classes'")
      }
      return Int(largest) + 1
    }
  }
}
