/// C[m, n] = op(A)[m, k] · op(B)[k, n], row-major.
package struct GemmShape: Sendable, Hashable {
  package var m: Int
  package var n: Int
  package var k: Int
  /// A is stored [k, m].
  package var transposeA: Bool
  /// B is stored [n, k].
  package var transposeB: Bool
  /// Rows of C are finished as a whole: `update` may sum over them.
  package var keepsRows = false
  /// B was not moved by the product before, as in training: nothing is gained by cutting k for it.
  package var keepsDepth = false
  /// Much of A may be 0: it is looked for, and left out. The bits stay the same, but for the sign of a sum that is 0. A single row is
  /// looked at only if `hasFiniteB` says that it may be.
  package var skipsZeros = false
  package init(m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false) {
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
  }
}

/// What a shape decides: how the work is cut, how much scratch it needs. The other fields are the kernels' own.
package struct GemmPlan: Sendable {
  package var shape: GemmShape
  package var chunks: Int
  /// What must have run before any chunk. The numbers that run a product's parts are those of the opening chunks, the chunks and the
  /// closing chunks, one after another.
  package var openingChunks = 0
  /// How often the steps of k are cut. Each cut makes a product of its own in scratch memory, and the closing chunks add them up.
  package var depthCuts = 1
  /// What can run only when all chunks are done.
  package var closingChunks = 0
  /// For all chunks together; 64-byte aligned when given.
  package var scratchBytes: Int
  /// Private to the kernel module: the strategy, into how many parts rows (blockM) and columns (blockN) are cut, and how
  /// many steps of k are taken at once (blockK).
  package var strategy: Int
  package var blockM: Int
  package var blockN: Int
  package var blockK: Int
  /// For whoever runs them one after another.
  package var allChunks: Int { openingChunks + chunks + closingChunks }
  package init(
    shape: GemmShape, chunks: Int, scratchBytes: Int, strategy: Int, blockM: Int, blockN: Int, blockK: Int
  ) {
    self.shape = shape
    self.chunks = chunks
    self.scratchBytes = scratchBytes
    self.strategy = strategy
    self.blockM = blockM
    self.blockN = blockN
    self.blockK = blockK
  }
}

/// An optimizer's rule on `count` neighbouring weights that start at `at`: reads their gradient, moves them and their slots.
/// The same function serves whole variables and, while the gradient is still in the cache, the epilogue of the product that makes it.
package typealias RowUpdate = @Sendable (_ count: Int, _ gradient: Input, _ at: Int, _ target: UpdateTarget) -> Void

package struct UpdateTarget: Sendable {
  package nonisolated(unsafe) var weights: Output
  /// The optimizer's slots, each as long as the weights.
  package nonisolated(unsafe) var slots: (Output?, Output?, Output?)
  /// Learning rate and the like, in an order that the rule knows; read at run time.
  package nonisolated(unsafe) var hyperparameters: Input
  package init(weights: Output, slots: (Output?, Output?, Output?), hyperparameters: Input) {
    self.weights = weights
    self.slots = slots
    self.hyperparameters = hyperparameters
  }
}

/// A product bound to memory. What happens to a finished part of the product, in this order, while it is in the cache:
/// `+ bias` (per column), `f(·)` or `· f′(saved)`, then either stored to `c`, or handed to `update` and not stored.
package struct GemmTask {
  package var plan: GemmPlan
  package var a: Input
  package var b: Input
  package var c: Output
  /// Floats from one row to the next, as stored.
  package var strideA: Int
  package var strideB: Int
  package var strideC: Int
  /// The product is added to what `c` holds.
  package var accumulates: Bool
  package var scratch: UnsafeMutableRawPointer?
  /// n floats.
  package var bias: Input?
  package var function: ScalarFunction?
  package var parameters: Parameters
  /// With `function`: the product is a cotangent, and is multiplied by f′ at `saved` (m × n, stride n: x or y, as the
  /// function's `derivativeNeedsInput` says) instead of being mapped through f.
  package var saved: Input?
  /// The product is the gradient of `target.weights` (m × n, stride n): consumed here, `c` is not written.
  package var update: RowUpdate?
  package var target: UpdateTarget?
  /// `update` is plain gradient descent, w = h₀ w − h₁ g with the first two of the target's hyperparameters: it is done with the
  /// tile in registers, with the same bits.
  package var descends = false
  /// B holds neither infinities nor NaN, as somebody knows without looking now: where A is 0, the product adds 0.
  package var hasFiniteB = false

  package init(plan: GemmPlan, a: Input, b: Input, c: Output, scratch: UnsafeMutableRawPointer?) {
    self.plan = plan
    self.a = a
    self.b = b
    self.c = c
    self.strideA = plan.shape.transposeA ? plan.shape.m : plan.shape.k
    self.strideB = plan.shape.transposeB ? plan.shape.k : plan.shape.n
    self.strideC = plan.shape.n
    self.accumulates = false
    self.scratch = scratch
    self.parameters = Parameters()
  }
}
