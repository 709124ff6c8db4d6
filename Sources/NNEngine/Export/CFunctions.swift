import KernelTable

/// The functions of one and of two variables in C: the same formulas as the kernels', by the functions of libm.
extension CFunction {
  /// The function, and what comes behind x.
  static func scalar(_ map: Map) -> (function: CFunction, arguments: [String]) {
    let p = map.parameters
    if map.label == "relu", p.a == .infinity, p.b == 0, p.c == 0 { return (unary("relu", "x <= 0.0f ? 0.0f : x"), []) }
    let (parameters, body) = scalars[map.label] ?? ([], "x")
    let all = [p.a, p.b, p.c]
    let name = map.label == "relu" ? "relu_general" : map.label
    return (unary(name, body, parameters), all.prefix(parameters.count).map(CNumber.text))
  }

  private static func unary(_ name: String, _ body: String, _ parameters: [String] = []) -> CFunction {
    let list = (["x"] + parameters).map { "float \($0)" }.joined(separator: ", ")
    return inline(name, list, body)
  }

  /// A body without a "return" is an expression.
  private static func inline(_ name: String, _ parameters: String, _ body: String) -> CFunction {
    let body = body.contains("return") ? body : "return \(body)"
    return CFunction(name: name, text: "static inline float NAME_\(name)(\(parameters)) { \(body); }\n")
  }

  /// Parameters and an expression in x, by the names of the table of scalar functions.
  static let scalars: [String: (parameters: [String], body: String)] = [
    "linear": ([], "x"),
    // NaN stays NaN.
    "relu": (
      ["most", "slope", "threshold"],
      """
      const float y = x > threshold || x != x ? x : slope == 0.0f ? 0.0f : slope * (x - threshold); \
      return y >= most ? most : y
      """
    ),
    "elu": (["alpha"], "x > 0.0f ? x : alpha * expm1f(x)"),
    "selu": ([], "x > 0.0f ? 1.050701f * x : 1.7580993f * expm1f(x)"),
    "tanh": ([], "tanhf(x)"),
    "sigmoid": ([], "1.0f / (1.0f + expf(-x))"),
    "softplus": ([], "x > 0.0f ? x + log1pf(expf(-x)) : log1pf(expf(x))"),
    "softsign": ([], "x / (1.0f + fabsf(x))"),
    "hard_sigmoid": ([], "x < -2.5f ? 0.0f : x > 2.5f ? 1.0f : 0.2f * x + 0.5f"),
    "swish": ([], "x / (1.0f + expf(-x))"),
    "gelu": ([], "0.5f * x * erfcf(-0.70710678f * x)"),
    "gelu_approximate": ([], "x / (1.0f + expf(-x * (1.5957691f + 0.07135481f * x * x)))"),
    "mish": ([], "const float w = expf(x), n = w * (w + 2.0f); return x > 20.0f ? x : x * (n / (n + 2.0f))"),
    "thresholded_relu": (["theta"], "x * (x > theta ? 1.0f : 0.0f)"),
    "exp": ([], "expf(x)"), "expm1": ([], "expm1f(x)"), "log": ([], "logf(x)"), "log1p": ([], "log1pf(x)"),
    "square": ([], "x * x"), "sqrt": ([], "sqrtf(x)"), "rsqrt": ([], "1.0f / sqrtf(x)"),
    "reciprocal": ([], "1.0f / x"), "negative": ([], "-x"), "abs": ([], "fabsf(x)"),
    "sign": ([], "x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x"), "erf": ([], "erff(x)"),
    // Near 0 by sinh, where the logarithm of the sum would lose its digits.
    "log_cosh": (
      [],
      """
      const float a = fabsf(x), s = sinhf(0.5f * x); \
      return a < 4.0f ? log1pf(2.0f * s * s) : a - 0.6931472f + log1pf(expf(-2.0f * a))
      """
    ),
    "floor": ([], "floorf(x)"), "ceil": ([], "ceilf(x)"), "round": ([], "rintf(x)"), "sin": ([], "sinf(x)"),
    "cos": ([], "cosf(x)"), "isnan": ([], "isnan(x) ? 1.0f : 0.0f"), "isfinite": ([], "isfinite(x) ? 1.0f : 0.0f"),
    "logical_not": ([], "x == 0.0f ? 1.0f : 0.0f"),
    "clip": (["least", "most"], "x > most ? most : x < least ? least : x"),
  ]

