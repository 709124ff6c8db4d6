/// Functions of numbers that put them in order. Not inside models: what they do has no gradient.
extension TensorFunctions {
  static let ordering: [TensorFunction] = [
    computed(SortOptions.self, "sort", "The elements along an axis in ascending order, NaN last.") {
      (x, o) throws(NNError) in [try x.sorted(axis: o.axis)]
    },
    computed(NoOptions.self, "unique", "The distinct elements in ascending order, and how often each occurs.") {
      (x, _) throws(NNError) in
      let (values, counts) = try x.distinct()
      return [values, counts]
    },
    computed(
      HistogramOptions.self, "histogram",
      "How many elements fall into each of `bins` equal parts of a range, and the bins + 1 limits of the parts."
    ) { (x, o) throws(NNError) in
      let (counts, edges) = try x.histogram(bins: o.bins, range: o.range)
      return [counts, edges]
    },
  ]

  private struct NoOptions: Configurable {
    static let className = "options"
    static let doc = "None."
    static let fields: [Field<NoOptions>] = []
  }

  private static func computed<O: Configurable>(
    _: O.Type, _ name: String, _ doc: String, _ body: @escaping @Sendable (Tensor, O) throws(NNError) -> [Tensor]
  ) -> TensorFunction {
    TensorFunction(
      name: name, doc: doc, operands: 1, fields: O.fieldInfos, result: .float32, isElementwise: false,
      emit: { (_, _) throws(NNError) in
        throw NNError(.notSupported, "\(name) works on numbers, not inside a model")
      },
      computeAll: { (x, arguments) throws(NNError) in try body(x[0], parsed(arguments, for: name)) })
  }
}
