// Two neighbouring lanes, of which each instruction is given to one after the other: while a result is on its way, the other lane's
// instruction is ready. A processor finds such pairs by itself, but only as far ahead as it can hold instructions that wait.
import KernelTable

struct TwoLanes {
  var a: Lane
  var b: Lane

  static var width: Int { @inline(__always) get { 2 &* Lane.scalarCount } }

  @_transparent init(_ a: Lane, _ b: Lane) { (self.a, self.b) = (a, b) }
  @inline(__always) init(at p: Input) { self.init(Lane(at: p), Lane(at: p + Lane.scalarCount)) }
  @inline(__always) init(at p: Output) { self.init(at: Input(p)) }

  @inline(__always) func store(to p: Output) {
    a.store(to: p)
    b.store(to: p + Lane.scalarCount)
  }

  /// The other's floats where the sign of the mask's is set.
  @_transparent func blended(_ other: TwoLanes, _ mask: TwoLanes) -> TwoLanes {
    TwoLanes(a.blended(other.a, mask.a), b.blended(other.b, mask.b))
  }

  @_transparent static func + (x: TwoLanes, y: TwoLanes) -> TwoLanes { TwoLanes(x.a + y.a, x.b + y.b) }
  @_transparent static func + (x: TwoLanes, y: Float) -> TwoLanes { TwoLanes(x.a + y, x.b + y) }
  @_transparent static func - (x: TwoLanes, y: TwoLanes) -> TwoLanes { TwoLanes(x.a - y.a, x.b - y.b) }
  @_transparent static func - (x: TwoLanes, y: Float) -> TwoLanes { TwoLanes(x.a - y, x.b - y) }
  @_transparent static func * (x: TwoLanes, y: TwoLanes) -> TwoLanes { TwoLanes(x.a * y.a, x.b * y.b) }
  @_transparent static func * (x: TwoLanes, y: Float) -> TwoLanes { TwoLanes(x.a * y, x.b * y) }
  @_transparent static func / (x: TwoLanes, y: TwoLanes) -> TwoLanes { TwoLanes(x.a / y.a, x.b / y.b) }
}

@_transparent func fma(_ x: TwoLanes, _ y: TwoLanes, _ z: TwoLanes) -> TwoLanes {
  TwoLanes(fma(x.a, y.a, z.a), fma(x.b, y.b, z.b))
}
@_transparent func fma(_ x: TwoLanes, _ y: TwoLanes, _ z: Float) -> TwoLanes {
  TwoLanes(fma(x.a, y.a, z), fma(x.b, y.b, z))
}
@_transparent func fma(_ x: TwoLanes, _ y: Float, _ z: Float) -> TwoLanes {
  TwoLanes(fma(x.a, y, z), fma(x.b, y, z))
}
@_transparent func fma(_ x: TwoLanes, _ y: Float, _ z: TwoLanes) -> TwoLanes {
  TwoLanes(fma(x.a, Lane(repeating: y), z.a), fma(x.b, Lane(repeating: y), z.b))
}
/// z − x · y
@_transparent func fnma(_ x: TwoLanes, _ y: TwoLanes, _ z: TwoLanes) -> TwoLanes {
  TwoLanes(fnma(x.a, y.a, z.a), fnma(x.b, y.b, z.b))
}
