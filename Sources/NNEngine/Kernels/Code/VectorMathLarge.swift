// The rare arguments and functions that are not worth a vector algorithm: one by one, in the C library.
import Glibc

/// sin(x + quarterTurns · π/2) for any x; where |x| is small, with the same bits as `sine`.
func anySine(_ x: Float, quarterTurns: Int32) -> Float {
  if x.magnitude < sineLimit { return sine(Lane(repeating: x), quarterTurns: quarterTurns)[0] }
  return Float(quarterTurns == 0 ? Glibc.sin(Double(x)) : Glibc.cos(Double(x)))
}

@inline(__always) func power(_ x: Float, _ y: Float) -> Float { Glibc.powf(x, y) }

/// The remainder with the sign of the divisor, as Lua and Python define it.
@inline(__always) func modulo(_ x: Float, _ y: Float) -> Float {
  let r = Glibc.fmodf(x, y)
  return r != 0 && (r < 0) != (y < 0) ? r + y : r
}
