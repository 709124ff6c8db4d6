import Glibc

/// Elements moved, not computed: in every storage type, bit for bit.
extension Tensor {
  /// Axes in another order: result axis i is this tensor's axis `axes[i]`.
  func rearranged(_ axes: [Int]) throws(NNError) -> Tensor {
    guard axes.sorted() == Array(0..<shape.rank) else {
      throw .shape("transpose: each axis of shape \(shape) must be named once")
    }
    let target = Shape(unchecked: axes.map { shape[$0] })
    let own = shape.strides
    let result = try Tensor(zeros: target, dtype: dtype)
    if target.count == 0 { return result }
    if dtype.byteCount == 4 {
      Tensor.copyStrided(self, result, axes.map { own[$0] }, UInt32.self)
    } else {
      Tensor.copyStrided(self, result, axes.map { own[$0] }, UInt8.self)
    }
    return result
  }

  @inline(__always)
  private static func copyStrided<T>(_ x: Tensor, _ result: Tensor, _ strides: [Int], _: T.Type) {
    let (p, out) = (x.bytes.assumingMemoryBound(to: T.self), result.storage.bytes.assumingMemoryBound(to: T.self))
    guard let width = result.shape.dimensions.last, let step = strides.last else {
      out[0] = p[0]
      return
    }
    let extents = result.shape.dimensions.dropLast()
    var index = [Int](repeating: 0, count: extents.count)
    var (source, target) = (0, 0)
    while target < result.shape.count {
      for i in 0..<width { out[target &+ i] = p[source &+ i &* step] }
      target &+= width
      var axis = extents.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < extents[axis] { break }
        source -= strides[axis] * extents[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }

  /// `count` positions of an axis from `first` on, counted from 0.
  package func slice(axis: Int, first: Int, count: Int) throws(NNError) -> Tensor {
    let axis = try shape.axis(axis, for: "slice")
    guard first >= 0, count >= 0, first <= shape[axis], count <= shape[axis] - first else {
      throw .shape("slice: \(first) ..< \(first + count) of axis \(axis) does not exist in shape \(shape)")
    }
    if axis == 0 { return try slice(first..<(first + count)) }
    var dimensions = shape.dimensions
    dimensions[axis] = count
    let result = try Tensor(zeros: Shape(unchecked: dimensions), dtype: dtype)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *) * dtype.byteCount
    for o in 0..<outer {
      memcpy(
        result.storage.bytes + o * count * inner, bytes + (o * shape[axis] + first) * inner, count * inner)
    }
    return result
  }

  /// Tensors one after another along an axis, in the type in which they meet.
  static func concatenated(_ parts: [Tensor], axis: Int) throws(NNError) -> Tensor {
    guard let first = parts.first else { throw .shape("concat: no tensors given") }
    let axis = try first.shape.axis(axis, for: "concat")
    let shape = try Concat(axis: axis).shapes(of: parts.map(\.shape))[0]
    let dtype = parts.reduce(first.dtype) { .promoted($0, $1.dtype) }
    let result = try Tensor(zeros: shape, dtype: dtype)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *) * dtype.byteCount
    var offset = 0
    for part in parts {
      let (part, width) = (try part.astype(dtype), part.shape[axis] * inner)
      for o in 0..<outer {
        memcpy(result.storage.bytes + o * shape[axis] * inner + offset, part.bytes + o * width, width)
      }
      offset += width
    }
    return result
  }
}
