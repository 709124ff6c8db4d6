@testable import NNEngine

/// Cases of the gradients that a normalization and the product behind it make together; the definition is the gradients one by one.
extension OperationCases {
  static let joinedGradients: [OperationCase] = [
    OperationCase(
      JoinedNormalizationGradient.self, "without a rule", derivative: .refused("fused product"), tolerance: 3e-6,
      large: 9_000, { n in inputs(n, 9) }, .definition { x in try gradients(x) }
    ) { x in try Symbol.results(JoinedNormalizationGradient(rule: nil), operands(x)) },
    OperationCase(
      JoinedNormalizationGradient.self, "of wide weights", derivative: .refused("fused product"), tolerance: 3e-6,
      large: 3_000, { n in inputs(31, n) }, .definition { x in try gradients(x) }
    ) { x in try Symbol.results(JoinedNormalizationGradient(rule: nil), operands(x)) },
  ]

  static let joinedUpdates: [OperationCase] = OptimizerReferences.all.map { reference in
    OperationCase(
      JoinedNormalizationGradient.self, reference.label, derivative: .refused("fused product"), tolerance: 3e-6,
      large: 3_000, { n in inputs(n, 9) + (0..<reference.slots).map { _ in ([n, 9], .positive) } },
      .definition { x in
        let optimizer = try reference.optimizer()
        try optimizer.beginStep()
        let gradients = try gradients(x)
        // The copy keeps the rewriter from joining the two.
        let step = try Symbol.results(
          OptimizerStep(rule: optimizer.rule),
          [x[6], .make(Identity(), gradients[0]), .read(optimizer.hyperparameters)] + x[7...])
        return step + gradients[1...]
      }
    ) { x in
      let optimizer = try reference.optimizer()
      try optimizer.beginStep()
      return try Symbol.results(
        JoinedNormalizationGradient(rule: optimizer.rule),
        operands(x) + [.read(optimizer.hyperparameters)] + x[7...])
    }
  }

  /// x, mean, inverse deviation, gamma, beta, g, W.
  private static func inputs(_ rows: Int, _ columns: Int) -> [(shape: [Int], domain: Domain)] {
    [
      ([13, rows], .any), ([rows], .any), ([rows], .positive), ([rows], .any), ([rows], .any), ([13, columns], .any),
      ([rows, columns], .any),
    ]
  }

  private static func operands(_ x: [Symbol]) throws -> [Symbol] { try x[..<6] + [x[5].sum(axes: [0]), x[6]] }

  /// dW, dγ, dβ.
  private static func gradients(_ x: [Symbol]) throws -> [Symbol] {
    let hat = try (x[0] - x[1]) * x[2]
    let y = try hat * x[3] + x[4]
    let back = try Symbol.make(MatMul(transposeB: true), x[5], x[6])
    return try [
      .make(MatMul(transposeA: true), y, x[5]), (back * hat).sum(axes: [0]), back.sum(axes: [0]),
    ]
  }
}
