import KernelTable

@testable import NNEngine

/// Convolutions and poolings, against their definitions in double precision: sums over windows.
extension OperationCases {
  static let windows: [OperationCase] = convolutions + fusedConvolutions + poolings + [fusedPooling]

  private static func window(
    _ rows: Int, _ columns: Int, size: (Int, Int), stride: Int = 1, dilation: Int = 1, _ padding: WindowPadding
  ) throws -> Window {
    try Window(
      rows: WindowAxis(rows, size: size.0, stride: stride, dilation: dilation, padding, for: "case"),
      columns: WindowAxis(columns, size: size.1, stride: stride, dilation: dilation, padding, for: "case"))
  }

  // MARK: The definitions

  /// For each output of a sample the inputs that its window holds: (output, position in the window, input), counted without channels.
  private static func places(_ w: Window) -> [(output: Int, position: Int, input: Int)] {
    func axis(_ a: WindowAxis) -> [(o: Int, k: Int, i: Int)] {
      (0..<a.output).flatMap { o in
        (0..<a.size).compactMap { k in
          let at = o * a.stride + k * a.dilation + a.offset
          return at >= 0 && at % a.spread == 0 && at / a.spread < a.input ? (o, k, at / a.spread) : nil
        }
      }
    }
    let columns = axis(w.columns)
    return axis(w.rows).flatMap { r in
      columns.map { c in
        (r.o * w.columns.output + c.o, r.k * w.columns.size + c.k, r.i * w.columns.input + c.i)
      }
    }
  }

  private static func convolution(_ x: Array64, _ kernel: Array64, _ w: Window) -> [Double] {
    let (channels, filters) = (kernel.shape[2], kernel.shape[3])
    let (inputs, outputs) = (w.rows.input * w.columns.input, w.rows.output * w.columns.output)
    let places = places(w)
    var y = [Double](repeating: 0, count: x.shape[0] * outputs * filters)
    for n in 0..<x.shape[0] {
      for (o, k, i) in places {
        for c in 0..<channels {
          let value = x.data[(n * inputs + i) * channels + c]
          for f in 0..<filters {
            y[(n * outputs + o) * filters + f] += value * kernel.data[(k * channels + c) * filters + f]
          }
        }
      }
    }
    return y
  }

  private static func weightGradients(_ x: Array64, _ dy: Array64, _ w: Window) -> [[Double]] {
    let (channels, filters) = (x.shape[3], dy.shape[3])
    let (inputs, outputs) = (w.rows.input * w.columns.input, w.rows.output * w.columns.output)
    let places = places(w)
    var kernel = [Double](repeating: 0, count: w.rows.size * w.columns.size * channels * filters)
    for n in 0..<x.shape[0] {
      for (o, k, i) in places {
        for c in 0..<channels {
          let value = x.data[(n * inputs + i) * channels + c]
          for f in 0..<filters {
            kernel[(k * channels + c) * filters + f] += value * dy.data[(n * outputs + o) * filters + f]
          }
        }
      }
    }
    let bias = (0..<filters).map { f in
      stride(from: f, to: dy.data.count, by: filters).reduce(0) { $0 + dy.data[$1] }
    }
    return [kernel, bias]
  }

  /// What each window holds, channel by channel: the numbers and where they come from.
  private static func pooled(_ x: Array64, _ w: Window) -> [[(at: Int, value: Double)]] {
    let channels = x.shape[3]
    let (inputs, outputs) = (w.rows.input * w.columns.input, w.rows.output * w.columns.output)
    var result = [[(at: Int, value: Double)]](repeating: [], count: x.shape[0] * outputs * channels)
    for n in 0..<x.shape[0] {
      for (o, _, i) in places(w) {
        for c in 0..<channels {
          let at = (n * inputs + i) * channels + c
          result[(n * outputs + o) * channels + c].append((at, x.data[at]))
        }
      }
    }
    return result
  }

  private static func maximum(_ x: Array64, _ w: Window) -> [Double] {
    pooled(x, w).map { $0.map(\.value).max() ?? -.infinity }
  }

  private static func mean(_ x: Array64, _ w: Window) -> [Double] {
    pooled(x, w).map { $0.reduce(0) { $0 + $1.value } / Double($0.count) }
  }

  // MARK: Convolutions

