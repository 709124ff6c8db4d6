import CCPU
import KernelTable

/// Rows of a tensor of any storage type as float32 in a program's feed: what happens before each training step. Allocates
/// nothing, so it is made once for a tensor; used by one thread at a time.
final class Gather {
  private let tensor: Tensor
  private let kernels = CPU.kernels
  /// Elements of one row.
  let width: Int

  /// From so many elements on, the work is worth a second thread.
  private static let elementsPerChunk = 6 << 10

  /// The rows of the present call: these, or those from `first` on.
  private var rows: UnsafePointer<Int>?
  private var first = 0
  private var count = 0
  private var chunks = 1
  /// Into how many parts the columns are cut.
  private var parts = 1
  private var out: Output?
  /// The work on one chunk. Kept because making a closure that threads may call allocates.
  private var body: (Int) -> Void = { _ in }

  init(_ tensor: Tensor) {
    self.tensor = tensor
    width = tensor.rows == 0 ? 0 : tensor.shape.count / tensor.rows
    body = { [unowned self] chunk in convert(chunk) }
  }

  /// out[i, :] = tensor[rows[i], :]; every index must be a row of the tensor.
  func gather(_ rows: UnsafeBufferPointer<Int>, into out: Output) {
    guard let start = rows.baseAddress else { return }
    run(rows: start, first: 0, count: rows.count, out)
  }

  /// out = rows `range` of the tensor, which it must have.
  func gather(_ range: Range<Int>, into out: Output) {
    run(rows: nil, first: range.lowerBound, count: range.count, out)
  }

  private func run(rows: UnsafePointer<Int>?, first: Int, count: Int, _ out: Output) {
    (self.rows, self.first, self.count, self.out) = (rows, first, count, out)
    // Products of few rows are cut along their depth: each thread then finds the columns that it copied in its own cache.
    parts = rows != nil && count <= 64 && width >= 512 ? 2 : 1
    let cuts = min(count, count &* width / (parts &* Gather.elementsPerChunk))
    chunks = parts &* max(1, cuts)
    ThreadPool.shared.run(chunks, body)
    (self.rows, self.out) = (nil, nil)
  }

  /// Chunks are numbered part by part.
  private func convert(_ chunk: Int) {
    guard let out else { return }
    let cuts = chunks / parts
    let (part, cut) = (chunk / cuts, chunk % cuts)
    let (begin, end) = (count &* cut / cuts, count &* (cut &+ 1) / cuts)
    guard let rows else {
      return convert(from: (first &+ begin) &* width, (end &- begin) &* width, out + begin &* width)
    }
    let (low, high) = (width &* part / parts, width &* (part &+ 1) / parts)
    // Shuffled rows lie anywhere in memory: several are fetched at once, then copied.
    let together = max(1, Gather.bytesFetched / max(1, (high &- low) &* tensor.dtype.byteCount))
    var i = begin
    while i < end {
      let next = min(end, i &+ together)
      for row in i..<next { prefetch(from: rows[row] &* width &+ low, high &- low) }
      for row in i..<next { convert(from: rows[row] &* width &+ low, high &- low, out + (row &* width &+ low)) }
      i = next
    }
  }

  /// What the nearest cache holds beside what is written meanwhile.
  private static let bytesFetched = 24 << 10

  private func prefetch(from first: Int, _ count: Int) {
    let bytes = min(count &* tensor.dtype.byteCount, Gather.bytesFetched)
    let start = tensor.bytes + first &* tensor.dtype.byteCount
    var offset = 0
    while offset < bytes {
      ccpu_prefetch(start + offset)
      offset &+= 64
    }
  }

  private func convert(from first: Int, _ count: Int, _ out: Output) {
    let source = tensor.bytes + first &* tensor.dtype.byteCount
    switch tensor.dtype {
    case .float32: kernels.copy(count, source.assumingMemoryBound(to: Float.self), out)
    case .int32: kernels.convertInt32(count, source.assumingMemoryBound(to: Int32.self), 1, out)
    case .uint8, .bool: kernels.convertUInt8(count, source.assumingMemoryBound(to: UInt8.self), 1, out)
    }
  }
}
