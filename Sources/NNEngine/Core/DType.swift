/// How a tensor stores its elements. Programs compute in float32; the others are storage at the edges (images, labels,
/// masks), converted when they enter a program.
public enum DType: Int32, Sendable, CaseIterable {
  /// IEEE single precision.
  case float32 = 0
  /// Two's complement, 32 bits.
  case int32 = 1
  /// 0 … 255.
  case uint8 = 2
  /// One byte, 0 or 1.
  case bool = 3

  /// NumPy's name: "float32", "int32", "uint8", "bool".
  public var name: String {
    switch self {
    case .float32: "float32"
    case .int32: "int32"
    case .uint8: "uint8"
    case .bool: "bool"
    }
  }

  /// Bytes of one element.
  public var byteCount: Int { self == .float32 || self == .int32 ? 4 : 1 }

  /// The type with this name ("boolean" is accepted for "bool").
  public init(name: String) throws(NNError) {
    if let found = DType.allCases.first(where: { $0.name == (name == "boolean" ? "bool" : name) }) {
      self = found
      return
    }
    throw .invalid("unknown dtype '\(name)'" + Suggestion.hint(for: name, among: DType.allCases.map(\.name)))
  }

  /// The type in which two tensors meet, as NumPy has it: bool, uint8, int32, float32, whichever comes last.
  static func promoted(_ a: DType, _ b: DType) -> DType { a.generality >= b.generality ? a : b }

  private var generality: Int {
    switch self {
    case .bool: 0
    case .uint8: 1
    case .int32: 2
    case .float32: 3
    }
  }
}