  private static let kinds: [(String, @Sendable () throws -> Window)] = [
    ("valid", { try window(4, 5, size: (3, 3), .valid) }), ("same", { try window(4, 3, size: (3, 3), .same) }),
    ("same, stride 2", { try window(5, 4, size: (3, 3), stride: 2, .same) }),
    ("valid, stride 3", { try window(5, 5, size: (2, 2), stride: 3, .valid) }),
    ("dilated", { try window(5, 6, size: (2, 3), dilation: 2, .valid) }),
    ("dilated, stride 2", { try window(5, 6, size: (2, 3), stride: 2, dilation: 2, .same) }),
    ("one pixel", { try window(3, 4, size: (1, 1), .valid) }),
    (
      "causal",
      {
        try Window(
          rows: WindowAxis(1, size: 1, stride: 1, .valid, for: "case"),
          columns: WindowAxis(7, size: 3, stride: 1, .causal, for: "case"))
      }
    ), ("transposed", { try window(5, 4, size: (3, 3), stride: 2, .same).transposed }),
  ]

  /// Samples, channels, filters.
  private static let extents: [(String, @Sendable (Int) -> (Int, Int, Int), Int)] = [
    ("samples", { n in (n, 2, 3) }, 1_500), ("channels", { n in (2, n, 3) }, 900), ("filters", { n in (2, 3, n) }, 900),
  ]

  private static let convolutions: [OperationCase] = kinds.flatMap { kind, window in
    extents.flatMap { label, extents, large in
      [
        OperationCase(
          Convolution.self, "\(kind), n \(label)", derivative: .of([0, 1]), tolerance: 3e-6, large: large,
          { n in
            guard let w = try? window() else { return [] }
            let (samples, channels, filters) = extents(n)
            return [
              ([samples, w.rows.input, w.columns.input, channels], .any),
              ([w.rows.size, w.columns.size, channels, filters], .any),
            ]
          }, .numbers { x in (try? [convolution(x[0], x[1], window())]) ?? [] }
        ) { x in [try x[0].convolved(x[1], window())] },
        OperationCase(
          ConvolutionGradient.self, "\(kind), n \(label)", derivative: .of([0, 1]), tolerance: 3e-6, large: large,
          { n in
            guard let w = try? window() else { return [] }
            let (samples, channels, filters) = extents(n)
            return [
              ([samples, w.rows.input, w.columns.input, channels], .any),
              ([samples, w.rows.output, w.columns.output, filters], .any),
            ]
          }, .numbers { x in (try? weightGradients(x[0], x[1], window())) ?? [] }
        ) { x in try Symbol.results(ConvolutionGradient(window: window()), x) },
      ]
    }
  }

  private static func map(_ name: String) throws -> Map {
    Map(function: try ScalarFunctions.index(name), parameters: try ScalarParameters.defaults(name))
  }

  /// In small operations: the convolution, then bias x[2], then the function; or times f′ at x[2].
  private static let fusedConvolutions: [OperationCase] = [
    ("bias", true, nil, nil), ("elu", false, "elu", nil), ("bias, relu", true, "relu", nil),
    ("bias, sigmoid", true, "sigmoid", nil), ("· elu′", false, nil, "elu"),
  ].map { (label: String, hasBias: Bool, function: String?, slope: String?) in
    OperationCase(
      Convolution.self, label,
      derivative: function == nil && slope == nil ? .of([0, 1, 2]) : .refused("fused product"), tolerance: 3e-6,
      large: 1_500,
      { n in
        let inputs: [(shape: [Int], domain: Domain)] = [([n, 5, 4, 3], .any), ([3, 3, 3, 11], .unit)]
        return inputs + (hasBias ? [([11], .any)] : slope == nil ? [] : [([n, 5, 4, 11], .unit)])
      },
      .definition { x in
        var y = try x[0].convolved(x[1], window(5, 4, size: (3, 3), .same))
        if hasBias { y = try y + x[2] }
        if let function { y = try .make(map(function), y) }
        if let slope {
          let f = try map(slope)
          y = try .make(MapGradient(function: f.function, parameters: f.parameters), x[2], y)
        }
        return [y]
      }
    ) { x in
      var product = Convolution(window: try window(5, 4, size: (3, 3), .same), hasBias: hasBias)
      if let function { product.epilogue = .map(try map(function)) }
      if let slope {
        let f = try map(slope)
        product.epilogue = .gradient(MapGradient(function: f.function, parameters: f.parameters))
      }
      return try Symbol.results(product, x)
    }
  }

