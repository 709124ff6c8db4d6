import Testing

@testable import NNEngine

@Suite("Gathering rows")
struct GatherTests {
  static func gathered(_ tensor: Tensor, _ rows: [Int]) -> [Float] {
    let gather = Gather(tensor)
    var out = [Float](repeating: -1, count: rows.count * gather.width + 1)
    out.withUnsafeMutableBufferPointer { out in
      guard let start = out.baseAddress else { return }
      rows.withUnsafeBufferPointer { gather.gather($0, into: start) }
    }
    #expect(out.last == -1, "wrote behind the end")
    return out.dropLast()
  }

  static func gathered(_ tensor: Tensor, _ range: Range<Int>) -> [Float] {
    let gather = Gather(tensor)
    var out = [Float](repeating: -1, count: range.count * gather.width + 1)
    out.withUnsafeMutableBufferPointer { out in
      if let start = out.baseAddress { gather.gather(range, into: start) }
    }
    #expect(out.last == -1, "wrote behind the end")
    return out.dropLast()
  }

  @Test("any storage type, any order, ranges, slices", arguments: DType.allCases, [1, 3, 17])
  func small(_ dtype: DType, _ width: Int) throws {
    let values = (0..<(5 * width)).map { Float($0 % 200) }
    let tensor = try Tensor(values, shape: Shape([5, width])).astype(dtype)
    let expected = tensor.values
    let rows = [4, 0, 0, 3]
    #expect(Self.gathered(tensor, rows) == rows.flatMap { expected[($0 * width)..<(($0 + 1) * width)] })
    #expect(Self.gathered(tensor, 1..<4) == Array(expected[width..<(4 * width)]))
    #expect(Self.gathered(try tensor.slice(2..<5), 1..<3) == Array(expected[(3 * width)...]))
    #expect(Self.gathered(tensor, []).isEmpty && Self.gathered(tensor, 2..<2).isEmpty)
  }

  @Test("vectors have rows of one number")
  func vector() throws { #expect(Self.gathered(try Tensor([1, 2, 3]), [2, 1]) == [3, 2]) }

  /// From 512 columns on, rows of small batches are copied by parts.
  @Test("small batches of wide rows: the same as taking rows", arguments: [511, 512, 785], [1, 5, 32, 64, 65])
  func wide(_ width: Int, _ count: Int) throws {
    for dtype in [DType.uint8, .float32] {
      let tensor = try Tensor((0..<(90 * width)).map { Float($0 % 251) }, shape: Shape([90, width])).astype(dtype)
      let rows = Array(RandomStream(seed: 2, stream: 1).permutation(90).prefix(count))
      #expect(Self.gathered(tensor, rows) == (try tensor.take(rows)).values)
    }
  }

  @Test("large batches, which threads share: the same as taking rows", arguments: [DType.uint8, .float32])
  func large(_ dtype: DType) throws {
    let tensor = try Tensor((0..<(700 * 991)).map { Float($0 % 256) }, shape: Shape([700, 991])).astype(dtype)
    let rows = RandomStream(seed: 1, stream: 1).permutation(700)
    #expect(Self.gathered(tensor, rows) == (try tensor.take(rows)).values)
    #expect(Self.gathered(tensor, 0..<700) == tensor.values)
  }
}

@Suite struct GatherAllocationTests {
  @Test("allocates nothing", .countsAllocations)
  func none() throws {
    let gather = Gather(try Tensor(zeros: Shape([1000, 784]), dtype: .uint8))
    let out = UnsafeMutablePointer<Float>.allocate(capacity: 1000 * 784)
    defer { out.deallocate() }
    let rows = Array(0..<1000)
    gather.gather(0..<1000, into: out)
    let made = try AllocationCounter.count {
      rows.withUnsafeBufferPointer { rows in
        for _ in 0..<10 { gather.gather(rows, into: out) }
      }
      for _ in 0..<10 { gather.gather(0..<32, into: out) }
    }
    #expect(made == 0)
  }
}
