/// The calls that a finished part of a product ends in. They are here, behind a pointer and not inlined, because copying
/// a task or its closures makes weak symbols ("outlined copies"): the kernel modules may not contain any that both would
/// define, since the linker keeps one of them for everybody.
package enum GemmEpilogue {
  /// The product goes to `update` instead of `c`.
  @inline(never) package static func isConsumed(_ task: UnsafePointer<GemmTask>) -> Bool {
    task.pointee.update != nil
  }

  @inline(never) package static func hasFunction(_ task: UnsafePointer<GemmTask>) -> Bool {
    task.pointee.function != nil
  }

  /// Applies `function` (or, with `saved`, its derivative), if there is one, to `count` values of row `row` from
  /// column `column` on.
  @inline(never) package static func applyFunction(
    _ task: UnsafePointer<GemmTask>, row: Int, column: Int, count: Int, _ values: Output
  ) {
    guard let function = task.pointee.function else { return }
    if let saved = task.pointee.saved {
      let at = row &* task.pointee.plan.shape.n &+ column
      function.gradient(count, saved + at, values, values, task.pointee.parameters)
    } else {
      function.map(count, values, values, task.pointee.parameters)
    }
  }

  /// Hands `count` values of row `row` from column `column` on to `update`.
  @inline(never) package static func applyUpdate(
    _ task: UnsafePointer<GemmTask>, row: Int, column: Int, count: Int, _ values: Input
  ) {
    guard let update = task.pointee.update, let target = task.pointee.target else { return }
    update(count, values, row &* task.pointee.plan.shape.n &+ column, target)
  }
}
