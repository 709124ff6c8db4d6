import KernelTable

extension MatMul: CForm {
  func write(_ step: CStep, _ c: inout CBody) { Product(matMul: self).write(step, &c) }
}

extension Product: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let bias = hasBias ? step.input(2) : nil
    let after = CAfterProduct(bias, epilogue, step.input(1), columns: step.output.shape.dimensions.last ?? 1)
    CMatrixProduct(matMul, step.input(0).shape, step.input(1).shape).write(step, after, &c)
  }
}

extension BatchMatMul: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let product = CMatrixProduct(
      matMul, step.input(0).shape.sample, step.input(1).shape.sample, count: step.output.shape[0])
    product.write(step, CAfterProduct(nil, .none, step.input(1), columns: product.columns), &c)
  }
}

/// What happens to the sums of a product, once they are there: the scales of int8, the bias, a function.
struct CAfterProduct {
  private let bias: CValue?
  private let epilogue: Product.Epilogue
  private let scale: String?
  let columns: Int

  init(_ bias: CValue?, _ epilogue: Product.Epilogue, _ kernel: CValue, columns: Int) {
    (self.bias, self.epilogue, scale, self.columns) = (bias, epilogue, kernel.scale, columns)
  }

  /// What a sum begins with, so that there is less to do afterwards.
  func beginning(_ j: CIndex) -> String { scale == nil ? bias?.at(j) ?? "0.0f" : "0.0f" }

  /// What becomes of a sum that began so; nil: nothing.
  func ending(_ sum: String, _ j: CIndex, _ c: inout CBody) -> String? {
    var value = sum
    if let scale {
      value += " * \(scale)[\(j.text)]"
      if let bias { value += " + \(bias.at(j))" }
    }
    value = c.apply(epilogue, to: value)
    return value == sum ? nil : value
  }
}

/// The loops of a matrix product, or of a stack of them.
struct CMatrixProduct {
  let matMul: MatMul
  let count: Int
  let rows: Int
  let columns: Int
  let depth: Int

  init(_ matMul: MatMul, _ a: Shape, _ b: Shape, count: Int = 1) {
    (self.matMul, self.count) = (matMul, count)
    (rows, depth) = matMul.transposeA ? (a[1], a[0]) : (a[0], a[1])
    columns = matMul.transposeB ? b[0] : b[1]
  }

  func write(_ step: CStep, _ after: CAfterProduct, _ c: inout CBody) {
    let (a, b, y) = (step.input(0), step.input(1), step.output)
    func index(_ name: String, _ extent: Int) -> CIndex { extent == 1 ? CIndex() : CIndex(name) }
    let (s, i, j) = (index("s", count), index("i", rows), index("j", columns))
    let (atA, atB, atY) = (s * (rows * depth), s * (depth * columns), s * (rows * columns))
    let here = y.at(atY + i * columns + j)
    let ending = after.ending(here, j, &c)
    // Without transposes a row of numbers times the matrix as it lies; else element by element.
    let accumulate =
      !matMul.transposeA && !matMul.transposeB ? c.function(b.scale == nil ? .accumulate : .accumulateInt8) : nil
    func row(_ text: inout CText) {
      text.loop("j", columns) { text, _ in text.line("\(here) = \(after.beginning(j));") }
      if let accumulate {
        let (from, kernel, to) = (a.from(atA + i * depth), b.from(atB), y.from(atY + i * columns))
        text.line("\(accumulate)(\(depth), \(columns), \(from), \(kernel), \(to));")
      } else {
        text.loop("k", depth) { text, k in
          text.loop("j", columns) { text, _ in
            let left = a.at(atA + (matMul.transposeA ? k * rows + i : i * depth + k))
            let right = b.at(atB + (matMul.transposeB ? j * depth + k : k * columns + j))
            text.line("\(here) += \(left) * \(right);")
          }
        }
      }
      if let ending { text.loop("j", columns) { text, _ in text.line("\(here) = \(ending);") } }
    }
    c.text.loop("s", count) { text, _ in text.loop("i", rows) { text, _ in row(&text) } }
  }
}
