import KernelTable

/// Tensors one after another along an axis; all other extents are equal.
struct Concat: Operation {
  static let name = "Concat"
  let axis: Int

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard let first = inputs.first else { throw .shape("concat: no tensors given") }
    guard axis >= 0, axis < first.rank else {
      throw .shape("concat: axis \(axis) does not exist in shape \(first)")
    }
    var dimensions = first.dimensions
    for other in inputs.dropFirst() {
      guard other.rank == first.rank, (0..<first.rank).allSatisfy({ $0 == axis || other[$0] == first[$0] }) else {
        throw .shape("concat: shapes \(first) and \(other) differ beside the axis that grows")
      }
      dimensions[axis] += other[axis]
    }
    return [try Shape(dimensions)]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return node.inputs.map { _ in nil } }
    var result: [Symbol?] = []
    var first = 0
    for input in node.inputs {
      result.append(try g.slice(axis: axis, first: first, count: input.shape[axis]))
      first += input.shape[axis]
    }
    return result
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let blocks = Blocks(memory.node.shapes[0], axis: axis)
    var parts: [(source: Input, width: Int, offset: Int)] = []
    var offset = 0
    for i in memory.node.inputs.indices {
      let width = memory.shape(i)[axis] * blocks.inner
      parts.append((memory.input(i), width, offset))
      offset += width
    }
    let (y, copy) = (memory.output(), memory.kernels.copy)
    return memory.overRange(blocks.outer, grain: blocks.grain) { rows in
      for row in rows {
        for part in parts {
          copy(part.width, part.source + row &* part.width, y + (row &* blocks.width &+ part.offset))
        }
      }
    }
  }
}

/// A range of one axis.
struct Slice: Operation {
  static let name = "Slice"
  let axis: Int
  let first: Int
  let count: Int

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard axis >= 0, axis < inputs[0].rank, first >= 0, count >= 0, first + count <= inputs[0][axis] else {
      throw .shape("slice: \(first) ..< \(first + count) of axis \(axis) does not exist in shape \(inputs[0])")
    }
    var dimensions = inputs[0].dimensions
    dimensions[axis] = count
    return [Shape(unchecked: dimensions)]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let g = cotangents[0] else { return [nil] }
    let whole = node.inputs[0].shape
    func zeros(_ n: Int) throws(NNError) -> [Symbol] {
      var dimensions = whole.dimensions
      dimensions[axis] = n
      return n == 0 ? [] : [try .fill(0, Shape(unchecked: dimensions))]
    }
    return [try Symbol.concatenated(zeros(first) + [g] + zeros(whole[axis] - first - count), axis: axis)]
  }

  func kernel(_ memory: Binding) -> Kernel? {
    let blocks = Blocks(memory.shape(0), axis: axis)
    let (width, offset) = (count * blocks.inner, first * blocks.inner)
    let (x, y, copy) = (memory.input(0), memory.output(), memory.kernels.copy)
    return memory.overRange(blocks.outer, grain: blocks.grain) { rows in
      for row in rows { copy(width, x + (row &* blocks.width &+ offset), y + row &* width) }
    }
  }
}

/// A tensor as rows: what is before an axis, and the axis with all behind it.
private struct Blocks {
  let outer: Int
  let inner: Int
  let width: Int
  /// Rows that are worth a thread.
  var grain: Int { max(1, Binding.grain / max(1, width)) }

  init(_ shape: Shape, axis: Int) {
    outer = shape.dimensions[..<axis].reduce(1, *)
    inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    width = shape[axis] * inner
  }
}

extension Symbol {
  /// Tensors one after another along an axis (from the end when negative).
  public static func concatenated(_ parts: [Symbol], axis: Int) throws(NNError) -> Symbol {
    guard let first = parts.first else { throw .shape("concat: no tensors given") }
    let axis = try first.shape.axis(axis, for: "concat")
    if parts.count == 1 { return first }
    return Symbol(try Node(Concat(axis: axis), parts))
  }

  /// `count` positions of an axis from `first` on, counted from 0.
  public func slice(axis: Int, first: Int, count: Int) throws(NNError) -> Symbol {
    let axis = try shape.axis(axis, for: "slice")
    return first == 0 && count == shape[axis]
      ? self : try .make(Slice(axis: axis, first: first, count: count), self)
  }
}
