import Glibc
import KernelTable

@testable import NNEngine

/// All cases. An operation of the registry without one fails the suite (`OperationLaws`).
enum OperationCases {
  static let all =
    leaves + maps + mapGradients + binaries + selects + layout + concatenation + reductions + products + rows + updates
    + training + indexing + stackedProducts + windows

  typealias Domain = OperationCase.Domain

  private static func same(_ x: [Array64]) -> [[Double]] { [x[0].data] }

  // MARK: Leaves

  private static let leaves: [OperationCase] = [
    OperationCase(Read.self, "of a variable", { n in [([n], .any)] }, .numbers(same)) { x in x },
    OperationCase(Fill.self, derivative: .of([]), { n in [([n], .any)] }, .numbers { [$0[0].map { _ in 2.5 }] }) { x in
      [try .fill(2.5, x[0].shape)]
    },
    OperationCase(Literal.self, derivative: .of([]), { _ in [] }, .numbers { _ in [[1, -2, 3]] }) { _ in
      [try .literal(Tensor([1, -2, 3]))]
    },
    OperationCase(Assign.self, derivative: .of([]), { n in [([n], .any)] }, .numbers(same)) { x in
      [try .make(Assign(Variable("target", x[0].shape)), x[0])]
    },
    OperationCase(Keep.self, "of a variable", { n in [([n], .any)] }, .numbers(same)) { x in [try .make(Keep(), x[0])]
    },
    OperationCase(Identity.self, "of a variable", { n in [([n], .any)] }, .numbers(same)) { x in
      [try .make(Identity(), x[0])]
    },
    OperationCase(StopGradient.self, derivative: .of([]), { n in [([n], .any)] }, .numbers(same)) { x in
      [try x[0].gradientStopped()]
    },
  ]

  // MARK: Elementwise

  private static let maps: [OperationCase] = ScalarReferences.all.map { name, reference in
    let (a, b, c) = reference.parameters
    return OperationCase(
      Map.self, "\(name) \(a) \(b) \(c)", derivative: .of(reference.isDifferentiable ? [0] : []),
      { n in [([n], reference.domain)] }, .numbers { [$0[0].map(reference.f)] }
    ) { x in [try x[0].apply(name, a, b, c)] }
  }

  private static let mapGradients: [OperationCase] = ScalarReferences.all.filter(\.reference.isDifferentiable).map {
    name, reference in
    let parameters = Parameters(reference.parameters.0, reference.parameters.1, reference.parameters.2)
    return OperationCase(
      MapGradient.self, "\(name) \(parameters.a) \(parameters.b)", derivative: .refused("second derivative of \(name)"),
      tolerance: 3e-6, { n in [([n], reference.domain), ([n], .any)] },
      .numbers { x in
        [zip(x[0].data, x[1].data).map { $1 * ScalarReferences.slope(reference.f, $0) }]
      }
    ) { x in
      let index = try ScalarFunctions.index(name)
      let function = CPU.kernels.scalarFunction(index)
      // Input 0 is f's argument; the operation may want f's result.
      let saved = function.derivativeNeedsInputFor(parameters) ? x[0] : try x[0].apply(name, parameters)
      return [try .make(MapGradient(function: index, parameters: parameters), saved, x[1])]
    }
  }

  private static let functions: [(BinaryFunction, Domain, [Int], @Sendable (Double, Double) -> Double)] = [
    (.add, .any, [0, 1], { $0 + $1 }), (.subtract, .any, [0, 1], { $0 - $1 }), (.multiply, .any, [0, 1], { $0 * $1 }),
    (.divide, .any, [0, 1], { $0 / $1 }), (.power, .positive, [0, 1], { pow($0, $1) }),
    (.maximum, .any, [0, 1], { max($0, $1) }), (.minimum, .any, [0, 1], { min($0, $1) }),
    (.floorDivide, .any, [], { ($0 / $1).rounded(.down) }),
    (.modulo, .any, [0, 1], { $0 - ($0 / $1).rounded(.down) * $1 }),
    (.equal, .bits, [], { $0 == $1 ? 1 : 0 }), (.notEqual, .bits, [], { $0 != $1 ? 1 : 0 }),
    (.less, .any, [], { $0 < $1 ? 1 : 0 }), (.lessEqual, .bits, [], { $0 <= $1 ? 1 : 0 }),
    (.greater, .any, [], { $0 > $1 ? 1 : 0 }), (.greaterEqual, .bits, [], { $0 >= $1 ? 1 : 0 }),
    (.logicalAnd, .bits, [], { $0 != 0 && $1 != 0 ? 1 : 0 }), (.logicalOr, .bits, [], { $0 != 0 || $1 != 0 ? 1 : 0 }),
    (.logicalXor, .bits, [], { ($0 != 0) != ($1 != 0) ? 1 : 0 }),
    (.parametricReLU, .any, [0, 1], { $0 > 0 ? $0 : $0 * $1 }),
    (.parametricReLUSlope, .any, [], { $0 > 0 ? 1 : $1 }),
  ]

