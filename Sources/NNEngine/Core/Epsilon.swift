import Synchronization

/// A small number that keeps a divisor away from zero. Where a configuration gives nil, it is the process's, as it is at that moment.
struct Epsilon: ConfigValue, Hashable {
  let value: Double

  /// Keras's literal default: constructors do not follow `set_epsilon`, unless they are given nil.
  init() { value = Epsilon.usual }
  private init(_ value: Double) { self.value = value }

  static let kind = "a finite number that is not negative, or nil"

  static func decode(_ value: Value) -> Epsilon? {
    if value.isNull { return Epsilon(FuzzFactor.value) }
    guard let x = Double.decode(value), x >= 0, x.isFinite else { return nil }
    return Epsilon(x)
  }

  var encoded: Value { .number(value) }

  static let usual = 1e-7
}

/// Keras's backend epsilon, which `nn.set_epsilon` sets.
public enum FuzzFactor {
  private static let bits = Atomic<UInt64>(Epsilon.usual.bitPattern)

  /// What `epsilon=nil` means from now on.
  public static var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  /// Sets it; 1e-7 at start.
  public static func set(_ new: Double) throws(NNError) {
    guard new > 0, new.isFinite else {
      throw .invalid("set_epsilon: expected a positive finite number, got \(new)")
    }
    bits.store(new.bitPattern, ordering: .relaxed)
  }
}
