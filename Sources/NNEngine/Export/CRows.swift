import KernelTable

extension Reduce: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let d = step.input(0).shape.dimensions
    let (outer, count, inner) = (
      d[..<first].reduce(1, *), d[first..<end].reduce(1, *), d[end...].reduce(1, *)
    )
    let (x, y) = (step.input(0), step.output)
    if reduction == .argMax || reduction == .argMin {
      let isBetter = reduction == .argMax ? ">" : "<"
      c.text.loop("i", outer) { text, i in
        text.loop("j", inner) { text, j in
          text.block("") { text in
            text.line("int best = 0;")
            text.block("for (int k = 1; k < \(count); ++k)") { text in
              let here = x.at(i * (count * inner) + CIndex("k") * inner + j)
              let best = x.at(i * (count * inner) + CIndex("best") * inner + j)
              // The first of equals; a NaN wins and stays.
              text.line("if (\(best) != \(best)) break;")
              text.line("if (\(here) \(isBetter) \(best) || \(here) != \(here)) best = k;")
            }
            text.line("\(y.at(i * inner + j)) = (float)best;")
          }
        }
      }
      return
    }
    c.text.loop("i", outer) { text, i in
      if inner == 1 {
        text.block("") { text in
          text.line("float total = \(neutral);")
          text.loop("k", count) { text, k in
            self.fold(into: "total", x.at(i * count + k), &text)
          }
          text.line("\(y.at(i)) = total;")
        }
        return
      }
      text.loop("j", inner) { text, j in text.line("\(y.at(i * inner + j)) = \(neutral);") }
      text.loop("k", count) { text, k in
        text.loop("j", inner) { text, j in
          fold(into: y.at(i * inner + j), x.at(i * (count * inner) + k * inner + j), &text)
        }
      }
    }
  }

  private var neutral: String {
    switch reduction {
    case .product: "1.0f"
    case .max: "-INFINITY"
    case .min: "INFINITY"
    default: "0.0f"
    }
  }

  private func fold(into total: String, _ x: String, _ text: inout CText) {
    switch reduction {
    case .product: text.line("\(total) *= \(x);")
    case .max: text.line("if (\(x) > \(total) || \(x) != \(x)) \(total) = \(x);")
    case .min: text.line("if (\(x) < \(total) || \(x) != \(x)) \(total) = \(x);")
    default: text.line("\(total) += \(x);")
    }
  }
}

extension Softmax: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    CRow.write(step, &c) { text, x, y, columns in
      text.line("float sum = 0.0f;")
      text.loop("j", columns) { text, j in
        text.line("\(y(j)) = expf(\(x(j)) - most);")
        text.line("sum += \(y(j));")
      }
      text.loop("j", columns) { text, j in text.line("\(y(j)) /= sum;") }
    }
  }
}

extension LogSoftmax: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    CRow.write(step, &c) { text, x, y, columns in
      text.line("float sum = 0.0f;")
      text.loop("j", columns) { text, j in text.line("sum += expf(\(x(j)) - most);") }
      text.line("sum = logf(sum);")
      text.loop("j", columns) { text, j in text.line("\(y(j)) = \(x(j)) - most - sum;") }
    }
  }
}

/// Something that is done to each row of the last axis, of which the largest number is known.
private enum CRow {
  typealias Element = (CIndex) -> String

  static func write(
    _ step: CStep, _ c: inout CBody, _ body: (inout CText, _ x: Element, _ y: Element, _ columns: Int) -> Void
  ) {
    let (x, y) = (step.input(0), step.output)
    let columns = x.shape.dimensions.last ?? 1
    c.text.loop("i", x.shape.count / columns) { text, i in
      text.block("") { text in
        text.line("float most = \(x.at(i * columns));")
        text.loop("j", columns) { text, j in
          let value = x.at(i * columns + j)
          text.line("if (\(value) > most) most = \(value);")
        }
        body(&text, { x.at(i * columns + $0) }, { y.at(i * columns + $0) }, columns)
      }
    }
  }
}

extension RowGather: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let (table, indices, y) = (step.input(0), step.input(1), step.output)
    let (rows, width) = (table.shape[0], table.shape.sample.count)
    c.text.loop("i", indices.shape.count) { text, i in
      text.block("") { text in
        text.line("const float number = \(indices.at(i));")
        text.line("const int known = number >= 0.0f && number < \(rows).0f && number == floorf(number);")
        text.line("const int row = known ? (int)number : 0;")
        text.loop("j", width) { text, j in
          let element = table.at(CIndex("row") * width + j)
          let columns = table.shape.dimensions.last ?? 1
          let scale = table.scale.map { "\($0)[\(width == columns ? j.text : "(\(j.text)) % \(columns)")]" }
          let value = scale.map { "(float)\(element) * \($0)" } ?? element
          text.line("\(y.at(i * width + j)) = known ? \(value) : NAN;")
        }
      }
    }
  }
}
