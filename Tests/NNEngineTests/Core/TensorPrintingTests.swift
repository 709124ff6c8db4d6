import Testing

@testable import NNEngine

@Suite("Printing tensors")
struct TensorPrintingTests {
  static func tensor(_ values: [Float], _ shape: [Int], _ dtype: DType = .float32) throws -> String {
    try Tensor(values, shape: Shape(shape)).astype(dtype).description
  }

  @Test("a vector: as many decimals as are needed, at most four")
  func vector() throws {
    #expect(try Self.tensor([1, 2.5, -3], [3]) == "[ 1.0  2.5 -3.0]\n(3,) float32")
    #expect(try Self.tensor([1.0 / 3, 100], [2]) == "[  0.3333 100.0000]\n(2,) float32")
    #expect(try Self.tensor([0.25, 0.125], [2]) == "[0.250 0.125]\n(2,) float32")
  }

  @Test("matrices and beyond: nested brackets, columns aligned")
  func nested() throws {
    #expect(try Self.tensor([1, -2, 30, 4], [2, 2]) == "[[ 1.0 -2.0]\n [30.0  4.0]]\n(2, 2) float32")
    #expect(
      try Self.tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2], .int32) == """
        [[[1 2]
          [3 4]]

         [[5 6]
          [7 8]]]
        (2, 2, 2) int32
        """)
  }

  @Test("scalars, empty tensors, other types")
  func special() throws {
    #expect(try Self.tensor([3.5], []) == "3.5\n() float32")
    #expect(try Self.tensor([], [0, 3]) == "[]\n(0, 3) float32")
    #expect(try Self.tensor([1, 0], [2], .bool) == "[ true false]\n(2,) bool")
    #expect(try Self.tensor([7, 255], [2], .uint8) == "[  7 255]\n(2,) uint8")
    #expect(try Self.tensor([-7, 12345], [2], .int32) == "[   -7 12345]\n(2,) int32")
  }

  @Test("NaN and infinities align with numbers and do not decide the format")
  func notFinite() throws {
    #expect(try Self.tensor([.nan, 1.5, -.infinity], [3]) == "[ nan  1.5 -inf]\n(3,) float32")
    #expect(try Self.tensor([.nan], [1]) == "[nan]\n(1,) float32")
  }

  @Test("exponents where numbers are very small, very large or, unless they are whole, far apart")
  func scientific() throws {
    #expect(try Self.tensor([0.00025, 0], [2]) == "[2.5e-04 0.0e+00]\n(2,) float32")
    #expect(try Self.tensor([1e10, 1], [2]) == "[1.0e+10 1.0e+00]\n(2,) float32")
    #expect(try Self.tensor([1, 1e-8], [2]) == "[1.0e+00 1.0e-08]\n(2,) float32")
    #expect(try Self.tensor([0.25, 1000], [2]) == "[2.5e-01 1.0e+03]\n(2,) float32")
    #expect(try Self.tensor([1, 5000], [2]) == "[   1.0 5000.0]\n(2,) float32")
  }

  @Test("more than 1000 values: three from each end")
  func elided() throws {
    let long = try Tensor((0..<1001).map { Float($0) }).astype(.int32).description
    #expect(long == "[   0    1    2 ...  998  999 1000]\n(1001,) int32")
    let wide = try Tensor(zeros: Shape([100, 4, 7]), dtype: .uint8).description
    let row = "[0 0 0 ... 0 0 0]"
    let block = "[" + Array(repeating: row, count: 4).joined(separator: "\n  ") + "]"
    let blocks = Array(repeating: block, count: 3).joined(separator: "\n\n ")
    #expect(wide == "[" + blocks + "\n\n ...\n\n " + blocks + "]\n(100, 4, 7) uint8")
  }

  @Test("a row longer than a line is wrapped; eight axes stay readable")
  func limits() throws {
    let row = try Tensor((0..<60).map { Float($0) }).astype(.uint8).description
    let lines = row.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.utf8.count <= 79 })
    #expect(lines[1].hasPrefix(" 26 27 "))
    let deep = try Tensor(zeros: Shape(Array(repeating: 7, count: 8)), dtype: .bool).description
    #expect(deep.utf8.count < 10_000)
  }

  @Test("a slice prints its own values")
  func slice() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6], shape: Shape([3, 2]))
    #expect(try tensor.slice(1..<2).description == "[[3.0 4.0]]\n(1, 2) float32")
  }
}
