import KernelTable

/// The table of functions on tensors.
public enum TensorFunctions {
  /// Every function.
  public static let all: [TensorFunction] =
    elementwise + arithmetic + comparisons + reductions + layout + indexing + ordering + [ConfusionMatrix.function]

  /// The function with this name; the error suggests the nearest.
  public static func named(_ name: String) throws(NNError) -> TensorFunction {
    if let found = index[name] { return found }
    throw NNError(.notFound, "unknown function '\(name)'" + Suggestion.hint(for: name, among: all.map(\.name)))
  }
  private static let index = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  // MARK: One variable

  private static let elementwise: [TensorFunction] =
    ScalarFunctions.names.filter { !["clip", "round", "isnan", "isfinite", "logical_not", "linear"].contains($0) }.map {
      name in
      let f = CPU.kernels.scalarFunction((try? ScalarFunctions.index(name)) ?? 0)
      let names = ["\(f.parameterNames.0)", "\(f.parameterNames.1)", "\(f.parameterNames.2)"].filter { !$0.isEmpty }
      let defaults = f.parameterDefaults
      let fields = zip(names, [defaults.a, defaults.b, defaults.c]).map {
        FieldInfo(
          name: $0, aliases: [], kind: Double.kind, defaultText: "\($1)", choices: [], doc: "Parameter of \(name).")
      }
      @Sendable func parameters(_ arguments: Arguments) throws(NNError) -> Parameters {
        if arguments.isEmpty { return defaults }
        let given = try numbers(arguments, names, name) + [nil, nil, nil]
        return Parameters(given[0] ?? defaults.a, given[1] ?? defaults.b, given[2] ?? defaults.c)
      }
      return TensorFunction(
        name: name, doc: "\(f.doc)", operands: 1, fields: fields, result: .float32, isElementwise: true,
        emit: { (x, arguments) throws(NNError) in try x[0].apply(name, parameters(arguments)) },
        compute: { (x, arguments) throws(NNError) in try TypedMap.apply(name, x[0], parameters(arguments)) })
    } + [
      predicate("isnan", "true where x is not a number"),
      predicate("isfinite", "true where x is neither infinite nor NaN"),
      predicate("logical_not", "not x"),
      with(ClipOptions.self, "clip", "x limited to min ... max", isElementwise: true) { (x, o) throws(NNError) in
        try x[0].clip(min: Float(o.min), max: Float(o.max))
      } compute: { (x, o) throws(NNError) in
        try TypedMap.clip(x[0], o.min, o.max)
      },
      with(RoundOptions.self, "round", "x rounded to so many decimals (half to even)", isElementwise: true) {
        (x, o) throws(NNError) in
        if o.decimals == 0 { return try x[0].apply("round") }
        var scale: Float = 1
        for _ in 0..<o.decimals { scale *= 10 }
        return try (x[0] * scale).apply("round") / scale
      } compute: { (x, _) throws(NNError) in
        x[0].dtype == .float32 ? nil : x[0]
      },
      with(SoftmaxOptions.self, "softmax", "exp(x) / sum(exp(x)) along an axis") { (x, o) throws(NNError) in
        try x[0].softmax(axis: o.axis)
      },
      with(SoftmaxOptions.self, "log_softmax", "x - log(sum(exp(x))) along an axis") { (x, o) throws(NNError) in
        try x[0].logSoftmax(axis: o.axis)
      },
      with(LeakyReLUOptions.self, "leaky_relu", "x if x > 0; negative_slope * x below", isElementwise: true) {
        (x, o) throws(NNError) in try x[0].apply("relu", .infinity, Float(o.negativeSlope))
      },
      function("relu6", "x limited to 0 ... 6", .float32) { (x) throws(NNError) in try x[0].apply("relu", 6) },
      function("exponential", "e to the power of x", .float32) { (x) throws(NNError) in try x[0].exp() },
    ]

  // MARK: Two variables

