/// The calls that a finished part of a product ends in. They are here, behind a pointer and not inlined, because copying
/// a task or its closures makes weak symbols ("outlined copies"): the kernel modules may not contain any that both would
/// define, since the linker keeps one of them for everybody.
package enum GemmEpilogue {
  /// The product goes to `update` instead of `c`.
  @inline(never) package static func isConsumed(_ task: UnsafePointer<GemmTask>) -> Bool {
    task.pointee.update != nil
  }

  /// The hyperparameters of plain gradient descent, if `update` is that.
  @inline(never) package static func descent(_ task: UnsafePointer<GemmTask>) -> Input? {
    task.pointee.descends ? task.pointee.target?.hyperparameters : nil
  }

  @inline(never) package static func hasFunction(_ task: UnsafePointer<GemmTask>) -> Bool {
    task.pointee.function != nil
  }

  /// The weights and slots that `update` will move.
  @inline(never) package static func targets(
    _ task: UnsafePointer<GemmTask>
  ) -> (weights: Output?, slots: (Output?, Output?, Output?)) {
    guard let target = task.pointee.target else { return (nil, (nil, nil, nil)) }
    return (target.weights, target.slots)
  }

  /// Applies `function` (or, with `saved`, its derivative), if there is one, to a block of values: `rows` rows from row `row` on, of
  /// each `count` values from column `column` on, `stride` apart.
  @inline(never) package static func applyFunction(
    _ task: UnsafePointer<GemmTask>, row: Int, rows: Int, column: Int, count: Int, _ values: Output, stride: Int
  ) {
    guard let function = task.pointee.function else { return }
    let n = task.pointee.plan.shape.n
    var at = row &* n &+ column
    var values = values
    var (rows, count) = (rows, count)
    if count == n && stride == n { (rows, count) = (1, rows &* n) }
    let parameters = task.pointee.parameters
    while rows > 0 {
      if let saved = task.pointee.saved {
        function.gradient(count, saved + at, values, values, parameters)
      } else {
        function.map(count, values, values, parameters)
      }
      at &+= n
      values += stride
      rows &-= 1
    }
  }

  /// Hands a block of values on to `update`.
  @inline(never) package static func applyUpdate(
    _ task: UnsafePointer<GemmTask>, row: Int, rows: Int, column: Int, count: Int, _ values: Input, stride: Int
  ) {
    guard let update = task.pointee.update, let target = task.pointee.target else { return }
    let n = task.pointee.plan.shape.n
    var at = row &* n &+ column
    var values = values
    var (rows, count) = (rows, count)
    if count == n && stride == n { (rows, count) = (1, rows &* n) }
    while rows > 0 {
      update(count, values, at, target)
      at &+= n
      values += stride
      rows &-= 1
    }
  }
}
