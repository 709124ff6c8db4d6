import KernelTable

/// Rows of a table by their numbers, counted from 0. Inputs: table [rows, …], indices of any shape; the result has the indices'
/// shape, then the table's other axes. An index that is no whole number in 0 ..< rows gives a row of NaN.
struct RowGather: Operation {
  static let name = "Gather"

  /// Whole numbers beyond are not exact in float32.
  static let maximumRows = 1 << 24

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let (table, indices) = (inputs[0], inputs[1])
    guard table.rank > 0 else { throw .shape("gather: the table is a scalar, expected rows") }
    guard table[0] <= RowGather.maximumRows else {
      throw .shape("gather: a table of \(table[0]) rows; indices beyond 2^24 are not exact in float32")
    }
    return [try Shape(indices.dimensions + table.dimensions.dropFirst())]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil, nil] }
    let (table, indices) = (node.inputs[0], node.inputs[1])
    return [try .make(RowScatter(rows: table.shape[0], indexRank: indices.shape.rank), dy, indices), nil]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let gather = memory.kernels.indexing.gatherRows
    let rows = memory.shape(0)[0]
    let width = memory.shape(0).sample.count
    let (table, indices, out) = (memory.input(0), memory.input(1), memory.output())
    return memory.overRange(memory.shape(1).count, grain: max(1, Binding.grain / max(width, 1))) { r in
      gather(r, width, rows, table, indices, out)
    }
  }
}

/// The gradient of a gather: a table where each row is the sum of the rows that were taken from it, in their order. Inputs: values (the
/// indices' axes, then those of a row), indices.
struct RowScatter: Operation {
  static let name = "ScatterAdd"
  let rows: Int
  let indexRank: Int

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let (x, indices) = (inputs[0].dimensions, inputs[1].dimensions)
    guard indices.count == indexRank, x.count >= indexRank, Array(x.prefix(indexRank)) == indices else {
      throw .shape("scatter: values of shape \(inputs[0]) do not begin with the indices' axes \(inputs[1])")
    }
    return [Shape(unchecked: [rows] + x.dropFirst(indexRank))]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil, nil] }
    return [try .make(RowGather(), g, node.inputs[1]), nil]
  }

  /// Cut by the table's rows: a row belongs to one thread, which adds in the order of the indices. No locks, the same bits however
  /// many threads there are.
  func kernel(_ memory: Binding) -> Kernel? {
    let scatter = memory.kernels.indexing.scatterRows
    let width = memory.node.shapes[0].sample.count
    let count = memory.shape(1).count
    let (x, indices, table) = (memory.input(0), memory.input(1), memory.output())
    // Each piece looks at all indices: pieces must have enough rows to be worth it.
    let work = max(1, (rows + count) * max(width, 1) / max(rows, 1))
    let grain = max(Binding.grain / work, count / max(width, 1) / 4, 1)
    return memory.overRange(rows, grain: grain) { r in scatter(r, width, count, x, indices, table) }
  }
}

extension Symbol {
  /// Rows of this table by their numbers, counted from 0: the indices' shape, then the table's other axes. An index that is no whole
  /// number in the table gives a row of NaN.
  public func gathered(_ indices: Symbol) throws(NNError) -> Symbol { try .make(RowGather(), self, indices) }

  /// 1 at the place that each number names, counted from 0, else 0: a new last axis of this extent. A number beyond has no 1.
  public func oneHot(_ classes: Int) throws(NNError) -> Symbol {
    try Symbol.classIndices(classes).equal(reshaped(shape.dimensions + [1]))
  }
}
