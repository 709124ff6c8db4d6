import Glibc
import KernelTable

@testable import NNEngine

/// Cases of the operations that do the work of several small ones in one pass.
extension OperationCases {
  // MARK: Products

  static let products: [OperationCase] = plainProducts + fusedProducts

  private static let transposes = [(false, false), (false, true), (true, false), (true, true)]

  /// Rows, columns and depth.
  private static let extents: [(String, @Sendable (Int) -> (Int, Int, Int))] = [
    ("rows", { n in (n, 5, 9) }), ("columns", { n in (4, n, 9) }), ("depth", { n in (3, 7, n) }),
  ]

  private static let plainProducts: [OperationCase] = transposes.flatMap { a, b in
    extents.map { label, extents in
      OperationCase(
        MatMul.self, "\(a ? "Aᵀ" : "A") \(b ? "Bᵀ" : "B") \(label)", derivative: .of([0, 1]), tolerance: 3e-6,
        large: 12_000,
        { n in
          let (m, columns, k) = extents(n)
          return [(a ? [k, m] : [m, k], .any), (b ? [columns, k] : [k, columns], .any)]
        }, .numbers { [$0[0].product($0[1], a, b)] }
      ) { x in [try .make(MatMul(transposeA: a, transposeB: b), x[0], x[1])] }
    }
  }

  /// Stacks of three small products, and of n.
  static let stackedProducts: [OperationCase] = transposes.flatMap { a, b in
    [false, true].map { isHigh in
      OperationCase(
        BatchMatMul.self, "\(a ? "Aᵀ" : "A") \(b ? "Bᵀ" : "B") \(isHigh ? "n products" : "n rows")",
        derivative: .of([0, 1]), tolerance: 3e-6, large: 4_000,
        { n in
          let (stack, m) = isHigh ? (n, 3) : (3, n)
          return [([stack] + (a ? [9, m] : [m, 9]), .any), ([stack] + (b ? [5, 9] : [9, 5]), .any)]
        },
        .numbers { x in
          let (matrixA, matrixB) = (Array(x[0].shape[1...]), Array(x[1].shape[1...]))
          let (countA, countB) = (matrixA.reduce(1, *), matrixB.reduce(1, *))
          return [
            (0..<x[0].shape[0]).flatMap { i in
              Array64(matrixA, Array(x[0].data[i * countA..<(i + 1) * countA])).product(
                Array64(matrixB, Array(x[1].data[i * countB..<(i + 1) * countB])), a, b)
            }
          ]
        }
      ) { x in [try .make(BatchMatMul(matMul: MatMul(transposeA: a, transposeB: b)), x[0], x[1])] }
    }
  }

  private static func map(_ name: String) throws -> Map {
    Map(function: try ScalarFunctions.index(name), parameters: try ScalarParameters.defaults(name))
  }

  /// What is fused, in small operations: x[0] · x[1], then bias x[2], then the function; or times f′ at x[2].
  private static let epilogues: [(String, Bool, String?, String?)] = [
    ("plain", false, nil, nil), ("bias", true, nil, nil), ("elu", false, "elu", nil), ("bias, selu", true, "selu", nil),
    ("bias, relu", true, "relu", nil), ("bias, sigmoid", true, "sigmoid", nil), ("· tanh′", false, nil, "tanh"),
    ("· elu′", false, nil, "elu"),
  ]

  private static let fusedProducts: [OperationCase] = epilogues.flatMap { label, hasBias, function, slope in
    transposes.map { a, b in
      OperationCase(
        Product.self, "\(label) \(a ? "Aᵀ" : "A") \(b ? "Bᵀ" : "B")", derivative: .refused("fused product"),
        tolerance: 3e-6, large: 3_000,
        { n in
          let k = 19
          var inputs: [(shape: [Int], domain: Domain)] = [
            (a ? [k, n] : [n, k], .any), (b ? [11, k] : [k, 11], .unit),
          ]
          if hasBias { inputs.append(([11], .any)) }
          if slope != nil { inputs.append(([n, 11], .unit)) }
          return inputs
        },
        .definition { x in
          var y = try Symbol.make(MatMul(transposeA: a, transposeB: b), x[0], x[1])
          if hasBias { y = try y + x[2] }
          if let function { y = try .make(map(function), y) }
          if let slope {
            let f = try map(slope)
            y = try .make(MapGradient(function: f.function, parameters: f.parameters), x[2], y)
          }
          return [y]
        }
      ) { x in
        var product = Product(matMul: MatMul(transposeA: a, transposeB: b), hasBias: hasBias)
        if let function { product.epilogue = .map(try map(function)) }
        if let slope {
          let f = try map(slope)
          product.epilogue = .gradient(MapGradient(function: f.function, parameters: f.parameters))
        }
        return try Symbol.results(product, x)
      }
    }
  }