  /// What the functions may be called, so that no array is.
  static var names: [String] {
    scalars.keys + ["relu_general"] + BinaryFunction.allCases.map(name) + [accumulate.name, accumulateInt8.name]
  }

  private static func name(_ function: BinaryFunction) -> String {
    "\(function)".reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
  }

  /// What a function of two variables is of expressions `a` and `b`.
  static func binary(_ function: BinaryFunction, _ a: String, _ b: String, _ c: inout CBody) -> String {
    switch function {
    case .add: return "\(a) + \(b)"
    case .subtract: return "\(a) - \(b)"
    case .multiply: return "\(a) * \(b)"
    case .divide: return "\(a) / \(b)"
    default: break
    }
    let body: String =
      switch function {
      case .power: "powf(a, b)"
      // NaN in either operand is kept.
      case .maximum: "a != a ? a : a > b ? a : b"
      case .minimum: "a != a ? a : a < b ? a : b"
      case .floorDivide: "floorf(a / b)"
      case .modulo: "const float r = fmodf(a, b); return r != 0.0f && (r < 0.0f) != (b < 0.0f) ? r + b : r"
      case .equal: "a == b ? 1.0f : 0.0f"
      case .notEqual: "a != b ? 1.0f : 0.0f"
      case .less: "a < b ? 1.0f : 0.0f"
      case .lessEqual: "a <= b ? 1.0f : 0.0f"
      case .greater: "a > b ? 1.0f : 0.0f"
      case .greaterEqual: "a >= b ? 1.0f : 0.0f"
      case .logicalAnd: "a != 0.0f && b != 0.0f ? 1.0f : 0.0f"
      case .logicalOr: "a != 0.0f || b != 0.0f ? 1.0f : 0.0f"
      case .logicalXor: "(a != 0.0f) != (b != 0.0f) ? 1.0f : 0.0f"
      case .parametricReLU: "a > 0.0f ? a : a * b"
      case .parametricReLUSlope: "a > 0.0f ? 1.0f : a < 0.0f ? b : 0.0f"
      case .add, .subtract, .multiply, .divide: ""
      }
    let name = name(function)
    return "\(c.function(inline(name, "float a, float b", body)))(\(a), \(b))"
  }

  // MARK: Products

  /// y += x · w, four rows of w at a time: each number of y is then loaded and stored a quarter as often.
  static let accumulate = accumulating("accumulate", "float", "")
  /// The same with a kernel of int8; the columns' scales are applied to the sums.
  static let accumulateInt8 = accumulating("accumulate_int8", "signed char", "(float)")

  private static func accumulating(_ name: String, _ type: String, _ cast: String) -> CFunction {
    CFunction(
      name: name,
      text: """
        /* y[columns] += x[depth] * w[depth][columns] */
        static void NAME_\(name)(int depth, int columns, const float *x, const \(type) *NAME_RESTRICT w,
            float *NAME_RESTRICT y) {
          int k = 0;
          for (; k + 4 <= depth; k += 4) {
            const float a = x[k], b = x[k + 1], c = x[k + 2], d = x[k + 3];
            const \(type) *const w1 = w + columns, *const w2 = w1 + columns, *const w3 = w2 + columns;
            for (int j = 0; j < columns; ++j) {
              y[j] += (a * \(cast)w[j] + b * \(cast)w1[j]) + (c * \(cast)w2[j] + d * \(cast)w3[j]);
            }
            w = w3 + columns;
          }
          for (; k < depth; ++k) {
            const float a = x[k];
            for (int j = 0; j < columns; ++j) y[j] += a * \(cast)w[j];
            w += columns;
          }
        }

        """)
  }
}
