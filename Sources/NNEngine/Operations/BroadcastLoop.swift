/// How an elementwise operation walks over inputs of different shapes: an inner run, in which each input either moves on or stays,
/// and an outer index. Neighbouring axes on which all inputs behave alike are walked as one.
final class BroadcastLoop {
  typealias Steps = (Int, Int, Int)
  typealias Offsets = (Int, Int, Int, out: Int)

  private let inner: Int
  private let outer: Int
  private let steps: Steps
  private var extents: [Int] = []
  /// For up to three inputs, floats from one index of each outer axis to the next.
  private var strides: [[Int]]

  convenience init(_ node: Node) { self.init(node.inputs.map(\.shape), node.shapes[0]) }

  init(_ shapes: [Shape], _ out: Shape) {
    let inputs = shapes.map { BroadcastLoop.strides($0, within: out) }
    // Axes from the last to the first, joined where every input's stride continues.
    var joined: [(extent: Int, strides: [Int])] = []
    for axis in stride(from: out.rank - 1, through: 0, by: -1) where out[axis] != 1 {
      let here = inputs.map { $0[axis] }
      if let last = joined.last, zip(here, last.strides).allSatisfy({ $0 == $1 * last.extent }) {
        joined[joined.count - 1].extent *= out[axis]
      } else {
        joined.append((out[axis], here))
      }
    }
    let first = joined.first ?? (1, inputs.map { _ in 1 })
    inner = first.extent
    let s = first.strides + [0, 0, 0]
    steps = (s[0], s[1], s[2])
    extents = joined.dropFirst().map(\.extent)
    outer = extents.reduce(1, *)
    strides = (0..<3).map { i in joined.dropFirst().map { i < $0.strides.count ? $0.strides[i] : 0 } }
  }

  /// A kernel that calls `body` with runs of elements.
  func kernel(_ memory: Binding, _ body: @escaping (_ count: Int, _ steps: Steps, _ at: Offsets) -> Void) -> Kernel {
    let (inner, steps) = (inner, steps)
    if outer == 1 {
      return memory.overRange(inner) { r in
        let i = r.lowerBound
        body(r.count, steps, (i * steps.0, i * steps.1, i * steps.2, i))
      }
    }
    return memory.overRange(outer, grain: max(1, Binding.grain / max(inner, 1))) { [self] r in
      for index in r {
        body(inner, steps, (offset(index, 0), offset(index, 1), offset(index, 2), index &* inner))
      }
    }
  }

  /// Calls `body` with one run of elements after another, on this thread.
  @inline(__always)
  func forEachRun(_ body: (_ count: Int, _ steps: Steps, _ at: Offsets) -> Void) {
    for index in 0..<outer {
      body(inner, steps, (offset(index, 0), offset(index, 1), offset(index, 2), index &* inner))
    }
  }

  private func offset(_ index: Int, _ input: Int) -> Int {
    var (rest, result) = (index, 0)
    for axis in extents.indices {
      let (q, r) = rest.quotientAndRemainder(dividingBy: extents[axis])
      result &+= r &* strides[input][axis]
      rest = q
    }
    return result
  }

  /// `shape`'s strides on the axes of `out`: 0 where it is repeated.
  static func strides(_ shape: Shape, within out: Shape) -> [Int] {
    let own = shape.strides
    return (0..<out.rank).map { axis in
      let i = axis - (out.rank - shape.rank)
      return i < 0 || shape[i] == 1 ? 0 : own[i]
    }
  }
}
