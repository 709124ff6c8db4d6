import KernelTable

/// Eight neighbouring floats at any address, for the optimizers' rules. Rules are limited by memory, not arithmetic, so one width serves
/// both processor levels, and both give the same bits.
enum UpdateLanes {
  @inline(__always) static func load(_ p: Input, _ i: Int) -> SIMD8<Float> {
    UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Float>.self)
  }
  @inline(__always) static func load(_ p: Output, _ i: Int) -> SIMD8<Float> {
    UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Float>.self)
  }
  @inline(__always) static func store(_ x: SIMD8<Float>, _ p: Output, _ i: Int) {
    UnsafeMutableRawPointer(p + i).storeBytes(of: x, as: SIMD8<Float>.self)
  }
}
