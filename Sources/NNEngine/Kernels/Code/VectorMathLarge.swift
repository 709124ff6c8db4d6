// The rare arguments and functions that are not worth a vector algorithm: one by one, in the C library.
import Glibc

/// sin(x + quarterTurns · π/2) where |x| is large (infinity and NaN give NaN), `plain` elsewhere.
@inline(never) func largeSine(_ x: Lane, _ plain: Lane, quarterTurns: Int32) -> Lane {
  var y = plain
  for i in 0..<Lane.scalarCount where x[i].magnitude >= 30_000 {
    let wide = Double(x[i])
    y[i] = Float(quarterTurns == 0 ? Glibc.sin(wide) : Glibc.cos(wide))
  }
  return y
}

@inline(__always) func power(_ x: Float, _ y: Float) -> Float { Glibc.powf(x, y) }

/// The remainder with the sign of the divisor, as Lua and Python define it.
@inline(__always) func modulo(_ x: Float, _ y: Float) -> Float {
  let r = Glibc.fmodf(x, y)
  return r != 0 && (r < 0) != (y < 0) ? r + y : r
}
