/// One number everywhere.
struct Constant: InitializerDefinition {
  var value = 0.0

  static let className = "Constant"
  static let doc = "The same number in every element."
  static let fields: [Field<Constant>] = [Field("value", \.value, check: .finite, "The number.")]
  static var isRandom: Bool { false }
  var seed: Int? { nil }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    out.update(repeating: Float(value), count: shape.count)
  }
}

/// 0 everywhere.
struct Zeros: InitializerDefinition {
  static let className = "Zeros"
  static let doc = "0 in every element."
  static let fields: [Field<Zeros>] = []
  static var isRandom: Bool { false }
  var seed: Int? { nil }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    out.update(repeating: 0, count: shape.count)
  }
}

/// 1 everywhere.
struct Ones: InitializerDefinition {
  static let className = "Ones"
  static let doc = "1 in every element."
  static let fields: [Field<Ones>] = []
  static var isRandom: Bool { false }
  var seed: Int? { nil }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    out.update(repeating: 1, count: shape.count)
  }
}
