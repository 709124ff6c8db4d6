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
    while i &+ 8 <= count {
      var weights = load(w + i) * kept
      var state = (
        slots > 0 ? load(s0 + i) : Lane(), slots > 1 ? load(s1 + i) : Lane(), slots > 2 ? load(s2 + i) : Lane()
      )
      formula(load(gradient + i), &weights, &state)
      if slots > 0 { store(state.0, s0 + i) }
      if slots > 1 { store(state.1, s1 + i) }
      if slots > 2 { store(state.2, s2 + i) }
      store(weights, w + i)
      i &+= 8
    }
    // Apart, so that the loop above is nothing but arithmetic.
    let rest = count &- i
    if rest > 0 {
      var (g, weights) = (Lane(), Lane())
      var state = (Lane(), Lane(), Lane())
      loadPart(gradient + i, rest, &g)
      loadPart(w + i, rest, &weights)
      weights *= kept
      if slots > 0 { loadPart(s0 + i, rest, &state.0) }
      if slots > 1 { loadPart(s1 + i, rest, &state.1) }
      if slots > 2 { loadPart(s2 + i, rest, &state.2) }
      formula(g, &weights, &state)
      if slots > 0 { storePart(&state.0, s0 + i, rest) }
      if slots > 1 { storePart(&state.1, s1 + i, rest) }
      if slots > 2 { storePart(&state.2, s2 + i, rest) }
      storePart(&weights, w + i, rest)
    }
  }

  @inline(__always) private static func load(_ p: Input) -> Lane {
    UnsafeRawPointer(p).loadUnaligned(as: Lane.self)
  }

  @inline(__always) private static func store(_ x: Lane, _ p: Output) {
    UnsafeMutableRawPointer(p).storeBytes(of: x, as: Lane.self)
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
