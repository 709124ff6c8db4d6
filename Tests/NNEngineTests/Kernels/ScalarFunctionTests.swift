import Glibc
import KernelTable
import Testing

@testable import NNEngine

/// What a function of one variable should be, in double precision.
struct FunctionReference: Sendable {
  var name: String
  var parameters: [Parameters] = [Parameters()]
  /// Where f has no derivative: not tested close by.
  var kinks: [Double] = []
  /// Units in the last place, in the normal range of results.
  var tolerance = 3.0
  var f: @Sendable (Double, Parameters) -> Double

  static let all: [FunctionReference] = [
    FunctionReference(name: "linear") { x, _ in x },
    FunctionReference(
      name: "relu",
      parameters: [
        Parameters(.infinity, 0, 0), Parameters(6, 0, 0), Parameters(.infinity, 0.25, 0), Parameters(2, 0.125, 1),
        Parameters(.infinity, -0.25, 0), Parameters(.infinity, 0, -1), Parameters(3, -0.5, -0.5),
      ], kinks: [-6, -1, -0.5, 0, 1, 2, 3, 6, -6.5]
    ) { x, p in
      let (most, slope, threshold) = (Double(p.a), Double(p.b), Double(p.c))
      let y = x <= threshold ? (slope == 0 ? 0 : slope * (x - threshold)) : x
      return y >= most ? most : y
    },
    FunctionReference(
      name: "elu", parameters: [Parameters(1), Parameters(0.5), Parameters(2), Parameters(0), Parameters(-0.75)],
      kinks: [0]
    ) { x, p in x > 0 ? x : Double(p.a) * Glibc.expm1(x) },
    FunctionReference(name: "selu", kinks: [0]) { x, _ in
      Double(Float(1.05070098)) * (x > 0 ? x : 1.6732632423543772 * Glibc.expm1(x))
    },
    FunctionReference(name: "tanh") { x, _ in Glibc.tanh(x) },
    FunctionReference(name: "sigmoid") { x, _ in 1 / (1 + Glibc.exp(-x)) },
    FunctionReference(name: "softplus") { x, _ in x > 40 ? x : Glibc.log1p(Glibc.exp(x)) },
    FunctionReference(name: "softsign") { x, _ in x / (1 + x.magnitude) },
    FunctionReference(name: "hard_sigmoid", kinks: [-2.5, 2.5], tolerance: 0) { x, _ in
      // As Keras rounds it, where there is something to round.
      let float = Float(x)
      let y = Double(float) == x ? Double(0.2 * float + 0.5) : 0.2 * x + 0.5
      return y < 0 ? 0 : y > 1 ? 1 : y
    },
    FunctionReference(name: "swish", tolerance: 5) { x, _ in x / (1 + Glibc.exp(-x)) },
    FunctionReference(name: "gelu", tolerance: 8) { x, _ in x * (0.5 * Glibc.erfc(-x / 2.0.squareRoot())) },
    // The argument of its exponential, up to 100, is itself rounded.
    FunctionReference(name: "gelu_approximate", tolerance: 300) { x, _ in
      x / (1 + Glibc.exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    },
    FunctionReference(name: "mish", tolerance: 6) { x, _ in x * Glibc.tanh(Glibc.log1p(Glibc.exp(x))) },
    FunctionReference(
      name: "thresholded_relu", parameters: [Parameters(1), Parameters(0.5)], kinks: [0.5, 1], tolerance: 0
    ) { x, p in x > Double(p.a) ? x : x * 0 },
    FunctionReference(name: "log_cosh", tolerance: 6) { x, _ in
      let a = x.magnitude
      return a < 1e-3 ? a * a / 2 - a * a * a * a / 12 : a + Glibc.log1p(Glibc.expm1(-2 * a) / 2)
    },
    FunctionReference(name: "exp", tolerance: 2) { x, _ in Glibc.exp(x) },
    FunctionReference(name: "expm1") { x, _ in Glibc.expm1(x) },
    FunctionReference(name: "log", tolerance: 2) { x, _ in Glibc.log(x) },
    FunctionReference(name: "log1p") { x, _ in Glibc.log1p(x) },
    FunctionReference(name: "square", tolerance: 0.51) { x, _ in x * x },
    FunctionReference(name: "sqrt", tolerance: 0.51) { x, _ in x.squareRoot() },
    FunctionReference(name: "rsqrt", tolerance: 1.6) { x, _ in 1 / x.squareRoot() },
    FunctionReference(name: "reciprocal", tolerance: 0.51) { x, _ in 1 / x },
    FunctionReference(name: "negative", tolerance: 0) { x, _ in -x },
    FunctionReference(name: "abs", kinks: [0], tolerance: 0) { x, _ in x.magnitude },
    FunctionReference(name: "sign", tolerance: 0) { x, _ in x > 0 ? 1 : x < 0 ? -1 : x },
    FunctionReference(name: "erf") { x, _ in Glibc.erf(x) },
    FunctionReference(name: "floor", tolerance: 0) { x, _ in x.rounded(.down) },
    FunctionReference(name: "ceil", tolerance: 0) { x, _ in x.rounded(.up) },
    FunctionReference(name: "round", tolerance: 0) { x, _ in x.rounded(.toNearestOrEven) },
    FunctionReference(name: "sin") { x, _ in x.isFinite ? Glibc.sin(x) : .nan },
    FunctionReference(name: "cos") { x, _ in x.isFinite ? Glibc.cos(x) : .nan },
    FunctionReference(name: "isnan", tolerance: 0) { x, _ in x.isNaN ? 1 : 0 },
    FunctionReference(name: "isfinite", tolerance: 0) { x, _ in x.isFinite ? 1 : 0 },
    FunctionReference(name: "logical_not", tolerance: 0) { x, _ in x == 0 ? 1 : 0 },
    FunctionReference(
      name: "clip", parameters: [Parameters(-.infinity, .infinity), Parameters(-0.5, 0.75)], kinks: [-0.5, 0.75],
      tolerance: 0
    ) { x, p in x < Double(p.a) ? Double(p.a) : x > Double(p.b) ? Double(p.b) : x },
  ]
}

@Suite struct ScalarFunctionTests {
  /// Numbers of every size and sign, and those where something could go wrong.
  static let inputs: [Float] = {
    var x: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 1000, -1000, 1e30, -1e30,
      .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, 88.72283, 88.7229, -87.3, -103.97, -104, -88, 0.99999994, 1.0000001, -0.99999994,
      8388609, -8388609, 16777216, 4.1, 29999, 30001, 1e6, 127.5, -16.9, 9, -9.5,
    ]
    var numbers = TestNumbers(3)
    for exponent in stride(from: -140, through: 127, by: 3) {
      for _ in 0..<4 { x.append(numbers.next() * Float(sign: .plus, exponent: exponent, significand: 1)) }
    }
    x += numbers.floats(3000, scale: 12)
    x += numbers.floats(2000, scale: 2)
    x += numbers.floats(1000, scale: 100)
    return x
  }()

