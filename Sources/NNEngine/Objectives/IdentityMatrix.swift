/// The identity matrix, times a factor. (`Identity` is an operation of the graph.)
struct IdentityMatrix: InitializerDefinition {
  var gain = 1.0

  static let className = "Identity"
  static let doc = "gain on the diagonal of a matrix, 0 elsewhere; the matrix need not be square."
  static let fields: [Field<IdentityMatrix>] = [Field("gain", \.gain, check: .finite, "The number on the diagonal.")]
  static var isRandom: Bool { false }
  var seed: Int? { nil }

  func check(_ shape: Shape) throws(NNError) {
    guard shape.rank == 2 else { throw .shape("Identity makes matrices, not values of shape \(shape)") }
  }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    out.update(repeating: 0, count: shape.count)
    for i in 0..<min(shape[0], shape[1]) { out[i * shape[1] + i] = Float(gain) }
  }
}
