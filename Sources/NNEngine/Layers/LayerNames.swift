import Synchronization

/// Names as Keras counts them: dense, dense_1, dense_2, each class by itself, over the whole process.
public enum LayerNames {
  private static let counts = Mutex<[String: Int]>([:])

  /// The next free name for a class.
  static func next(for className: String) -> String {
    let base = snakeCase(className)
    let count = counts.withLock { counts in
      defer { counts[base, default: 0] += 1 }
      return counts[base] ?? 0
    }
    // Keras counts inputs from 1.
    if className == InputLayer.className { return "input_\(count + 1)" }
    return count == 0 ? base : "\(base)_\(count)"
  }

  /// Starts counting again, as Keras's clear_session does.
  public static func reset() { counts.withLock { $0 = [:] } }

  /// BatchNormalization → batch_normalization, PReLU → p_re_lu, ELU → elu, Conv2D → conv2d: Keras's rule, an underscore before each capital
  /// that a small letter or a digit follows, and after each small letter that a capital follows.
  static func snakeCase(_ name: String) -> String {
    let c = Array(name)
    var result = ""
    for i in c.indices {
      if i > 0, c[i].isUppercase {
        let beforeSmall = i + 1 < c.count && (c[i + 1].isLowercase || c[i + 1].isNumber)
        if beforeSmall || c[i - 1].isLowercase { result += "_" }
      }
      result += c[i].lowercased()
    }
    return result
  }
}
