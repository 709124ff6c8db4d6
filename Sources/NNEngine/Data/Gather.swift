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
    chunks = max(1, min(count, count &* width / Gather.elementsPerChunk))
    ThreadPool.shared.run(chunks, body)
    (self.rows, self.out) = (nil, nil)
  }

  private func convert(_ chunk: Int) {
    guard let out else { return }
    let (begin, end) = (count &* chunk / chunks, count &* (chunk &+ 1) / chunks)
    guard let rows else {
      return convert(from: (first &+ begin) &* width, (end &- begin) &* width, out + begin &* width)
    }
    for i in begin..<end {
      // Shuffled rows lie anywhere in memory: the next one is on its way while this one is copied.
      if i &+ 1 < end { prefetch(row: rows[i &+ 1]) }
      convert(from: rows[i] &* width, width, out + i &* width)
    }
  }

  private func prefetch(row: Int) {
    let bytes = width &* tensor.dtype.byteCount
    let start = tensor.bytes + row &* bytes
    var offset = 0
    while offset < min(bytes, 8192) {
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
