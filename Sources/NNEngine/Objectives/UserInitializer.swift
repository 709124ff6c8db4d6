/// A user's function of the shape as an initializer. It gives numbers, at once.
struct UserInitializer: InitializerDefinition, UserComponent, @unchecked Sendable {
  var code: UserCode?
  static var isRandom: Bool { false }
  var seed: Int? { nil }

  /// Not used: `values` is.
  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {}

  /// The numbers that the function gives.
  func values(_ shape: Shape) throws(NNError) -> Tensor {
    guard let code else { throw UserCode.isNotInFiles }
    let result = try code.function.call([.list(shape.dimensions.map { .integer($0) })])
    if let number = Double.decode(result) { return try Tensor(number, shape: shape, dtype: .float32) }
    guard case .object(let object) = result, let box = object as? Boxed<Tensor> else {
      throw .invalid("initializer: the function must return a tensor or a number, got \(result.text)")
    }
    guard box.value.shape == shape else {
      throw .shape("initializer: the function must return shape \(shape), got \(box.value.shape)")
    }
    return try box.value.astype(.float32)
  }
}

extension Initializer: UserDefinable {
  static func make(_ code: UserCode) -> Initializer { Initializer(UserInitializer(code: code)) }
}
