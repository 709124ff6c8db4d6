/// An optimizer's state in the orders of the different files.
extension Optimizer {
  /// The state of a model's weights, not copied; nil before the first step, when there is none.
  func record(of variables: [Variable], _ order: OptimizerRecord.Order) throws(NNError) -> OptimizerRecord {
    var result = OptimizerRecord(order: order, iterations: iterations, tensors: [])
    guard iterations > 0 else { return result }
    var slots: [[StoredTensor]] = []
    for variable in variables {
      slots.append(try kept(for: variable).all.map { StoredTensor($0.path + ":0", $0) })
    }
    let product = hasMomentumProduct ? try Tensor(scalar: Float(momentumSoFar)) : nil
    if let product, order == .bySlot { result.tensors.append(StoredTensor("\(name)/momentum_cache:0", product)) }
    for group in slotOrder(order) {
      for row in slots { for slot in group { result.tensors.append(row[slot]) } }
    }
    if let product, order == .byWeight { result.tensors.append(StoredTensor("momentum_product", product)) }
    return result
  }

  /// The slots, in groups that are written weight by weight.
  private func slotOrder(_ order: OptimizerRecord.Order) -> [[Int]] {
    let count = slotCount
    let average = base.usesAverage ? [count] : []
    switch order {
    case .bySlot:
      // Keras 2's Ftrl alone makes both of its slots weight by weight.
      return (className == "Ftrl" ? [[0, 1]] : (0..<count).map { [$0] }) + average.map { [$0] }
    case .byWeight:
      // Keras makes the first two together, except in RMSprop.
      let together =
        count < 2 || className == "RMSprop" ? (0..<count).map { [$0] } : [[0, 1]] + (2..<count).map { [$0] }
      return (average.isEmpty ? [] : [average]) + together
    }
  }

  /// Takes over what a file has. All shapes are compared before anything changes.
  func restore(_ record: OptimizerRecord, of variables: [Variable]) throws(NNError) {
    guard record.iterations >= 0 else { throw NNError(.format, "\(className): the count of steps is negative") }
    var tensors = record.tensors[...]
    let places = slotOrder(record.order)
    let expected = places.reduce(0) { $0 + $1.count } * variables.count
    // Scalars that follow from the rest: the learning rate in front, Nadam's product in front or at the end.
    if tensors.count > expected, hasMomentumProduct {
      if record.order == .bySlot { tensors = tensors.dropFirst() } else { tensors = tensors.dropLast() }
    }
    if tensors.count == expected + 1, tensors.first?.shape.rank == 0 { tensors = tensors.dropFirst() }
    // TensorFlow keeps velocities that plain gradient descent does not use.
    if slotCount == 0, expected == 0 { tensors = [] }
    if tensors.isEmpty, record.iterations == 0 {
      iterations = 0
      return
    }
    guard tensors.count == expected else {
      throw NNError(
        .format, "\(className): the file has \(tensors.count) arrays of its state, expected \(expected)")
    }
    var pairs: [(Variable, StoredTensor)] = []
    var next = tensors.startIndex
    var rows: [[Variable]] = []
    for variable in variables { rows.append(try kept(for: variable).all) }
    func take(_ variable: Variable) throws(NNError) {
      defer { next += 1 }
      let tensor = tensors[next]
      guard tensor.shape == variable.shape else {
        throw NNError(
          .shape, "\(className): the file's '\(tensor.name)' has shape \(tensor.shape), expected \(variable.shape)")
      }
      pairs.append((variable, tensor))
    }
    for group in places { for row in rows { for slot in group { try take(row[slot]) } } }
    for (variable, tensor) in pairs { try tensor.read(into: variable.pointer) }
    iterations = record.iterations
  }
}