  // MARK: Rows of classes

  static let rows: [OperationCase] = softmaxes + crossEntropies

  private static let stacks: [(String, @Sendable (Int) -> [Int])] = [
    ("rows", { n in [n, 10] }), ("classes", { n in [3, n] }), ("three axes", { n in [2, n, 5] }),
  ]

  private static let softmaxes: [OperationCase] = stacks.flatMap { label, shape in
    [
      OperationCase(
        Softmax.self, label, large: 6_000, { n in [(shape(n), .any)] }, .numbers { [$0[0].rows(Array64.softmax)] }
      ) { x in [try x[0].softmax()] },
      OperationCase(
        SoftmaxGradient.self, label, derivative: .refused("second derivative of softmax"), tolerance: 3e-6,
        large: 6_000, { n in [(shape(n), .distribution), (shape(n), .any)] },
        .definition { x in
          [try x[0] * (x[1] - (x[0] * x[1]).sum(axes: [-1], keepDims: true))]
        }
      ) { x in [try .make(SoftmaxGradient(), x[0], x[1])] },
      OperationCase(
        LogSoftmax.self, label, large: 6_000, { n in [(shape(n), .any)] },
        .numbers { [$0[0].rows { Array64.softmax($0).map { log($0) } }] }
      ) { x in [try x[0].logSoftmax()] },
      OperationCase(
        LogSoftmaxGradient.self, label, derivative: .refused("second derivative of log_softmax"), tolerance: 3e-6,
        large: 6_000, { n in [(shape(n), .any), (shape(n), .any)] },
        .definition { x in
          [try x[1] - x[0].exp() * x[1].sum(axes: [-1], keepDims: true)]
        }
      ) { x in [try .make(LogSoftmaxGradient(), x[0], x[1])] },
    ]
  }

  private static let classCount = 10

  /// The exact mathematics, which the definitions of the losses follow: −Σ t · log softmax(x).
  private static func losses(_ logits: Array64, _ targets: [[Double]]) -> [Double] {
    var row = -1
    return logits.rows { x in
      row += 1
      let top = x.max() ?? 0
      let logSum = top + log(x.reduce(0) { $0 + exp($1 - top) })
      return [zip(x, targets[row]).reduce(0) { $0 - $1.1 * ($1.0 - logSum) }]
    }
  }

  private static func oneHot(_ labels: Array64) -> [[Double]] {
    labels.data.map { label in (0..<classCount).map { Double($0) == label ? 1 : 0 } }
  }

  private static func split(_ targets: Array64) -> [[Double]] {
    stride(from: 0, to: targets.data.count, by: classCount).map { Array(targets.data[$0..<$0 + classCount]) }
  }