  /// Shapes of two operands: equal, and each kind of broadcast.
  private static let pairs: [(String, @Sendable (Int) -> ([Int], [Int]))] = [
    ("equal", { n in ([n], [n]) }), ("row", { n in ([3, n], [n]) }), ("column", { n in ([2, n, 3], [n, 1]) }),
    ("outer", { n in ([n, 1], [1, 5]) }), ("scalar", { n in ([], [n, 2]) }), ("middle", { n in ([2, 1, n], [3, 1]) }),
  ]

  private static let binaries: [OperationCase] = functions.flatMap { function, domain, inputs, f in
    // Every broadcast with four functions that have gradients; the others share the loop.
    let shapes = [.add, .divide, .maximum, .power].contains(function) ? pairs : [pairs[0], pairs[2]]
    return shapes.map { label, shape in
      OperationCase(
        Binary.self, "\(function) \(label)", derivative: .of(inputs), tolerance: 2e-6, large: 30_000,
        { n in [(shape(n).0, domain), (shape(n).1, domain)] },
        .numbers { x in [Array64.broadcast(x) { f($0[0], $0[1]) }] }
      ) { x in [try .binary(function, x[0], x[1])] }
    }
  }

  private static let triples: [(String, @Sendable (Int) -> [[Int]])] = [
    ("equal", { n in [[n], [n], [n]] }), ("broadcast", { n in [[n, 1], [3], [n, 3]] }),
    ("scalars", { n in [[n], [], []] }),
  ]

  private static let selects: [OperationCase] = triples.map { label, shapes in
    OperationCase(
      Select.self, label, derivative: .of([1, 2]), large: 30_000,
      { n in zip(shapes(n), [Domain.bits, .any, .any]).map { ($0, $1) } },
      .numbers { x in [Array64.broadcast(x) { $0[0] != 0 ? $0[1] : $0[2] }] }
    ) { x in [try .select(x[0], x[1], x[2])] }
  }

  // MARK: Layout and reductions

  private static let layout: [OperationCase] =
    [
      OperationCase(Reshape.self, large: 30_000, { n in [([n, 6], .any)] }, .numbers(same)) { x in
        [try x[0].reshaped([2, -1, 3])]
      },
      OperationCase(
        BroadcastTo.self, large: 8_000, { n in [([n, 1, 2], .any)] },
        .numbers { x in
          [
            Array64.broadcast([
              x[0], Array64([3, x[0].shape[0], 4, 2], .init(repeating: 0, count: x[0].data.count * 12)),
            ]) { $0[0] }
          ]
        }
      ) { x in [try x[0].broadcast(to: Shape([3, x[0].shape[0], 4, 2]))] },
    ]
    + [[1, 0, 2], [2, 1, 0], [0, 2, 1], [1, 2, 0], [2, 0, 1]].map { (axes: [Int]) in
      OperationCase(
        Transpose.self, "\(axes)", large: 9_000, { n in [([2, n, 3], .any)] }, .numbers { [$0[0].transposed(axes)] }
      ) { x in [try x[0].transposed(axes)] }
    }

  private static let reductions: [OperationCase] = Reduction.allCases.flatMap { reduction in
    [(0..<1, "first"), (1..<2, "middle"), (2..<3, "last"), (0..<2, "first two"), (0..<3, "all")].map { axes, label in
      OperationCase(
        Reduce.self, "\(reduction) \(label)",
        derivative: reduction == .product
          ? .refused("the gradient of prod") : .of([.argMax, .argMin].contains(reduction) ? [] : [0]),
        tolerance: reduction == .product ? 1e-4 : 2e-6, large: reduction == .product ? 20 : 12_000,
        { n in [([4, n, 3], .any)] }, .numbers { [$0[0].reduce(axes) { value(reduction, $0) }] }
      ) { x in [try x[0].reduce(reduction, Array(axes), keepDims: false)] }
    }
  }

  private static func value(_ reduction: Reduction, _ line: [Double]) -> Double {
    switch reduction {
    case .sum: line.reduce(0, +)
    case .product: line.reduce(1, *)
    case .max: line.max() ?? .nan
    case .min: line.min() ?? .nan
    case .argMax: Double(line.indices.max { (line[$0], $1) < (line[$1], $0) } ?? -1)
    case .argMin: Double(line.indices.min { (line[$0], $0) < (line[$1], $1) } ?? -1)
    }
  }
}
