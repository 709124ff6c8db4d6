import KernelTable

/// An operation's inputs and results as memory, and what its kernel may call: given once, when a program is compiled.
struct Binding {
  let node: Node
  let inputs: [Output]
  let outputs: [Output]
  let scratch: UnsafeMutableRawPointer?
  /// nil: everything on the calling thread (reference mode).
  let pool: ThreadPool?
  private let shared: CPU.SharedTable
  var kernels: KernelTable { _read { yield shared.table } }

  init(
    node: Node, inputs: [Output], outputs: [Output], scratch: UnsafeMutableRawPointer?, kernels: CPU.SharedTable,
    pool: ThreadPool?
  ) {
    self.node = node
    self.inputs = inputs
    self.outputs = outputs
    self.scratch = scratch
    self.shared = kernels
    self.pool = pool
  }

  func input(_ i: Int) -> Input { Input(inputs[i]) }
  func output(_ i: Int = 0) -> Output { outputs[i] }
  func shape(_ i: Int) -> Shape { node.inputs[i].shape }
  /// The number of elements of result 0.
  var count: Int { node.shapes[0].count }

  /// Work that is worth one fork and join: elements of a cheap elementwise loop per chunk.
  static let grain = 16_384

  /// A kernel that does `body` for all of 0 ..< count, in chunks of at least `grain` over the threads. The chunks depend on
  /// `count` only, and each element's value must not depend on its chunk.
  func overRange(_ count: Int, grain: Int = Binding.grain, _ body: @escaping (Range<Int>) -> Void) -> Kernel {
    let chunks = min(16, count / max(grain, 1))
    guard let pool, chunks > 1 else { return { body(0..<count) } }
    // Whole cache lines, so that two threads never write to one.
    let size = ((count + chunks - 1) / chunks + 15) & ~15
    let part: (Int) -> Void = { chunk in
      let low = min(count, chunk &* size)
      body(low..<min(count, low &+ size))
    }
    return { pool.run(chunks, part) }
  }

  /// A kernel that does `body` for each of `chunks` pieces that the operation has cut itself.
  func overChunks(_ chunks: Int, _ body: @escaping (Int) -> Void) -> Kernel {
    if let pool, chunks > 1 { return { pool.run(chunks, body) } }
    return { for chunk in 0..<chunks { body(chunk) } }
  }
}
