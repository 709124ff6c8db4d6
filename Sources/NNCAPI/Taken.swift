internal import Glibc
internal import NNEngine

/// What goes back to C.
enum Taken {
  /// A copy of a text from malloc, for nn_free.
  static func text(_ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, _ text: String) throws(NNError) {
    var text = text
    out.pointee = text.withUTF8 { bytes in
      guard let copy = malloc(bytes.count + 1)?.assumingMemoryBound(to: CChar.self) else { return nil }
      if let base = bytes.baseAddress { memcpy(copy, base, bytes.count) }
      copy[bytes.count] = 0
      return copy
    }
    if out.pointee == nil { throw NNError(.outOfMemory, "out of memory: a text of \(text.utf8.count) bytes") }
  }

  /// The extents of a shape; the caller has room for NN_MAX_RANK of them.
  static func shape(
    _ out: UnsafeMutablePointer<Int64>?, _ rank: UnsafeMutablePointer<Int32>?, _ shape: Shape
  ) throws(NNError) {
    let (out, rank) = (try Given.pointer(out, "shape"), try Given.pointer(rank, "rank"))
    for (axis, extent) in shape.dimensions.enumerated() { out[axis] = Int64(extent) }
    rank.pointee = Int32(shape.rank)
  }

  /// Numbers into the caller's array.
  static func values(_ out: UnsafeMutablePointer<Double>, _ capacity: Int32, _ values: [Double]) throws(NNError) {
    guard Int(capacity) >= values.count else {
      throw NNError(.invalidArgument, "argument 'capacity' is \(capacity), but there are \(values.count) values")
    }
    for (i, value) in values.enumerated() { out[i] = value }
  }
}
