import KernelTable

/// One pass over all labels before training, so that a wrong one is named by its row instead of spoiling the weights.
extension LabelKind {
  /// Throws at the first label that is not acceptable beside an output whose last extent is `classes`.
  func check(_ y: Tensor, classes: Int) throws(NNError) {
    guard let index = firstWrong(y, classes) else { return }
    let row = index / max(1, y.shape.count / max(1, y.rows))
    let value = LabelKind.text(y.element(index))
    switch self {
    case .numbers, .any:
      throw NNError(.notFinite, "y has the value \(value) at row \(row) (counted from 0)")
    case .probabilities:
      throw .invalid("y has the value \(value) at row \(row) (counted from 0), but labels must be in 0 … 1")
    case .classIndices:
      let isWhole = y.element(index).rounded() == y.element(index)
      let classes = "the output has \(classes) \(classes == 1 ? "class (0)" : "classes (0 … \(classes - 1))")"
      throw .invalid(
        "y has label \(value) at row \(row) (counted from 0), but \(isWhole ? classes : "labels are whole numbers: \(classes)")"
      )
    }
  }

  /// The position of the first label that is not acceptable.
  func firstWrong(_ y: Tensor, _ classes: Int) -> Int? {
    let count = y.shape.count
    switch (self, y.dtype) {
    case (.numbers, .float32), (.any, .float32):
      let index = CPU.kernels.firstNonFinite(count, y.floats)
      return index < 0 ? nil : index
    case (.numbers, _), (.any, _), (.probabilities, .bool):
      return nil
    case (.probabilities, .float32):
      return first(in: y, Float.self) { !($0 >= 0 && $0 <= 1) }
    case (.probabilities, .int32):
      return first(in: y, Int32.self) { $0 < 0 || $0 > 1 }
    case (.probabilities, .uint8):
      return first(in: y, UInt8.self) { $0 > 1 }
    case (.classIndices, .float32):
      let limit = Float(classes)
      return first(in: y, Float.self) { !($0 >= 0 && $0 < limit && $0.rounded() == $0) }
    case (.classIndices, .int32):
      let limit = Int32(clamping: classes)
      return first(in: y, Int32.self) { $0 < 0 || $0 >= limit }
    case (.classIndices, .uint8), (.classIndices, .bool):
      guard let limit = UInt8(exactly: classes) else { return nil }
      return first(in: y, UInt8.self) { $0 >= limit }
    }
  }

  @inline(__always)
  private func first<T>(in y: Tensor, _ type: T.Type, where isWrong: (T) -> Bool) -> Int? {
    let p = y.bytes.assumingMemoryBound(to: T.self)
    for i in 0..<y.shape.count where isWrong(p[i]) { return i }
    return nil
  }

  static func text(_ value: Double) -> String {
    value.isNaN ? "NaN" : Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
