import Foundation
import Testing

@testable import NNEngine

@Suite("DecimalText")
struct DecimalTextTests {
  @Test(
    "fixed",
    arguments: [
      (0, 4, "0.0000"), (0.5, 0, "0"), (1.5, 0, "2"), (2.5, 0, "2"), (0.50731, 4, "0.5073"), (0.125, 2, "0.12"),
      (0.375, 2, "0.38"), (9.99996, 4, "10.0000"), (0.00005, 4, "0.0001"), (0.00004, 4, "0.0000"), (-0.25, 1, "-0.2"),
      (-0.0, 1, "-0.0"), (1234567.891, 1, "1234567.9"), (1e23, 0, "99999999999999991611392"), (99.5, 0, "100"),
      (.nan, 4, "nan"), (.infinity, 4, "inf"), (-.infinity, 4, "-inf"), (.leastNonzeroMagnitude, 4, "0.0000"),
    ])
  func fixed(_ x: Double, _ places: Int, _ text: String) { #expect(DecimalText.fixed(x, places: places) == text) }

  @Test(
    "scientific",
    arguments: [
      (0, 4, "0.0000e+00"), (0.00012345, 4, "1.2345e-04"), (9.99996e-5, 4, "1.0000e-04"), (1e-300, 4, "1.0000e-300"),
      (-2.5e7, 0, "-2e+07"), (123456, 2, "1.23e+05"), (.leastNonzeroMagnitude, 4, "4.9407e-324"), (.nan, 4, "nan"),
    ])
  func scientific(_ x: Double, _ places: Int, _ text: String) {
    #expect(DecimalText.scientific(x, places: places) == text)
  }

  @Test("agrees with C on random bit patterns")
  func printf() {
    let stream = RandomStream(seed: 1, stream: 1)
    for i in 0..<3000 {
      // Any double, and doubles of everyday size.
      let x = i % 2 == 0 ? Double(bitPattern: stream.bits(i)) : (stream.uniform(i) - 0.5) * 1000
      guard x.isFinite else { continue }
      #expect(DecimalText.scientific(x, places: 4) == String(format: "%.4e", x))
      if abs(x) < 1e40 { #expect(DecimalText.fixed(x, places: 4) == String(format: "%.4f", x)) }
    }
  }
}
