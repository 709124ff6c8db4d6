import KernelTable

/// How an optimizer's formula is applied to neighbouring weights: eight at a time, in one pass over memory. Rules are limited by memory,
/// not arithmetic, so one width serves both processor levels, and both give the same bits.
enum UpdateLanes {
  /// Eight gradients, weights, or values of a slot.
  typealias Lane = SIMD8<Float>
  /// A rule's slots in their order; those that it does not have are zero.
  typealias Slots = (Lane, Lane, Lane)

  /// Moves `count` weights from `at` on, and their slots, by a formula. Before, the weights lose the share that weight decay takes.
  ///
  /// A rest of less than eight goes through the same loop once more, in scratch memory: the formula stands in one place (only then
  /// it is inlined) and rounds in the same way everywhere.
  @inline(__always)
  static func update(
    _ target: UpdateTarget, _ at: Int, _ count: Int, _ gradient: Input, slots: Int,
    _ formula: (_ g: Lane, _ w: inout Lane, _ s: inout Slots) -> Void
  ) {
    let kept = target.hyperparameters[0]
    // A slot that the rule does not have is never touched.
    let (p0, p1, p2) = (target.slots.0, target.slots.1, target.slots.2)
    var (g, w) = (gradient, target.weights + at)
    var (s0, s1, s2) = ((p0 ?? target.weights) + at, (p1 ?? target.weights) + at, (p2 ?? target.weights) + at)
    var scratch = (Lane(), Lane(), Lane(), Lane(), Lane())
    withUnsafeMutableBytes(of: &scratch) { bytes in
      guard let rest = bytes.baseAddress?.assumingMemoryBound(to: Float.self) else { return }
      let whole = count & ~7
      let remaining = count & 7
      var end = whole
      while true {
        var i = 0
        while i < end {
          var weights = load(w, i) * kept
          var state = (
            slots > 0 ? load(s0, i) : Lane(), slots > 1 ? load(s1, i) : Lane(), slots > 2 ? load(s2, i) : Lane()
          )
          formula(load(Output(mutating: g), i), &weights, &state)
          if slots > 0 { store(state.0, s0, i) }
          if slots > 1 { store(state.1, s1, i) }
          if slots > 2 { store(state.2, s2, i) }
          store(weights, w, i)
          i &+= 8
        }
        if remaining == 0 { return }
        if w == rest + 8 { break }
        store(load(g + whole, count: remaining), rest, 0)
        store(load(w + whole, count: remaining), rest, 8)
        if slots > 0 { store(load(s0 + whole, count: remaining), rest, 16) }
        if slots > 1 { store(load(s1 + whole, count: remaining), rest, 24) }
        if slots > 2 { store(load(s2 + whole, count: remaining), rest, 32) }
        (g, w, s0, s1, s2) = (Input(rest), rest + 8, rest + 16, rest + 24, rest + 32)
        end = 8
      }
      let first = at &+ whole
      store(w, target.weights + first, count: remaining)
      if slots > 0, let p0 { store(s0, p0 + first, count: remaining) }
      if slots > 1, let p1 { store(s1, p1 + first, count: remaining) }
      if slots > 2, let p2 { store(s2, p2 + first, count: remaining) }
    }
  }

  @inline(__always) private static func load(_ p: Output, _ i: Int) -> Lane {
    UnsafeRawPointer(p + i).loadUnaligned(as: Lane.self)
  }

  @inline(__always) private static func store(_ x: Lane, _ p: Output, _ i: Int) {
    UnsafeMutableRawPointer(p + i).storeBytes(of: x, as: Lane.self)
  }

  @inline(__always) private static func load(_ p: Input, count: Int) -> Lane {
    var x = Lane()
    for i in 0..<8 where i < count { x[i] = p[i] }
    return x
  }

  @inline(__always) private static func load(_ p: Output, count: Int) -> Lane { load(Input(p), count: count) }

  @inline(__always) private static func store(_ x: Output, _ p: Output, count: Int) {
    for i in 0..<8 where i < count { p[i] = x[i] }
  }
}

extension UpdateTarget {
  /// What the rule itself wrote with `writeNumbers`; in front of it stands what weight decay leaves of a weight.
  var numbers: Input { hyperparameters + 1 }
}
