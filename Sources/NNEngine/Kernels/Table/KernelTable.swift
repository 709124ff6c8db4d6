/// Where kernels read: `count` contiguous floats, never NULL.
package typealias Input = UnsafePointer<Float>
/// Where kernels write: `count` contiguous floats, never NULL.
package typealias Output = UnsafeMutablePointer<Float>

/// The kernels of one processor level: everything through which the operations reach machine code, and nothing else.
///
/// Both kernel modules fill one value of this type from the same source (`Code`, `CodeAVX512`); the engine picks one at
/// start. Every kernel is a pure function on pointers: it allocates nothing, keeps nothing and uses no threads. Where a
/// kernel takes a range, the caller may split the whole range over threads at any place: each output element is
/// computed by the same sequence of roundings whatever the split.
package struct KernelTable: Sendable {
  /// "avx2", "avx512" or "portable".
  package let level: StaticString
  /// Floats in one register: 8 or 16.
  package let lanes: Int

  // MARK: Elementwise

  /// The functions of one variable, index 0 ..< scalarFunctionCount.
  package let scalarFunctionCount: Int
  package let scalarFunction: @Sendable (_ index: Int) -> ScalarFunction
  /// out[i] = f(a[i·aStep], b[i·bStep]) for i in 0 ..< count; the steps are 0 (one value for all) or 1. `out` may be `a` or `b`
  /// when that one's step is 1. Comparisons and logical functions give 1 or 0.
  package let binary:
    @Sendable (
      _ f: BinaryFunction, _ count: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output
    ) -> Void
  /// out[i] = c[i·cStep] ≠ 0 ? a[i·aStep] : b[i·bStep]
  package let select:
    @Sendable (
      _ count: Int, _ c: Input, _ cStep: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output
    ) -> Void
  package let fill: @Sendable (_ count: Int, _ value: Float, _ out: Output) -> Void
  package let copy: @Sendable (_ count: Int, _ x: Input, _ out: Output) -> Void

  // MARK: Reductions

  /// x is [outer, count, inner], row-major; out is [outer, inner]: out[o, i] = reduction over c of x[o, c, i], for
  /// o in outer and i in inner. `innerExtent` is the whole last axis. argMax and argMin give the first index as a float. NaN wins in max, min, argMax and argMin.
  package let reduce:
    @Sendable (
      _ r: Reduction, _ outer: Range<Int>, _ count: Int, _ inner: Range<Int>, _ innerExtent: Int, _ x: Input,
      _ out: Output
    ) -> Void

  // MARK: Rows of classes

  /// y[r, :] = softmax(x[r, :]); y may be x.
  package let softmax: @Sendable (_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) -> Void
  /// dx[r, :] = y ∘ (dy − Σ dy∘y)
  package let softmaxGradient:
    @Sendable (_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) -> Void
  /// y[r, :] = log softmax(x[r, :]), exactly; y must not be x.
  package let logSoftmax: @Sendable (_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) -> Void
  /// dx[r, :] = dy − e^y · Σ dy; dx may be y or dy.
  package let logSoftmaxGradient:
    @Sendable (_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) -> Void
  /// loss[r] = −log softmax(x[r, :])[label[r]] exactly, from the logits; probabilities[r, :] = softmax(x[r, :]). A label outside
  /// 0 ..< columns (or NaN) gives loss NaN, and reads nothing outside.
  package let sparseCrossEntropy:
    @Sendable (
      _ rows: Range<Int>, _ columns: Int, _ x: Input, _ labels: Input, _ loss: Output, _ probabilities: Output
    ) -> Void
  /// dx[r, :] = (probabilities[r, :] − onehot(label[r])) · dLoss[r]
  package let sparseCrossEntropyGradient:
    @Sendable (
      _ rows: Range<Int>, _ columns: Int, _ probabilities: Input, _ labels: Input, _ dLoss: Input, _ dx: Output
    ) -> Void
  /// loss[r] = −Σ target[r, :] ∘ log softmax(x[r, :])
  package let crossEntropy:
    @Sendable (
      _ rows: Range<Int>, _ columns: Int, _ x: Input, _ target: Input, _ loss: Output, _ probabilities: Output
    ) -> Void
  /// dx[r, :] = (probabilities[r, :] · Σ target[r, :] − target[r, :]) · dLoss[r]
  package let crossEntropyGradient:
    @Sendable (
      _ rows: Range<Int>, _ columns: Int, _ probabilities: Input, _ target: Input, _ dLoss: Input, _ dx: Output
    ) -> Void
  /// loss[i] = max(x, 0) − x·target + log1p(e^−|x|): binary cross-entropy, exactly, from the logit.
  package let sigmoidCrossEntropy: @Sendable (_ count: Int, _ x: Input, _ target: Input, _ loss: Output) -> Void
  /// dx[i] = (σ(x) − target) · dLoss[i]
  package let sigmoidCrossEntropyGradient:
    @Sendable (_ count: Int, _ x: Input, _ target: Input, _ dLoss: Input, _ dx: Output) -> Void

  // MARK: Layout and storage types

  /// out (contiguous, shape `extents`) = x read with `strides` (in floats; 0 repeats): any transpose, any broadcast. rank ≤ 8.
  /// `range` is the part of the flattened output that is written.
  package let gatherStrided:
    @Sendable (
      _ rank: Int, _ extents: UnsafePointer<Int>, _ strides: UnsafePointer<Int>, _ range: Range<Int>, _ x: Input,
      _ out: Output
    ) -> Void
  /// out[i] = Float(x[i]) · scale, from uint8 and boolean.
  package let convertUInt8: @Sendable (_ count: Int, _ x: UnsafePointer<UInt8>, _ scale: Float, _ out: Output) -> Void
  /// out[i] = Float(x[i]) · scale, from int32.
  package let convertInt32: @Sendable (_ count: Int, _ x: UnsafePointer<Int32>, _ scale: Float, _ out: Output) -> Void
  /// The index of the first x[i] that is NaN or infinite, or −1.
  package let firstNonFinite: @Sendable (_ count: Int, _ x: Input) -> Int

  // MARK: Families with a table of their own

  package let random: RandomKernels
  package let normalization: NormalizationKernels
  package let indexing: IndexKernels
  package let windows: WindowKernels

  // MARK: Matrix multiplication

  /// How a product of this shape is computed: chunks for the threads, scratch memory. A function of the shape only.
  package let gemmPlan: @Sendable (_ shape: GemmShape) -> GemmPlan
  /// Computes chunk `chunk` of `plan.chunks`. Chunks may run in any order and at once.
  package let gemmRun: @Sendable (_ task: UnsafePointer<GemmTask>, _ chunk: Int) -> Void

  package init(
    level: StaticString, lanes: Int, scalarFunctionCount: Int,
    scalarFunction: @escaping @Sendable (Int) -> ScalarFunction,
    binary: @escaping @Sendable (BinaryFunction, Int, Input, Int, Input, Int, Output) -> Void,
    select: @escaping @Sendable (Int, Input, Int, Input, Int, Input, Int, Output) -> Void,
    fill: @escaping @Sendable (Int, Float, Output) -> Void, copy: @escaping @Sendable (Int, Input, Output) -> Void,
    reduce: @escaping @Sendable (Reduction, Range<Int>, Int, Range<Int>, Int, Input, Output) -> Void,
    softmax: @escaping @Sendable (Range<Int>, Int, Input, Output) -> Void,
    softmaxGradient: @escaping @Sendable (Range<Int>, Int, Input, Input, Output) -> Void,
    logSoftmax: @escaping @Sendable (Range<Int>, Int, Input, Output) -> Void,
    logSoftmaxGradient: @escaping @Sendable (Range<Int>, Int, Input, Input, Output) -> Void,
    sparseCrossEntropy: @escaping @Sendable (Range<Int>, Int, Input, Input, Output, Output) -> Void,
    sparseCrossEntropyGradient: @escaping @Sendable (Range<Int>, Int, Input, Input, Input, Output) -> Void,
    crossEntropy: @escaping @Sendable (Range<Int>, Int, Input, Input, Output, Output) -> Void,
    crossEntropyGradient: @escaping @Sendable (Range<Int>, Int, Input, Input, Input, Output) -> Void,
    sigmoidCrossEntropy: @escaping @Sendable (Int, Input, Input, Output) -> Void,
    sigmoidCrossEntropyGradient: @escaping @Sendable (Int, Input, Input, Input, Output) -> Void,
    gatherStrided: @escaping @Sendable (Int, UnsafePointer<Int>, UnsafePointer<Int>, Range<Int>, Input, Output) -> Void,
    convertUInt8: @escaping @Sendable (Int, UnsafePointer<UInt8>, Float, Output) -> Void,
    convertInt32: @escaping @Sendable (Int, UnsafePointer<Int32>, Float, Output) -> Void,
    firstNonFinite: @escaping @Sendable (Int, Input) -> Int,
    random: RandomKernels, normalization: NormalizationKernels, indexing: IndexKernels, windows: WindowKernels,
    gemmPlan: @escaping @Sendable (GemmShape) -> GemmPlan,
    gemmRun: @escaping @Sendable (UnsafePointer<GemmTask>, Int) -> Void
  ) {
    self.level = level
    self.lanes = lanes
    self.scalarFunctionCount = scalarFunctionCount
    self.scalarFunction = scalarFunction
    self.binary = binary
    self.select = select
    self.fill = fill
    self.copy = copy
    self.reduce = reduce
    self.softmax = softmax
    self.softmaxGradient = softmaxGradient
    self.logSoftmax = logSoftmax
    self.logSoftmaxGradient = logSoftmaxGradient
    self.sparseCrossEntropy = sparseCrossEntropy
    self.sparseCrossEntropyGradient = sparseCrossEntropyGradient
    self.crossEntropy = crossEntropy
    self.crossEntropyGradient = crossEntropyGradient
    self.sigmoidCrossEntropy = sigmoidCrossEntropy
    self.sigmoidCrossEntropyGradient = sigmoidCrossEntropyGradient
    self.gatherStrided = gatherStrided
    self.convertUInt8 = convertUInt8
    self.convertInt32 = convertInt32
    self.firstNonFinite = firstNonFinite
    self.random = random
    self.normalization = normalization
    self.indexing = indexing
    self.windows = windows
    self.gemmPlan = gemmPlan
    self.gemmRun = gemmRun
  }
}
