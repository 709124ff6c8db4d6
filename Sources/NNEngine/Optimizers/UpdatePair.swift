import CCPU

/// Two lanes of which each instruction is given to one after the other: while a result is on its way, the other lane's instruction is ready. A
/// processor finds such pairs by itself, but only as far ahead as it can hold instructions that wait.
struct UpdatePair {
  typealias Lane = UpdateLanes.Lane
  var a: Lane
  var b: Lane

  @_transparent init(_ a: Lane, _ b: Lane) { (self.a, self.b) = (a, b) }
  @inline(__always) init(at p: UnsafePointer<Float>) {
    self.init(
      UnsafeRawPointer(p).loadUnaligned(as: Lane.self), UnsafeRawPointer(p + 8).loadUnaligned(as: Lane.self))
  }
  @inline(__always) init(at p: UnsafeMutablePointer<Float>) { self.init(at: UnsafePointer(p)) }
  @inline(__always) func store(to p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: a, as: Lane.self)
    UnsafeMutableRawPointer(p + 8).storeBytes(of: b, as: Lane.self)
  }

  @_transparent static func + (x: UpdatePair, y: UpdatePair) -> UpdatePair { UpdatePair(x.a + y.a, x.b + y.b) }
  @_transparent static func - (x: UpdatePair, y: UpdatePair) -> UpdatePair { UpdatePair(x.a - y.a, x.b - y.b) }
  @_transparent static func * (x: UpdatePair, y: UpdatePair) -> UpdatePair { UpdatePair(x.a * y.a, x.b * y.b) }
  @_transparent static func / (x: UpdatePair, y: UpdatePair) -> UpdatePair { UpdatePair(x.a / y.a, x.b / y.b) }
  @_transparent static func + (x: UpdatePair, y: Float) -> UpdatePair { UpdatePair(x.a + y, x.b + y) }
  @_transparent static func - (x: UpdatePair, y: Float) -> UpdatePair { UpdatePair(x.a - y, x.b - y) }
  @_transparent static func * (x: UpdatePair, y: Float) -> UpdatePair { UpdatePair(x.a * y, x.b * y) }
}

@_transparent func fma(_ x: UpdatePair, _ y: UpdatePair, _ z: UpdatePair) -> UpdatePair {
  UpdatePair(fma(x.a, y.a, z.a), fma(x.b, y.b, z.b))
}
@_transparent func fma(_ x: UpdatePair, _ y: UpdatePair, _ z: Float) -> UpdatePair {
  UpdatePair(fma(x.a, y.a, z), fma(x.b, y.b, z))
}
@_transparent func fma(_ x: UpdatePair, _ y: Float, _ z: UpdatePair) -> UpdatePair {
  UpdatePair(fma(x.a, UpdateLanes.Lane(repeating: y), z.a), fma(x.b, UpdateLanes.Lane(repeating: y), z.b))
}
@_transparent func fma(_ x: UpdatePair, _ y: Float, _ z: Float) -> UpdatePair {
  UpdatePair(fma(x.a, y, z), fma(x.b, y, z))
}