  private static let crossEntropies: [OperationCase] = [
    OperationCase(
      SoftmaxCrossEntropy.self, "sparse", large: 6_000,
      { n in [([n, classCount], .any), ([n], .classes(classCount))] },
      .numbers { [losses($0[0], oneHot($0[1])), $0[0].rows(Array64.softmax)] }
    ) { x in try Symbol.results(SoftmaxCrossEntropy(isSparse: true), x) },
    OperationCase(
      SoftmaxCrossEntropy.self, "sparse, in small operations", large: 6_000,
      { n in [([n, classCount], .any), ([n], .classes(classCount))] },
      .definition { x in
        let p = try x[0].softmax()
        let columns = try Symbol.literal(Tensor(from: 0, to: Double(classCount), by: 1))
        let hot = try columns.equal(x[1].reshaped([-1, 1]))
        return [try (hot * p.log()).sum(axes: [-1]).negative(), p]
      }
    ) { x in try Symbol.results(SoftmaxCrossEntropy(isSparse: true), x) },
    OperationCase(
      SoftmaxCrossEntropy.self, "dense", derivative: .of([0, 1]), large: 6_000,
      { n in [([n, classCount], .any), ([n, classCount], .distribution)] },
      .definition { x in
        let p = try x[0].softmax()
        return [try (x[1] * p.log()).sum(axes: [-1]).negative(), p]
      }
    ) { x in try Symbol.results(SoftmaxCrossEntropy(isSparse: false), x) },
    OperationCase(
      SoftmaxCrossEntropyGradient.self, "sparse", derivative: .refused("second derivative of cross-entropy"),
      large: 6_000, { n in [([n, classCount], .distribution), ([n], .classes(classCount)), ([n], .any)] },
      .definition { x in
        let columns = try Symbol.literal(Tensor(from: 0, to: Double(classCount), by: 1))
        return [try (x[0] - columns.equal(x[1].reshaped([-1, 1]))) * x[2].reshaped([-1, 1])]
      }
    ) { x in [try .make(SoftmaxCrossEntropyGradient(isSparse: true), x[0], x[1], x[2])] },
    OperationCase(
      SoftmaxCrossEntropyGradient.self, "dense", derivative: .refused("second derivative of cross-entropy"),
      large: 6_000, { n in [([n, classCount], .distribution), ([n, classCount], .unit), ([n], .any)] },
      .definition { x in
        [try (x[0] * x[1].sum(axes: [-1], keepDims: true) - x[1]) * x[2].reshaped([-1, 1])]
      }
    ) { x in [try .make(SoftmaxCrossEntropyGradient(isSparse: false), x[0], x[1], x[2])] },
    OperationCase(
      SigmoidCrossEntropy.self, derivative: .of([0, 1]), large: 30_000, { n in [([n, 3], .any), ([n, 3], .unit)] },
      .numbers { [zip($0[0].data, $0[1].data).map { x, t in max(x, 0) - x * t + log1p(exp(-abs(x))) }] }
    ) { x in [try .sigmoidCrossEntropy(logits: x[0], target: x[1])] },
    OperationCase(
      SigmoidCrossEntropy.self, "in small operations", derivative: .of([0, 1]), tolerance: 2e-6, large: 30_000,
      { n in [([n], .any), ([n], .unit)] },
      .definition { x in
        let p = try x[0].apply("sigmoid")
        return [try (x[1] * p.log() + (1 - x[1]) * (1 - p).log()).negative()]
      }
    ) { x in [try .sigmoidCrossEntropy(logits: x[0], target: x[1])] },
    OperationCase(
      SigmoidCrossEntropyGradient.self, derivative: .refused("second derivative of cross-entropy"), large: 30_000,
      { n in [([n], .any), ([n], .unit), ([n], .any)] },
      .definition { x in [try (x[0].apply("sigmoid") - x[1]) * x[2]] }
    ) { x in [try .make(SigmoidCrossEntropyGradient(), x[0], x[1], x[2])] },
  ]

  // MARK: Updates

  /// One step of every rule of every optimizer; `OptimizerLaws` has the numbers over many steps.
  static let updates: [OperationCase] = separateUpdates + joinedUpdates

  private static let separateUpdates: [OperationCase] = OptimizerReferences.all.flatMap { reference in
    [
      OperationCase(
        OptimizerStep.self, reference.label, derivative: .refused("the derivative of an optimizer's step"),
        large: 30_000, { n in (0..<2 + reference.slots).map { ([n], $0 < 2 ? .any : .positive) } },
        .numbers { x in
          var states = x[0].data.indices.map { i in [x[0].data[i]] + x[2...].map { $0.data[i] } }
          for i in states.indices { reference.step(&states[i], x[1].data[i], 1) }
          return (0...reference.slots).map { slot in states.map { $0[slot] } }
        }
      ) { x in
        let optimizer = try reference.optimizer()
        try optimizer.beginStep()
        return try Symbol.results(
          OptimizerStep(rule: optimizer.rule), [x[0], x[1], .read(optimizer.hyperparameters)] + x[2...])
      },
      OperationCase(
        ProductUpdateStep.self, reference.label, derivative: .refused("the derivative of an optimizer's step"),
        tolerance: 3e-6, large: 3_000,
        { n in
          [([13, n], .any), ([13, 9], .any)] + (0...reference.slots).map { ([n, 9], $0 < 1 ? .any : .positive) }
        },
        .definition { x in
          let optimizer = try reference.optimizer()
          try optimizer.beginStep()
          let gradient = try Symbol.make(MatMul(transposeA: true), x[0], x[1])
          // The copy keeps the rewriter from joining the two.
          return try Symbol.results(
            OptimizerStep(rule: optimizer.rule),
            [x[2], .make(Identity(), gradient), .read(optimizer.hyperparameters)] + x[3...])
        }
      ) { x in
        let optimizer = try reference.optimizer()
        try optimizer.beginStep()
        return try Symbol.results(
          ProductUpdateStep(matMul: MatMul(transposeA: true), rule: optimizer.rule),
          [x[0], x[1], x[2], .read(optimizer.hyperparameters)] + x[3...])
      },
    ]
  }
}

enum ScalarParameters {
  static func defaults(_ name: String) throws -> Parameters {
    CPU.kernels.scalarFunction(try ScalarFunctions.index(name)).parameterDefaults
  }
}
