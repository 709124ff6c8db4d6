import Testing

@testable import NNEngine

@Suite("Labels")
struct LabelTests {
  static func check(_ loss: String, _ y: Tensor, _ output: [Int]) throws {
    try #require(try Loss.decode(.string(loss))).check(labels: y, output: Shape(output))
  }

  static func tensor(_ values: [Float], _ shape: [Int], _ dtype: DType = .float32) throws -> Tensor {
    try Tensor(values, shape: Shape(shape)).astype(dtype)
  }

  @Test("a class that the output does not have, in each storage type", arguments: [DType.float32, .int32, .uint8])
  func range(_ dtype: DType) throws {
    let y = try Self.tensor([0, 9, 3, 12, 1], [5], dtype)
    #expect(
      Evaluate.message { try Self.check("sparse_categorical_crossentropy", y, [10]) }
        == "y has label 12 at row 3 (counted from 0), but the output has 10 classes (0 … 9)")
    try Self.check("sparse_categorical_crossentropy", y, [13])
    try Self.check("sparse_categorical_crossentropy", y.reshaped([5, 1]), [300])
  }

  @Test("negative, broken and missing classes")
  func odd() throws {
    func message(_ values: [Float], _ dtype: DType = .float32) throws -> String {
      let y = try Self.tensor(values, [values.count], dtype)
      return Evaluate.message { try Self.check("sparse_categorical_crossentropy", y, [3]) }
    }
    #expect(
      try message([0, -1], .int32) == "y has label -1 at row 1 (counted from 0), but the output has 3 classes (0 … 2)")
    #expect(
      try message([0, 1, 1.5])
        == "y has label 1.5 at row 2 (counted from 0), but labels are whole numbers: the output has 3 classes (0 … 2)")
    #expect(try message([.nan]).hasPrefix("y has label NaN at row 0 (counted from 0)"))
    #expect(try message([2, .infinity]).hasPrefix("y has label inf at row 1 (counted from 0)"))
    #expect(try message([1, 0], .bool) == "no error")
    let one = try Self.tensor([0, 1], [2], .bool)
    #expect(
      Evaluate.message { try Self.check("sparse_categorical_crossentropy", one, [1]) }
        == "y has label 1 at row 1 (counted from 0), but the output has 1 class (0)")
  }

  @Test("the row of a label with several positions")
  func rows() throws {
    let y = try Self.tensor([0, 0, 0, 0, 7, 0], [3, 2], .int32)
    #expect(
      Evaluate.message { try Self.check("sparse_categorical_crossentropy", y, [2, 4]) }
        == "y has label 7 at row 2 (counted from 0), but the output has 4 classes (0 … 3)")
  }

  @Test("probabilities are in 0 … 1, numbers are finite")
  func numbers() throws {
    let wrong = try Self.tensor([0, 1, 5], [3], .uint8)
    #expect(
      Evaluate.message { try Self.check("binary_crossentropy", wrong, [1]) }
        == "y has the value 5 at row 2 (counted from 0), but labels must be in 0 … 1")
    #expect(throws: NNError.self) { try Self.check("binary_crossentropy", Self.tensor([-1, 1], [2], .int32), [1]) }
    #expect(throws: NNError.self) { try Self.check("binary_crossentropy", Self.tensor([.nan, 1], [2]), [1]) }
    try Self.check("binary_crossentropy", Self.tensor([0, 0.25, 1], [3, 1]), [1])
    try Self.check("binary_crossentropy", Self.tensor([0, 1], [2], .bool), [1])
    let holes = try Self.tensor([1, 2, .nan], [3, 1])
    #expect(Evaluate.message { try Self.check("mse", holes, [1]) } == "y has the value NaN at row 2 (counted from 0)")
    try Self.check("mse", Self.tensor([-5, 300], [2], .int32), [1])
  }

  @Test("shapes are checked too; no rows are no error here")
  func shapes() throws {
    #expect(throws: NNError.self) { try Self.check("mse", Self.tensor([1], []), [1]) }
    #expect(throws: NNError.self) { try Self.check("mse", Self.tensor([1, 2], [1, 2]), [3]) }
    try Self.check("sparse_categorical_crossentropy", Self.tensor([], [0]), [3])
  }
}