  @Test(arguments: TestedLevel.available)
  func everyFunctionHasAReference(level: TestedLevel) throws {
    let table = try level.table
    let names = (0..<table.scalarFunctionCount).map { "\(table.scalarFunction($0).name)" }
    #expect(Set(names) == Set(FunctionReference.all.map(\.name)))
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: TestedLevel.available, FunctionReference.all.indices)
  func value(level: TestedLevel, index: Int) throws {
    let reference = FunctionReference.all[index]
    let function = try #require(try level.table.function(named: reference.name))
    for p in reference.parameters {
      let x = Buffer(ScalarFunctionTests.inputs)
      let y = Buffer(count: x.count)
      function.map(x.count, x.pointer, y.pointer, p)
      var worst = (error: 0.0, x: Float(0), y: Float(0), expected: 0.0)
      for i in 0..<x.count {
        let expected = reference.f(Double(x.pointer[i]), p)
        let error = ulps(y.pointer[i], expected)
        if error > worst.error { worst = (error, x.pointer[i], y.pointer[i], expected) }
      }
      #expect(worst.error <= reference.tolerance, "\(reference.name)\(p): \(worst)")
    }
  }

  @Test(arguments: TestedLevel.available, FunctionReference.all.indices)
  func derivative(level: TestedLevel, index: Int) throws {
    let reference = FunctionReference.all[index]
    let function = try #require(try level.table.function(named: reference.name))
    for p in reference.parameters {
      let x = Buffer(TestNumbers.sequence(500).map { $0 * 7 })
      let y = Buffer(count: x.count)
      function.map(x.count, x.pointer, y.pointer, p)
      let given = function.derivativeNeedsInputFor(p) ? x : y
      let dy = Buffer(TestNumbers.sequence(500, seed: 5))
      let dx = Buffer(count: x.count)
      function.gradient(x.count, given.pointer, dy.pointer, dx.pointer, p)
      for i in 0..<x.count {
        let at = Double(x.pointer[i])
        let h = 1e-5 * max(1e-3, abs(at))
        if reference.kinks.contains(where: { abs($0 - at) < 1e-4 }) { continue }
        let slope = function.isDifferentiable ? (reference.f(at + h, p) - reference.f(at - h, p)) / (2 * h) : 0
        if slope.isNaN || (at < 0 && reference.f(at, p).isNaN) { continue }
        // Through the output a slope is as exact as 1 − y² allows.
        let expected = slope * Double(dy.pointer[i])
        let error = abs(Double(dx.pointer[i]) - expected)
        #expect(
          error <= 1e-6 + 2e-5 * abs(expected), "\(reference.name)\(p) at \(at): \(dx.pointer[i]), not \(expected)")
      }
    }
  }

  /// The same number gives the same bits wherever it stands, in place or not, and nothing else is touched.
  @Test(arguments: TestedLevel.available, FunctionReference.all.indices)
  func tailsAndInPlace(level: TestedLevel, index: Int) throws {
    let reference = FunctionReference.all[index]
    let function = try #require(try level.table.function(named: reference.name))
    let p = reference.parameters[0]
    let inputs = TestNumbers.sequence(64).map { $0 * 5 }
    let y = Buffer(count: 64)
    let dx = Buffer(count: 64)
    let dy = TestNumbers.sequence(64, seed: 8)
    Buffer(inputs).withPointer { x in
      function.map(64, x, y.pointer, p)
      Buffer(dy).withPointer { function.gradient(64, x, $0, dx.pointer, p) }
    }
    for count in 0...35 {
      let start = 64 - count - count % 3
      let part = Buffer(Array(inputs[start..<start + count]))
      let out = Buffer(count: count)
      function.map(count, part.pointer, out.pointer, p)
      #expect(haveSameBits(out.values, Array(y.values[start..<start + count])))
      let slopes = Buffer(count: count)
      let cotangent = Buffer(Array(dy[start..<start + count]))
      function.gradient(count, part.pointer, cotangent.pointer, slopes.pointer, p)
      #expect(haveSameBits(slopes.values, Array(dx.values[start..<start + count])))
      let overSlope = Buffer(part.values)
      function.gradient(count, overSlope.pointer, cotangent.pointer, overSlope.pointer, p)
      #expect(haveSameBits(overSlope.values, slopes.values))
      function.gradient(count, part.pointer, cotangent.pointer, cotangent.pointer, p)
      #expect(haveSameBits(cotangent.values, slopes.values))
      function.map(count, part.pointer, part.pointer, p)
      #expect(haveSameBits(part.values, out.values))
      for buffer in [part, out, slopes, cotangent, overSlope] { #expect(buffer.isIntact) }
    }
  }
}
