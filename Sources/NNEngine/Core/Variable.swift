import KernelTable

/// Numbers with identity, which programs read and write in place: a weight, a statistic, an optimizer's slot, a feed.
///
/// Layers that are shared by two models share their variables; a program binds to a variable's memory once, so the
/// memory never moves.
public final class Variable {
  /// What the numbers are for.
  public enum Role: Sendable {
    /// Learned by gradient.
    case weight
    /// Kept by the layer itself: moving averages.
    case statistic
    /// Kept by an optimizer.
    case slot
    /// Input of a program: a batch, a rate.
    case feed
  }

  /// Keras's name of a weight: "kernel", "bias", "gamma".
  public let name: String
  /// The extents.
  public let shape: Shape
  /// What it is for.
  public let role: Role
  /// "dense_1/kernel"; the layer sets it when it gets its name.
  public internal(set) var path: String
  private var isFrozen = false
  /// Whether training changes it, as far as the layer that it belongs to is trainable; takes effect at the next call of fit. Weights only: what a
  /// layer keeps by itself is never trained, and stays false.
  public var trainable: Bool {
    get { role == .weight && !isFrozen }
    set { isFrozen = !newValue }
  }
  /// Whether a regularizer's penalty on it belongs to the loss, and which.
  var regularizer: Regularizer?
  /// What is applied to it after each update.
  var constraint: Constraint?

  /// How often the value has changed: by `overwrite`, and by each run of a program that assigns to the variable.
  private(set) var changes: UInt = 0

  private let storage: Storage
  /// Computes the first value; nil once it is there, or something else is.
  private var filling: ((Output) -> Void)?

  /// A new variable, all zeros.
  public init(_ name: String, _ shape: Shape, role: Role = .weight) throws(NNError) {
    self.name = name
    self.path = name
    self.shape = shape
    self.role = role
    self.storage = try Storage(byteCount: shape.count * MemoryLayout<Float>.stride)
  }

  /// The elements, contiguous, row-major; valid as long as the variable.
  var pointer: Output {
    if let fill = filling {
      filling = nil
      fill(storage.floats)
    }
    return storage.floats
  }

  /// Gives the variable a first value, which is computed when somebody looks: a file's weights may come before that, and random numbers for a large
  /// matrix take longer than reading it.
  func begin(with filling: @escaping (Output) -> Void) { self.filling = filling }

  /// Overwrites all elements. When that fails, they are what it has left.
  func overwrite(_ body: (Output) throws(NNError) -> Void) throws(NNError) {
    filling = nil
    noteChange()
    try body(storage.floats)
  }

  /// Its memory is about to be written by way of its pointer.
  func noteChange() { changes &+= 1 }

  /// The same memory as bits.
  var words: UnsafeMutablePointer<UInt32> { UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt32.self) }
  /// Whether no element is NaN or infinite.
  var isFinite: Bool { CPU.kernels.firstNonFinite(shape.count, pointer) < 0 }

  /// A copy of the present value.
  public func value() throws(NNError) -> Tensor {
    try Tensor(copying: UnsafeRawPointer(pointer), shape: shape, dtype: .float32)
  }

  /// Overwrites the value; the shape must be the variable's.
  public func set(_ tensor: Tensor) throws(NNError) {
    guard tensor.shape == shape else {
      throw .shape("\(path): expected a value of shape \(shape), got \(tensor.shape)")
    }
    let source = try tensor.astype(.float32)
    try overwrite { (p) in withExtendedLifetime(source) { p.update(from: source.floats, count: shape.count) } }
  }
}
