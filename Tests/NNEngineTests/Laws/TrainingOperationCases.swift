import Glibc
import KernelTable

@testable import NNEngine

/// Cases of the operations that behave as they do only in training: random numbers, normalization by the batch.
extension OperationCases {
  static let training = stochastic + dropoutProducts + normalization + joinedGradients

  // MARK: Random numbers

  private static let seed: UInt64 = 0x0123_4567_89ab_cdef
  private static let step: UInt32 = 7
  private static let stream: UInt32 = 0x8000_0003

  /// Seed and step as a program's feed holds them: bits, not numbers.
  private static func key() throws -> Symbol {
    let words = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), step]
    return try .literal(Tensor(words.map { Float(bitPattern: $0) }))
  }

  /// The word that belongs to element i, from the scalar generator (which has Random123's known answers as its test): word
  /// w of counter c of a group of sixteen counters is the group's element 16·w + c.
  private static func word(_ i: Int) -> UInt32 {
    let (group, place) = (i / 64, i % 64)
    let b = RandomStream(seed: seed, stream: stream, step: step).block(UInt64(group * 16 + place % 16))
    return [b.0, b.1, b.2, b.3][place / 16]
  }

  /// What decides whether element i is dropped: half a word. Halves low and high of word w of counter c of a group are elements
  /// 32·w + c and 32·w + 16 + c.
  private static func coarse(_ i: Int) -> Double {
    let (group, place) = (i / 128, i % 128)
    let b = RandomStream(seed: seed, stream: stream, step: step).block(UInt64(group * 16 + place % 16))
    let word = [b.0, b.1, b.2, b.3][place / 32]
    return Double(place % 32 < 16 ? word & 0xffff : word >> 16) * 0x1p-16
  }

  private static func uniform(_ i: Int) -> Double { Double(word(i) >> 8) * 0x1p-24 }

  /// Box and Muller: elements 0 … 15 of a group are the cosines of words 0 and 1, 16 … 31 the sines; then words 2 and 3.
  private static func normal(_ i: Int) -> Double {
    let first = i / 64 * 64 + (i % 64) / 32 * 32 + i % 16
    let (radius, angle) = ((-2 * log(1 - uniform(first))).squareRoot(), 2 * Double.pi * uniform(first + 16))
    return radius * ((i % 32) / 16 == 0 ? cos(angle) : sin(angle))
  }

  private static let stochastic: [OperationCase] = [
    OperationCase(
      RandomNumbers.self, "uniform", derivative: .of([]), { n in [([n], .any)] },
      .numbers { [$0[0].data.indices.map(uniform)] }
    ) { x in
      [try .make(RandomNumbers(distribution: .uniform, shape: x[0].shape, stream: stream), key())]
    },
    OperationCase(
      RandomNumbers.self, "normal", derivative: .of([]), tolerance: 2e-6, { n in [([n], .any)] },
      .numbers { [$0[0].data.indices.map(normal)] }
    ) { x in
      [try .make(RandomNumbers(distribution: .normal, shape: x[0].shape, stream: stream), key())]
    },
    OperationCase(
      NNEngine.Dropout.self, "0.25", { n in [([3, n], .any)] },
      .numbers { x in [x[0].data.enumerated().map { coarse($0) >= 0.25 ? $1 / 0.75 : 0 }] }
    ) { x in [try .make(NNEngine.Dropout(rate: 0.25, stream: stream), x[0], key())] },
  ]

  /// Wide and narrow, with and without bias; the base is what the program computes before.
  private static let dropoutProducts: [OperationCase] = [(9, true), (300, false), (1, true), (37, false)].map {
    columns, hasBias in
    OperationCase(
      DropoutProduct.self, "\(columns) \(hasBias ? "+ bias" : "")", derivative: .refused("fused product"),
      tolerance: 3e-6,
      large: 300,
      { n in [([n, 70], .any), ([70, columns], .any)] + (hasBias ? [([columns], .any)] : []) },
      .definition { x in
        let thinned = try Symbol.make(NNEngine.Dropout(rate: 0.25, stream: stream), x[0], key())
        // The copy keeps the rewriter from joining the two.
        let y = try Symbol.make(MatMul(), .make(Identity(), thinned), x[1])
        return [hasBias ? try y + x[2] : y]
      }
    ) { x in
      let base = try Symbol.make(MatMul(), x[0], x[1])
      let product = DropoutProduct(dropout: NNEngine.Dropout(rate: 0.25, stream: stream), hasBias: hasBias)
      return try Symbol.results(product, [x[0], x[1], base, key()] + x.dropFirst(2))
    }
  }

  // MARK: Normalization

  private static let epsilon = 1e-3

  /// y, mean, variance, inverse deviation of the columns.
  private static func normalized(_ x: [Array64]) -> [[Double]] {
    let (rows, columns) = (x[0].shape[0], x[0].shape[1])
    var y = x[0].data
    var (means, variances, inverses): ([Double], [Double], [Double]) = ([], [], [])
    for c in 0..<columns {
      let column = (0..<rows).map { x[0].data[$0 * columns + c] }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      let inverse = 1 / (variance + epsilon).squareRoot()
      for r in 0..<rows { y[r * columns + c] = (column[r] - mean) * inverse * x[1].data[c] + x[2].data[c] }
      means.append(mean)
      variances.append(variance)
      inverses.append(inverse)
    }
    return [y, means, variances, inverses]
  }

  private static func inputs(_ rows: Int, _ columns: Int) -> [(shape: [Int], domain: Domain)] {
    [([rows, columns], .any), ([columns], .positive), ([columns], .any)]
  }

  private static let operation = BatchNormalizationOperation(epsilon: Float(epsilon))

  private static let normalization: [OperationCase] = [
    OperationCase(
      BatchNormalizationOperation.self, "columns", derivative: .of([0, 1, 2]), tolerance: 3e-6,
      { n in inputs(9, n) }, .numbers { [normalized($0)[0]] }
    ) { x in [try Symbol.results(operation, x)[0]] },
    OperationCase(
      BatchNormalizationOperation.self, "rows", derivative: .of([0, 1, 2]), tolerance: 3e-6, large: 3_000,
      { n in inputs(n + 1, 21) }, .numbers { [normalized($0)[0]] }
    ) { x in [try Symbol.results(operation, x)[0]] },
    OperationCase(
      BatchNormalizationOperation.self, "statistics", derivative: .refused("batch statistics"), tolerance: 3e-6,
      { n in inputs(9, n) }, .numbers(normalized)
    ) { x in try Symbol.results(operation, x) },
    // The definition: central differences of the operation above say the same of its composition with the loss; here the
    // operation's own results are compared, in small operations.
    OperationCase(
      BatchNormalizationGradient.self, "", derivative: .refused("second derivative"), tolerance: 3e-6,
      { n in [([9, n], .any), ([n], .positive), ([n], .any), ([n], .positive), ([9, n], .any)] },
      .definition { x in
        let hat = try (x[0] - x[2]) * x[3]
        let dBeta = try x[4].sum(axes: [0])
        let dGamma = try (x[4] * hat).sum(axes: [0])
        let dx = try (x[4] - dBeta * Float(1.0 / 9) - hat * dGamma * Float(1.0 / 9)) * x[1] * x[3]
        return [dx, dGamma, dBeta]
      }
    ) { x in try Symbol.results(BatchNormalizationGradient(), x) },
  ]
}
