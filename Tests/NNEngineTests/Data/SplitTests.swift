import Testing

@testable import NNEngine

@Suite("train_test_split")
struct SplitTests {
  static func options(_ entries: (String, Value)...) throws -> SplitOptions {
    try SplitOptions.make(Arguments([], Value.Table(entries.map { ($0.0, $0.1) })))
  }

  static func numbers(_ count: Int) throws -> Tensor { try Tensor((0..<count).map { Float($0) }) }

  /// scikit-learn's numbers of rows for the same arguments: tests are rounded up, training down.
  @Test(
    "sizes",
    arguments: [
      (10, "{}", 7, 3), (11, #"{"test_size": 0.2}"#, 8, 3), (60000, #"{"test_size": 0.2}"#, 48000, 12000),
      (10, #"{"train_size": 0.75}"#, 7, 3), (10, #"{"test_size": 0.25, "train_size": 0.55}"#, 5, 3),
      (10, #"{"test_size": 4}"#, 6, 4), (10, #"{"test_size": 4, "train_size": 5}"#, 5, 4),
      (3, #"{"test_size": 0.1}"#, 2, 1), (7, #"{"train_size": 1}"#, 1, 6),
      (10, #"{"test_size": 0.3, "train_size": 0.7}"#, 7, 3),
    ])
  func sizes(_ rows: Int, _ options: String, _ trainRows: Int, _ testRows: Int) throws {
    let table = try #require(try JSON.parse(options).table)
    let parts = try trainTestSplit([Self.numbers(rows)], SplitOptions.make(Arguments([], table)))[0]
    #expect(parts.train.rows == trainRows && parts.test.rows == testRows)
    let all = Set(parts.train.values + parts.test.values)
    #expect(all.count == trainRows + testRows)
  }

  @Test("several tensors of any type keep their rows together")
  func together() throws {
    let x = try Tensor((0..<40).map { Float($0) }, shape: Shape([20, 2]))
    let y = try Self.numbers(20).astype(.uint8)
    let parts = try trainTestSplit([x, y], Self.options(("seed", .integer(3))))
    #expect(parts[1].train.dtype == .uint8)
    for (rows, labels) in [(parts[0].train, parts[1].train), (parts[0].test, parts[1].test)] {
      #expect(rows.values.enumerated().allSatisfy { $1 == 2 * labels.values[$0 / 2] + Float($0 % 2) })
    }
  }

  @Test("a seed repeats the order, none draws a new one, shuffle=false keeps it")
  func order() throws {
    let x = try Self.numbers(100)
    let seeded = try Self.options(("random_state", .integer(5)))
    #expect(try trainTestSplit([x], seeded)[0].test.values == trainTestSplit([x], seeded)[0].test.values)
    #expect(try trainTestSplit([x])[0].test.values != trainTestSplit([x])[0].test.values)
    let plain = try trainTestSplit([x], Self.options(("shuffle", .bool(false)), ("test_size", .integer(10))))[0]
    #expect(plain.train.values == Array(x.values[..<90]) && plain.test.values == Array(x.values[90...]))
  }

  @Test("mistakes")
  func mistakes() throws {
    let x = try Self.numbers(10)
    let message = Evaluate.message
    #expect(message { _ = try trainTestSplit([]) } == "train_test_split: no tensors given")
    #expect(
      message { _ = try trainTestSplit([x, Self.numbers(9)]) }
        == "train_test_split: tensor 2 has 9 rows, the first has 10")
    #expect(message { _ = try trainTestSplit([Tensor(scalar: 1)]) } == "train_test_split: tensor 1 is a scalar")
    #expect(
      message { _ = try Self.options(("test_size", .number(1.5))) }
        == "train_test_split: 'test_size' must be a fraction between 0 and 1 or a number of rows or nil, got 1.5")
    #expect(
      message { _ = try trainTestSplit([x], Self.options(("test_size", .integer(10)))) }
        == "train_test_split: 'test_size' is 10, but there are 10 rows")
    #expect(
      message { _ = try trainTestSplit([x], Self.options(("test_size", .number(0.8)), ("train_size", .number(0.8)))) }
        == "train_test_split: train_size (8 rows) and test_size (8 rows) are more than the 10 rows there are")
    #expect(message { _ = try trainTestSplit([Self.numbers(1)]) }.contains("both need at least one"))
    #expect(message { _ = try trainTestSplit([Self.numbers(0)]) }.contains("both need at least one"))
    #expect(
      message { _ = try trainTestSplit([x], Self.options(("shuffle", .bool(false)), ("seed", .integer(1)))) }
        == "train_test_split: 'seed' has no effect without 'shuffle'")
    #expect(message { _ = try Self.options(("tset_size", .number(0.2))) }.contains("did you mean 'test_size'?"))
  }
}
