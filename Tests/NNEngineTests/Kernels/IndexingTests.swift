import KernelTable
import Testing

@testable import NNEngine

@Suite("Rows by number")
struct IndexingTests {
  /// What a table of three rows has none for.
  static let strangers: [Float] = [-1, 3, 1.5, .nan, .infinity, -.infinity, 1e30, -0.5, 16_777_216]

  @Test("an index that is no row gives NaN and reads nothing", arguments: TestedLevel.available)
  func gather(_ level: TestedLevel) throws {
    let kernels = try level.table.indexing
    for width in [1, 3, 8, 17] {
      let table = Buffer(TestNumbers.sequence(3 * width))
      let indices = Buffer([2] + Self.strangers + [0, -0.0])
      let out = Buffer(count: indices.count * width)
      kernels.gatherRows(0..<indices.count, width, 3, table.pointer, indices.pointer, out.pointer)
      let rows = (0..<indices.count).map { Array(out.values[$0 * width..<($0 + 1) * width]) }
      #expect(rows[0] == Array(table.values[2 * width..<3 * width]))
      for row in rows[1...Self.strangers.count] { #expect(row.allSatisfy { $0.isNaN }) }
      #expect(rows[rows.count - 1] == Array(table.values[..<width]) && rows[rows.count - 2] == rows[rows.count - 1])
      #expect(out.isIntact)
    }
  }

  @Test("an index that is no row adds to nothing", arguments: TestedLevel.available)
  func scatter(_ level: TestedLevel) throws {
    let kernels = try level.table.indexing
    for width in [1, 3, 8, 17] {
      let indices = Buffer([2] + Self.strangers + [0, 2])
      let x = Buffer(TestNumbers.sequence(indices.count * width))
      let table = Buffer(count: 3 * width)
      // In two pieces, as two threads would.
      kernels.scatterRows(0..<1, width, indices.count, x.pointer, indices.pointer, table.pointer)
      kernels.scatterRows(1..<3, width, indices.count, x.pointer, indices.pointer, table.pointer)
      let last = (indices.count - 1) * width
      for c in 0..<width {
        #expect(table.values[c] == x.values[last - width + c])
        #expect(table.values[width + c] == 0)
        #expect(table.values[2 * width + c] == x.values[c] + x.values[last + c])
      }
      #expect(table.isIntact)
    }
  }

  @Test("gather and one_hot as tensor functions")
  func functions() throws {
    let gather = try TensorFunctions.named("gather")
    let table = try Tensor([1, 2, 3, 4, 5, 6], shape: Shape([3, 2]))
    let rows = try gather([table, Tensor([2, 0]).astype(.int32)])
    #expect(rows.values == [5, 6, 1, 2] && rows.shape.dimensions == [2, 2])
    let oneHot = try TensorFunctions.named("one_hot")
    let labels = try Tensor([1, 0, 2]).astype(.uint8)
    #expect(try oneHot([labels]).values == [0, 1, 0, 1, 0, 0, 0, 0, 1])
    #expect(try oneHot([labels], Arguments([.integer(2)])).values == [0, 1, 1, 0, 0, 0])
    #expect(try oneHot([labels], Arguments([.integer(4)])).shape.dimensions == [3, 4])
    #expect(throws: NNError.self) { try oneHot([Symbol.fill(0, Shape([3]))]) }
    #expect(throws: NNError.self) { try oneHot([labels], Arguments([.integer(0)])) }
    #expect(throws: NNError.self) { try gather([Tensor([1]).reshaped([]), labels]) }
  }
}
