/// The inverse of the standard normal distribution function, from additions, multiplications, divisions and square roots only:
/// unlike libm's functions these round the same on every machine, so a seed gives the same weights everywhere.
enum NormalDistribution {
  /// x with Φ(x) = p, for 0 < p < 1. Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988),
  /// routine PPND16; relative error about 1e-16.
  static func quantile(_ p: Double) -> Double {
    let q = p - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q
        * polynomial(
          r, 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
          45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
        / polynomial(
          r, 1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
          39307.895800092710610, 28729.085735721942674, 5226.4952788528545610)
    }
    let tail = q < 0 ? p : 1 - p
    var r = (-log(tail)).squareRoot()
    let x: Double
    if r <= 5 {
      r -= 1.6
      x =
        polynomial(
          r, 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
          1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4)
        / polynomial(
          r, 1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
          0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9)
    } else {
      r -= 5
      x =
        polynomial(
          r, 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
          0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7)
        / polynomial(
          r, 1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
          1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)
    }
    return q < 0 ? -x : x
  }

  private static func polynomial(
    _ x: Double, _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double, _ h: Double
  ) -> Double {
    ((((((h * x + g) * x + f) * x + e) * x + d) * x + c) * x + b) * x + a
  }

  /// Natural logarithm of a positive normal number, by log m = 2 artanh((m − 1)/(m + 1)) with m in [√½, √2).
  static func log(_ x: Double) -> Double {
    var (mantissa, exponent) = (x.significand, Double(x.exponent))
    if mantissa > 1.4142135623730951 {
      mantissa *= 0.5
      exponent += 1
    }
    let s = (mantissa - 1) / (mantissa + 1)
    let z = s * s
    var sum = 0.0
    // |s| ≤ 0.1716, z ≤ 0.0295: twelve terms leave less than 1e-19.
    for k in stride(from: 23.0, through: 1, by: -2) { sum = sum * z + 1 / k }
    return 2 * s * sum + exponent * 0.69314718055994530942
  }
}
