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
  /// A rest of less than eight goes through the same code in lanes that are partly empty, so that it rounds in the same way. The formula
  /// must be a local function with `@inline(__always)`: a closure is not inlined, and is called for each lane.
  @inline(__always)
  static func update(
    _ target: UpdateTarget, _ at: Int, _ count: Int, _ gradient: Input, slots: Int,
    _ formula: (_ g: Lane, _ w: inout Lane, _ s: inout Slots) -> Void
  ) {
    let kept = target.hyperparameters[0]
    // A slot that the rule does not have is never touched.
    let (p0, p1, p2) = (target.slots.0, target.slots.1, target.slots.2)
    let w = target.weights + at
    let (s0, s1, s2) = ((p0 ?? target.weights) + at, (p1 ?? target.weights) + at, (p2 ?? target.weights) + at)
    var i = 0
    while i < count {
      let rest = count &- i
      var weights = load(w + i, rest) * kept
      var state = (
        slots > 0 ? load(s0 + i, rest) : Lane(), slots > 1 ? load(s1 + i, rest) : Lane(),
        slots > 2 ? load(s2 + i, rest) : Lane()
      )
      formula(load(gradient + i, rest), &weights, &state)
      if slots > 0 { store(state.0, s0 + i, rest) }
      if slots > 1 { store(state.1, s1 + i, rest) }
      if slots > 2 { store(state.2, s2 + i, rest) }
      store(weights, w + i, rest)
      i &+= 8
    }
  }

  @inline(__always) private static func load(_ p: Input, _ rest: Int) -> Lane {
    if rest >= 8 { return UnsafeRawPointer(p).loadUnaligned(as: Lane.self) }
    var x = Lane()
    loadPart(p, rest, &x)
    return x
  }

  @inline(__always) private static func load(_ p: Output, _ rest: Int) -> Lane { load(Input(p), rest) }

  @inline(__always) private static func store(_ x: Lane, _ p: Output, _ rest: Int) {
    if rest >= 8 {
      UnsafeMutableRawPointer(p).storeBytes(of: x, as: Lane.self)
    } else {
      var x = x
      storePart(&x, p, rest)
    }
  }

  // Lanes go by reference: passed by value they would be cut in halves, in the loop, too.
  @inline(never) private static func loadPart(_ p: Input, _ rest: Int, _ x: inout Lane) {
    for i in 0..<8 where i < rest { x[i] = p[i] }
  }

  @inline(never) private static func storePart(_ x: inout Lane, _ p: Output, _ rest: Int) {
    for i in 0..<8 where i < rest { p[i] = x[i] }
  }
}

extension UpdateTarget {
  /// What the rule itself wrote with `writeNumbers`; in front of it stands what weight decay leaves of a weight.
  var numbers: Input { hyperparameters + 1 }
}
