/// A named choice of `VarianceScaling`'s arguments that leaves only the seed open.
protocol VarianceScalingPreset: Sendable {
  static var className: String { get }
  static var doc: String { get }
  static var scaling: VarianceScaling { get }
}

/// The initializer of a preset.
///
/// TensorFlow 2.1 writes the Glorot presets into files under their own names and the others as VarianceScaling; the
/// registry does the same by what it wraps.
struct Preset<Choice: VarianceScalingPreset>: InitializerDefinition {
  var seed: Int?

  static var className: String { Choice.className }
  static var doc: String { Choice.doc }
  static var fields: [Field<Preset>] { [Field("seed", \.seed, "Repeats the same numbers at each use.")] }

  var scaling: VarianceScaling {
    var result = Choice.scaling
    result.seed = seed
    return result
  }

  func fill(_ out: UnsafeMutablePointer<Float>, shape: Shape, stream: RandomStream) {
    scaling.fill(out, shape: shape, stream: stream)
  }
}

enum GlorotUniform: VarianceScalingPreset {
  static let className = "GlorotUniform"
  static let doc = "Uniform with variance 2 / (fan_in + fan_out): for linear, tanh, sigmoid and softmax layers."
  static let scaling = VarianceScaling(scale: 1, mode: "fan_avg", distribution: "uniform")
}

enum GlorotNormal: VarianceScalingPreset {
  static let className = "GlorotNormal"
  static let doc = """
    Truncated normal with variance 2 / (fan_in + fan_out): for linear, tanh, sigmoid and softmax layers.
    """
  static let scaling = VarianceScaling(scale: 1, mode: "fan_avg", distribution: "truncated_normal")
}

enum HeUniform: VarianceScalingPreset {
  static let className = "HeUniform"
  static let doc = "Uniform with variance 2 / fan_in: for relu, elu and their relatives."
  static let scaling = VarianceScaling(scale: 2, mode: "fan_in", distribution: "uniform")
}

enum HeNormal: VarianceScalingPreset {
  static let className = "HeNormal"
  static let doc = "Truncated normal with variance 2 / fan_in: for relu, elu and their relatives."
  static let scaling = VarianceScaling(scale: 2, mode: "fan_in", distribution: "truncated_normal")
}

enum LecunUniform: VarianceScalingPreset {
  static let className = "LecunUniform"
  static let doc = "Uniform with variance 1 / fan_in: for selu."
  static let scaling = VarianceScaling(scale: 1, mode: "fan_in", distribution: "uniform")
}

enum LecunNormal: VarianceScalingPreset {
  static let className = "LecunNormal"
  static let doc = "Truncated normal with variance 1 / fan_in: for selu."
  static let scaling = VarianceScaling(scale: 1, mode: "fan_in", distribution: "truncated_normal")
}
