/// Numbers that were written down, not tensors: they take the type of the tensors beside them, as in NumPy.
extension TensorFunction {
  /// The type in which the tensors among the operands meet, which have these positions; nil when there are none.
  package func commonType(_ tensors: [(position: Int, tensor: Tensor)]) -> DType? {
    // The condition of where is only looked at.
    let values = name == "where" ? tensors.filter { $0.position > 0 } : tensors
    guard let first = values.first else { return nil }
    return values.reduce(first.tensor.dtype) { .promoted($0, $1.tensor.dtype) }
  }

  /// Integers beside tensors of an integer type; nil: as they are, in float32.
  package func adapted(_ integers: [Double], shape: Shape, to dtype: DType) throws(NNError) -> Tensor? {
    let bounds: ClosedRange<Double> = dtype == .uint8 ? 0...255 : Double(Int32.min)...Double(Int32.max)
    var target: DType = dtype == .uint8 ? .uint8 : .int32
    if let misfit = integers.first(where: { !bounds.contains($0) }) {
      switch name {
      case "eq", "ne", "lt", "le", "gt", "ge", "divide":
        // Nothing of such a type is as large; in int32, or in float32, the answer is right.
        target = .int32
        let all = Double(Int32.min)...Double(Int32.max)
        if !integers.allSatisfy({ all.contains($0) }) { return nil }
      case "matmul", "dot": return nil
      default:
        throw .invalid(
          "\(name): \(Int(exactly: misfit).map { "\($0)" } ?? "\(misfit)") does not fit \(target.name); convert the tensor with astype"
        )
      }
    }
    let result = try Tensor(zeros: shape, dtype: target)
    for (i, value) in integers.enumerated() { try result.put(value, at: i) }
    return result
  }
}
