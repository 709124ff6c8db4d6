import Glibc
import KernelTable
import Testing

@testable import NNEngine

@Suite struct BinaryTests {
  static func reference(_ f: BinaryFunction, _ a: Float, _ b: Float) -> Double {
    let (x, y) = (Double(a), Double(b))
    func truth(_ condition: Bool) -> Double { condition ? 1 : 0 }
    switch f {
    case .add: return x + y
    case .subtract: return x - y
    case .multiply: return x * y
    case .divide: return x / y
    case .power: return Glibc.pow(x, y)
    case .maximum: return a.isNaN || b.isNaN ? .nan : Swift.max(x, y)
    case .minimum: return a.isNaN || b.isNaN ? .nan : Swift.min(x, y)
    case .floorDivide: return Double((a / b).rounded(.down))
    case .modulo:
      let r = fmod(x, y)
      return r != 0 && (r < 0) != (y < 0) ? r + y : r
    case .equal: return truth(a == b)
    case .notEqual: return truth(a != b)
    case .less: return truth(a < b)
    case .lessEqual: return truth(a <= b)
    case .greater: return truth(a > b)
    case .greaterEqual: return truth(a >= b)
    case .logicalAnd: return truth(a != 0 && b != 0)
    case .logicalOr: return truth(a != 0 || b != 0)
    case .logicalXor: return truth((a != 0) != (b != 0))
    case .parametricReLU: return a > 0 ? x : x * y
    case .parametricReLUSlope: return a > 0 ? 1 : a < 0 ? y : 0
    }
  }

  @Test(arguments: TestedLevel.available, BinaryFunction.allCases)
  func values(level: TestedLevel, f: BinaryFunction) throws {
    let table = try level.table
    let special: [Float] = [
      0, -0.0, 1, -1, 2, -2, 0.5, 3, -3.5, .infinity, -.infinity, .nan, 1e20, -1e20, 7, 0.1, 1e-30,
    ]
    var pairs = special.flatMap { a in special.map { (a, $0) } }
    var numbers = TestNumbers(4)
    for _ in 0..<500 { pairs.append((numbers.next() * 9, numbers.next() * 9)) }
    let a = Buffer(pairs.map(\.0))
    let b = Buffer(pairs.map(\.1))
    let out = Buffer(count: pairs.count)
    table.binary(f, pairs.count, a.pointer, 1, b.pointer, 1, out.pointer)
    for i in pairs.indices {
      let expected = BinaryTests.reference(f, pairs[i].0, pairs[i].1)
      let error = ulps(out.pointer[i], expected)
      #expect(error <= (f == .power ? 1 : 0.5001), "\(f)\(pairs[i]): \(out.pointer[i]), not \(expected)")
    }
  }

  @Test(arguments: TestedLevel.available, BinaryFunction.allCases)
  func stepsTailsAndInPlace(level: TestedLevel, f: BinaryFunction) throws {
    let table = try level.table
    for count in 0...35 {
      for (aStep, bStep) in [(1, 1), (0, 1), (1, 0), (0, 0)] {
        let a = Buffer(TestNumbers.sequence(aStep == 0 ? 1 : count, seed: 1).map { ($0 * 4).rounded() })
        let b = Buffer(TestNumbers.sequence(bStep == 0 ? 1 : count, seed: 2).map { ($0 * 4).rounded() })
        let out = Buffer(count: count)
        table.binary(f, count, a.pointer, aStep, b.pointer, bStep, out.pointer)
        for i in 0..<count {
          let expected = BinaryTests.reference(f, a.pointer[i * aStep], b.pointer[i * bStep])
          #expect(ulps(out.pointer[i], expected) <= 1)
        }
        #expect(out.isIntact)
        for over in [a, b] where over.count == count && (over === a ? aStep : bStep) == 1 {
          let operand = Buffer(over.values)
          let (x, y) = over === a ? (operand, b) : (a, operand)
          table.binary(f, count, x.pointer, aStep, y.pointer, bStep, operand.pointer)
          #expect(haveSameBits(operand.values, out.values))
          #expect(operand.isIntact)
        }
      }
    }
  }

  /// Exponents with short cuts give what the general function gives.
  @Test(arguments: TestedLevel.available, [Float(2), -1, 0, 1, 0.5, 3])
  func powersOfOneExponent(level: TestedLevel, exponent: Float) throws {
    let table = try level.table
    let x = Buffer([0, -0.0, 1, -1, 2.5, -3, 1e-20, 1e20, .infinity, -.infinity, .nan])
    let y = Buffer([exponent])
    let out = Buffer(count: x.count)
    table.binary(.power, x.count, x.pointer, 1, y.pointer, 0, out.pointer)
    for i in 0..<x.count {
      #expect(ulps(out.pointer[i], Glibc.pow(Double(x.pointer[i]), Double(exponent))) <= 1)
    }
  }

  @Test(arguments: TestedLevel.available)
  func select(level: TestedLevel) throws {
    let table = try level.table
    for count in 1...35 {
      for steps in 0..<8 {
        let (cStep, aStep, bStep) = (steps & 1, steps >> 1 & 1, steps >> 2)
        let c = Buffer(TestNumbers.sequence(cStep == 0 ? 1 : count, seed: 1).map { $0.rounded() })
        let a = Buffer(TestNumbers.sequence(aStep == 0 ? 1 : count, seed: 2))
        let b = Buffer(TestNumbers.sequence(bStep == 0 ? 1 : count, seed: 3))
        let out = Buffer(count: count)
        table.select(count, c.pointer, cStep, a.pointer, aStep, b.pointer, bStep, out.pointer)
        let expected = (0..<count).map { i in
          c.pointer[i * cStep] != 0 ? a.pointer[i * aStep] : b.pointer[i * bStep]
        }
        #expect(out.values == expected)
        #expect(out.isIntact)
      }
    }
  }

  @Test(arguments: TestedLevel.available)
  func fillAndCopy(level: TestedLevel) throws {
    let table = try level.table
    for count in 0...35 {
      let x = Buffer(TestNumbers.sequence(count))
      let out = Buffer(count: count)
      table.copy(count, x.pointer, out.pointer)
      #expect(out.values == x.values)
      table.fill(count, 2.5, out.pointer)
      #expect(out.values.allSatisfy { $0 == 2.5 })
      #expect(out.isIntact)
    }
  }
}