  private static let arithmetic: [TensorFunction] =
    [
      ("add", "a + b", .add), ("subtract", "a - b", .subtract), ("multiply", "a * b", .multiply),
      ("divide", "a / b", .divide), ("power", "a ^ b", .power), ("floor_divide", "floor(a / b)", .floorDivide),
      ("mod", "a - floor(a / b) * b", .modulo), ("maximum", "the larger of each two", .maximum),
      ("minimum", "the smaller of each two", .minimum),
    ].map { binary($0, $1, $2, .float32) } + [
      TensorFunction(
        name: "where", doc: "a where condition is true, b elsewhere", operands: 3, fields: [], result: .float32,
        isElementwise: true,
        emit: { (x, arguments) throws(NNError) in
          _ = try numbers(arguments, [], "where")
          return try .select(x[0], x[1], x[2])
        },
        compute: { (x, arguments) throws(NNError) in
          _ = try numbers(arguments, [], "where")
          return try TypedSelect.apply(x[0], x[1], x[2])
        }),
      product("matmul", "Matrix product; of stacks of matrices, the products of their matrices.") {
        (a, b) throws(NNError) in try a.matmul(b)
      },
      product("dot", "Sum of products of two vectors; matrix product otherwise.") { (a, b) throws(NNError) in
        if a.shape.rank == 1, b.shape.rank == 1 {
          guard a.shape == b.shape else { throw .shape("dot: vectors of shapes \(a.shape) and \(b.shape)") }
          return try (a * b).sum()
        }
        return try a.matmul(b)
      },
    ]

  private static let comparisons: [TensorFunction] = [
    ("eq", "a = b", .equal), ("ne", "a differs from b", .notEqual), ("lt", "a < b", .less),
    ("le", "a <= b", .lessEqual),
    ("gt", "a > b", .greater), ("ge", "a >= b", .greaterEqual), ("logical_and", "a and b", .logicalAnd),
    ("logical_or", "a or b", .logicalOr), ("logical_xor", "either a or b", .logicalXor),
  ].map { binary($0, $1, $2, .bool) }

  private static func predicate(_ name: String, _ doc: String) -> TensorFunction {
    var function = function(name, doc, .bool) { (x) throws(NNError) in try x[0].apply(name) }
    function.compute = { (x, arguments) throws(NNError) in
      _ = try numbers(arguments, [], name)
      return try TypedMap.apply(name, x[0])
    }
    return function
  }

  private static func product(
    _ name: String, _ doc: String, _ body: @escaping @Sendable (Symbol, Symbol) throws(NNError) -> Symbol
  ) -> TensorFunction {
    TensorFunction(
      name: name, doc: doc, operands: 2, fields: [], result: .float32, isElementwise: false,
      emit: { (x, arguments) throws(NNError) in
        _ = try numbers(arguments, [], name)
        return try body(x[0], x[1])
      },
      compute: { (x, arguments) throws(NNError) in
        _ = try numbers(arguments, [], name)
        if let product = try TypedMatMul.apply(x[0], x[1]) { return product }
        return try DirectMatMul.apply(x[0], x[1])
      })
  }

  // MARK: Reductions and layout

  private static let reductions: [TensorFunction] = [
    reduction("sum", "Sum over the axes") { (x, a, k) throws(NNError) in try x.sum(axes: a, keepDims: k) },
    reduction("mean", "Mean over the axes") { (x, a, k) throws(NNError) in try mean(x, a, k) },
    reduction("var", "Variance over the axes (divided by n)") { (x, a, k) throws(NNError) in try variance(x, a, k) },
    reduction("std", "Standard deviation over the axes (divided by n)") { (x, a, k) throws(NNError) in
      try variance(x, a, k).sqrt()
    },
    reduction("max", "Largest over the axes") { (x, a, k) throws(NNError) in try x.max(axes: a, keepDims: k) },
    reduction("min", "Smallest over the axes") { (x, a, k) throws(NNError) in try x.min(axes: a, keepDims: k) },
    reduction("prod", "Product over the axes") { (x, a, k) throws(NNError) in try x.product(axes: a, keepDims: k) },
    reduction("norm", "Euclidean length over the axes") { (x, a, k) throws(NNError) in
      try x.square().sum(axes: a, keepDims: k).sqrt()
    },
    reduction("any", "true where an element over the axes is not 0", .bool) { (x, a, k) throws(NNError) in
      try x.apply("logical_not").min(axes: a, keepDims: k).apply("logical_not")
    },
    reduction("all", "true where no element over the axes is 0", .bool) { (x, a, k) throws(NNError) in
      try x.apply("logical_not").max(axes: a, keepDims: k).apply("logical_not")
    },
    reduction("argmax", "Position of the first largest along an axis, from 0", .int32) { (x, a, k) throws(NNError) in
      try extreme(x, a, k, .argMax)
    },
    reduction("argmin", "Position of the first smallest along an axis, from 0", .int32) { (x, a, k) throws(NNError) in
      try extreme(x, a, k, .argMin)
    },
  ]