  // MARK: Poolings

  private static let pools: [(String, @Sendable () throws -> Window)] = [
    ("2", { try window(4, 5, size: (2, 2), stride: 2, .valid) }),
    ("3, stride 2, same", { try window(5, 4, size: (3, 3), stride: 2, .same) }),
    ("2 by 3, overlapping", { try window(4, 4, size: (2, 3), .valid) }),
    ("2, stride 3", { try window(6, 5, size: (2, 2), stride: 3, .same) }),
  ]

  private static let poolings: [OperationCase] = pools.flatMap { kind, window in
    [(false, "samples"), (true, "channels")].flatMap { isWide, label in
      let large = 1_200
      let shapes: @Sendable (Int) -> (x: [Int], y: [Int]) = { n in
        guard let w = try? window() else { return ([], []) }
        let (samples, channels) = isWide ? (3, n) : (n, 5)
        return (
          [samples, w.rows.input, w.columns.input, channels], [samples, w.rows.output, w.columns.output, channels]
        )
      }
      return [
        OperationCase(
          MaxPool.self, "\(kind), n \(label)", large: large, { n in [(shapes(n).x, .any)] },
          .numbers { x in (try? [maximum(x[0], window())]) ?? [] }
        ) { x in [try x[0].maxPooled(window())] },
        OperationCase(
          MaxPoolGradient.self, "\(kind), n \(label)",
          derivative: .refused("second derivative of max-pooling"), large: large,
          { n in [(shapes(n).x, .any), (shapes(n).y, .any)] },
          .numbers { x in
            var dx = x[0].data.map { _ in 0.0 }
            guard let w = try? window() else { return [] }
            for (o, inputs) in pooled(x[0], w).enumerated() {
              guard let largest = inputs.map(\.value).max(), let first = inputs.first(where: { $0.value == largest })
              else { continue }
              dx[first.at] += x[1].data[o]
            }
            return [dx]
          }
        ) { x in [try .make(MaxPoolGradient(window: window()), x[0], x[0].maxPooled(window()), x[1])] },
        OperationCase(
          AveragePool.self, "\(kind), n \(label)", large: large, { n in [(shapes(n).x, .any)] },
          .numbers { x in (try? [mean(x[0], window())]) ?? [] }
        ) { x in [try x[0].averagePooled(window())] },
        OperationCase(
          AveragePoolGradient.self, "\(kind), n \(label)", large: large, { n in [(shapes(n).y, .any)] },
          .numbers { x in
            guard let w = try? window() else { return [] }
            let shape = [x[0].shape[0], w.rows.input, w.columns.input, x[0].shape[3]]
            let count = shape.reduce(1, *)
            var dx = [Double](repeating: 0, count: count)
            for (o, inputs) in pooled(Array64(shape, dx), w).enumerated() {
              for input in inputs { dx[input.at] += x[0].data[o] / Double(inputs.count) }
            }
            return [dx]
          }
        ) { x in [try .make(AveragePoolGradient(window: window()), x[0])] },
      ]
    }
  }

  private static let fusedPooling = OperationCase(
    MaxPoolGradient.self, "· elu′", derivative: .refused("second derivative of max-pooling"), large: 1_200,
    { n in [([n, 5, 4, 3], .any), ([n, 3, 2, 3], .any), ([n, 5, 4, 3], .unit)] },
    .definition { x in
      let f = try map("elu")
      let w = try window(5, 4, size: (3, 3), stride: 2, .same)
      let dx = try Symbol.make(MaxPoolGradient(window: w), x[0], x[0].maxPooled(w), x[1])
      return [try .make(MapGradient(function: f.function, parameters: f.parameters), x[2], dx)]
    }
  ) { x in
    let f = try map("elu")
    let w = try window(5, 4, size: (3, 3), stride: 2, .same)
    let slope = MapGradient(function: f.function, parameters: f.parameters)
    return [try .make(MaxPoolGradient(window: w, slope: slope), x[0], x[0].maxPooled(w), x[1], x[2])]
  }
}
