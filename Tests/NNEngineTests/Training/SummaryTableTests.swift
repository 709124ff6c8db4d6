import Testing

@testable import NNEngine

@Suite("Summary table")
struct SummaryTableTests {
  /// The book's model A, from its first dense layer on.
  static let modelA: [(String, Int)] = [
    ("dense_11", 300), ("dense_12", 200), ("dense_13", 100), ("dense_14", 50), ("dense_15", 50), ("dense_16", 50),
    ("dense_17", 10),
  ]

  static func rows() -> [SummaryTable.Row] {
    var inputs = 784
    var rows = [
      SummaryTable.Row(name: "flatten_2", className: "Flatten", outputShape: "(None, 784)", parameterCount: 0)
    ]
    for (name, units) in modelA {
      rows.append(
        .init(name: name, className: "Dense", outputShape: "(None, \(units))", parameterCount: (inputs + 1) * units))
      inputs = units
    }
    return rows
  }

  @Test("TensorFlow 2.1's table, character for character")
  func table() throws {
    let text = SummaryTable.text(name: "sequential_3", rows: Self.rows(), trainable: 326_460, nonTrainable: 0)
    #expect(try text + "\n" == Fixtures.summary("model_A"))
  }

  @Test("other widths")
  func wide() throws {
    let text = SummaryTable.text(
      name: "sequential_3", rows: Self.rows(), trainable: 326_460, nonTrainable: 0, lineLength: 100)
    #expect(try text + "\n" == Fixtures.summary("model_A_wide"))
  }

  @Test("cells that are too long are cut; frozen variables are counted apart")
  func cut() throws {
    let dense = [(784, 300), (300, 100), (100, 10)]
    var rows = [
      SummaryTable.Row(name: "flatten", className: "Flatten", outputShape: "(None, 784)", parameterCount: 0),
      .init(
        name: "batch_normalization", className: "BatchNormalization", outputShape: "(None, 784)", parameterCount: 3136),
    ]
    for (i, (inputs, units)) in dense.enumerated() {
      rows.append(
        .init(
          name: "dense_\(i + 5)", className: "Dense", outputShape: "(None, \(units))",
          parameterCount: (inputs + 1) * units))
      guard i < 2 else { break }
      rows.append(
        .init(
          name: "batch_normalization_\(i + 1)", className: "BatchNormalization", outputShape: "(None, \(units))",
          parameterCount: 4 * units))
    }
    let text = SummaryTable.text(name: "sequential_1", rows: rows, trainable: 268_978, nonTrainable: 2368)
    #expect(try text + "\n" == Fixtures.summary("model_1"))
  }

  @Test("digits in groups", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")])
  func grouped(_ n: Int, _ text: String) { #expect(SummaryTable.grouped(n) == text) }
}