  private static let layout: [TensorFunction] = [
    with(TransposeOptions.self, "transpose", "Axes in another order; reversed when no order is given") {
      (x, o) throws(NNError) in
      try x[0].transposed(o.axes)
    } compute: { (x, o) throws(NNError) in
      if x[0].dtype == .float32 { return nil }
      var order: [Int] = []
      for a in o.axes ?? Array((0..<x[0].shape.rank).reversed()) {
        order.append(try x[0].shape.axis(a, for: "transpose"))
      }
      return try x[0].rearranged(order)
    },
    with(AxisOption.self, "concat", "Tensors one after another along an axis.", operands: -1) {
      (x, o) throws(NNError) in
      try .concatenated(x, axis: o.axis)
    } compute: { (x, o) throws(NNError) in
      try .concatenated(x, axis: o.axis)
    },
    with(AxisOption.self, "stack", "Tensors of one shape side by side along a new axis.", operands: -1) {
      (x, o) throws(NNError) in
      let shape = try stacked(x.map(\.shape), o.axis)
      var parts: [Symbol] = []
      for part in x { parts.append(try part.reshaped(shape.part.dimensions)) }
      return try .concatenated(parts, axis: shape.axis)
    } compute: { (x, o) throws(NNError) in
      let shape = try stacked(x.map(\.shape), o.axis)
      var parts: [Tensor] = []
      for part in x { parts.append(try part.reshaped(shape.part.dimensions)) }
      return try .concatenated(parts, axis: shape.axis)
    },
  ]

  /// What each part of a stack looks like with the new axis, and where that is.
  private static func stacked(_ shapes: [Shape], _ axis: Int) throws(NNError) -> (part: Shape, axis: Int) {
    for (i, shape) in shapes.enumerated() where shape != shapes[0] {
      throw .shape("stack: tensor \(i + 1) has shape \(shape), the first \(shapes[0])")
    }
    let rank = shapes[0].rank + 1
    guard axis >= -rank, axis < rank else {
      throw .shape("stack: axis \(axis) does not exist in a stack of shapes \(shapes[0])")
    }
    let place = axis < 0 ? axis + rank : axis
    var dimensions = shapes[0].dimensions
    dimensions.insert(1, at: place)
    return (try Shape(dimensions), place)
  }

  /// Divides by n: multiplying by 1 / n would make the mean of 49 ones 0.99999994.
  private static func mean(_ x: Symbol, _ axes: [Int]?, _ keep: Bool) throws(NNError) -> Symbol {
    let count = try x.shape.axes(axes, for: "mean").reduce(1) { $0 * x.shape[$1] }
    return try x.sum(axes: axes, keepDims: keep) / Float(count)
  }

  private static func variance(_ x: Symbol, _ axes: [Int]?, _ keep: Bool) throws(NNError) -> Symbol {
    try mean((x - mean(x, axes, true)).square(), axes, keep)
  }

  private static func extreme(_ x: Symbol, _ axes: [Int]?, _ keep: Bool, _ r: Reduction) throws(NNError) -> Symbol {
    if let axes, axes.count != 1 { throw .invalid("\(r): one axis at a time, got \(axes.count)") }
    if axes == nil, keep { throw .invalid("\(r): 'keepdims' has no effect without 'axis'") }
    let extent = if let axes { x.shape[try x.shape.axis(axes[0], for: "\(r)")] } else { x.shape.count }
    guard extent <= 1 << 24 else {
      throw NNError(
        .notSupported, "\(r): positions beyond 2^24 are not exact in float32; the axis has \(extent) elements")
    }
    let flat = axes == nil ? try x.reshaped([x.shape.count]) : x
    return try flat.reduce(r, axes ?? [0], keepDims: keep)
  }
}
