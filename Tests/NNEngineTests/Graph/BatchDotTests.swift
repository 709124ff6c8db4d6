import Testing

@testable import NNEngine

/// Products of stacks: NumPy's matmul and Keras's batch_dot, against sums written out.
@Suite("Products of stacks")
struct BatchDotTests {
  static func tensor(_ shape: [Int], _ seed: UInt64) throws -> Tensor {
    var numbers = TestNumbers(seed)
    return try Tensor(numbers.floats(shape.reduce(1, *)), shape: Shape(shape))
  }

  /// The index of an element from its position.
  static func position(_ flat: Int, _ shape: [Int]) -> [Int] {
    var (rest, result) = (flat, [Int](repeating: 0, count: shape.count))
    for axis in shape.indices.reversed() { (rest, result[axis]) = (rest / shape[axis], rest % shape[axis]) }
    return result
  }

  static func element(_ tensor: Tensor, _ index: [Int]) -> Double {
    tensor.element(zip(index, tensor.shape.strides).reduce(0) { $0 + $1.0 * $1.1 })
  }

  @Test(
    "batch_dot: shapes and values as Keras's",
    arguments: [
      ([4, 3], [4, 3], (1, 1), [4, 1]), ([4, 3], [4, 3], (-1, -1), [4, 1]), ([4, 3], [4, 3, 5], (1, 1), [4, 5]),
      ([4, 3], [4, 5, 3], (1, 2), [4, 5]), ([4, 6, 3], [4, 3], (2, 1), [4, 6]), ([4, 3, 6], [4, 3], (1, 1), [4, 6]),
      ([4, 6, 3], [4, 3, 5], (2, 1), [4, 6, 5]), ([4, 3, 6], [4, 3, 5], (1, 1), [4, 6, 5]),
      ([4, 6, 3], [4, 5, 3], (2, 2), [4, 6, 5]), ([4, 3, 6], [4, 5, 3], (1, 2), [4, 6, 5]),
      ([2, 5, 3, 4], [2, 3, 6], (2, 1), [2, 5, 4, 6]), ([2, 3, 2, 4], [2, 2, 5, 3], (1, 3), [2, 2, 4, 2, 5]),
      ([1, 6, 3], [1, 3, 5], (2, 1), [1, 6, 5]),
    ] as [([Int], [Int], (Int, Int), [Int])])
  func batchDot(_ a: [Int], _ b: [Int], _ axes: (Int, Int), _ result: [Int]) throws {
    let (x, y) = (try Self.tensor(a, 1), try Self.tensor(b, 2))
    let inputs = try [Evaluate.input(x), Evaluate.input(y)]
    let dot = try Symbol.batchDot(inputs[0], inputs[1], axes: axes)
    #expect(dot.shape.dimensions == result)
    let (i, j) = (axes.0 < 0 ? a.count + axes.0 : axes.0, axes.1 < 0 ? b.count + axes.1 : axes.1)
    // The sum written out: sample, the other axes of a, those of b.
    let expected = (0..<result.reduce(1, *)).map { flat in
      var index = Self.position(flat, result)
      if a.count == 2, b.count == 2 { index.removeLast() }
      var left = Array(index[..<(a.count - 1)])
      var right = [index[0]] + index[(a.count - 1)...]
      left.insert(0, at: i)
      right.insert(0, at: j)
      return (0..<a[i]).reduce(0.0) { sum, k in
        (left[i], right[j]) = (k, k)
        return sum + Self.element(x, left) * Self.element(y, right)
      }
    }
    let gradients = try Symbol.gradients(of: dot.square().sum(), for: inputs).map { try #require($0) }
    for options in [Program.Options.standard, .reference] {
      let values = try Evaluate.values(dot, gradients[0], gradients[1], options: options)
      expectClose(values[0].values.map(Double.init), expected, relative: 1e-5, absolute: 1e-6)
      // Σ dot · dot is twice the same sum over a's and over b's gradient: d(Σ dot²) along a is 2 Σ dot².
      let twice = 2 * expected.reduce(0) { $0 + $1 * $1 }
      for (input, gradient) in [(x, values[1]), (y, values[2])] {
        let along = (0..<input.shape.count).reduce(0) { $0 + input.element($1) * gradient.element($1) }
        #expect(abs(along - twice) < 1e-4 * abs(twice))
      }
    }
  }

  @Test("batch_dot: what does not fit")
  func errors() throws {
    func message(_ a: [Int], _ b: [Int], _ axes: (Int, Int)) throws -> String {
      let (x, y) = (try Symbol.fill(0, Shape(a)), try Symbol.fill(0, Shape(b)))
      return Evaluate.message { _ = try Symbol.batchDot(x, y, axes: axes) }
    }
    #expect(
      try message([2, 3], [2, 4], (1, 1)).hasPrefix("dot: axis 1 of shape (2, 3) and axis 1 of shape (2, 4) do not fit")
    )
    #expect(try message([2, 3], [3, 3], (1, 1)).contains("batches 2 and 3"))
    #expect(try message([2, 3], [2, 3], (0, 1)).contains("axis 0 is the batch's"))
    #expect(try message([2], [2, 3], (1, 1)).contains("need an axis beside the batch's"))
    #expect(try message([2, 3], [2, 3], (2, 1)).contains("axis 2 does not exist"))
  }

  @Test(
    "matmul of stacks: the axes in front are broadcast",
    arguments: [
      ([4, 2, 3], [4, 3, 5], [4, 2, 5]), ([2, 3], [4, 3, 5], [4, 2, 5]), ([1, 2, 3], [4, 3, 5], [4, 2, 5]),
      ([6, 1, 2, 3], [4, 3, 5], [6, 4, 2, 5]), ([3], [4, 3, 5], [4, 5]), ([4, 2, 3], [3, 5], [4, 2, 5]),
      ([4, 2, 3], [3], [4, 2]),
    ] as [([Int], [Int], [Int])])
  func matmul(_ a: [Int], _ b: [Int], _ result: [Int]) throws {
    let (x, y) = (try Self.tensor(a, 3), try Self.tensor(b, 4))
    let product = try TensorFunctions.named("matmul")([x, y])
    #expect(product.shape.dimensions == result)
    let inputs = try [Evaluate.input(x), Evaluate.input(y)]
    // The same as an elementwise product, summed.
    let left = a.count == 1 ? [3, 1] : a + [1]
    let right = b.count == 1 ? [3] : b.count == 2 ? [1] + b : Array(b.dropLast(2)) + [1] + b.suffix(2)
    let terms: Symbol
    if a.count == 1 {
      terms = try inputs[0].reshaped([3, 1]) * inputs[1]
    } else if b.count == 1 {
      terms = try inputs[0].reshaped(left) * inputs[1].reshaped(right + [1])
    } else {
      terms = try inputs[0].reshaped(left) * inputs[1].reshaped(right)
    }
    let sum = try terms.sum(axes: [-2])
    let value = try Evaluate.values(b.count == 1 ? sum.reshaped(result) : sum)[0]
    #expect(value.shape.dimensions == result)
    expectClose(product.values, value.values, relative: 1e-5, absolute: 1e-6)
    #expect(throws: NNError.self) { try inputs[0].matmul(Symbol.fill(0, Shape([4, 9, 9]))) }
  }
}
