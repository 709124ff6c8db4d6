import KernelTable

extension Convolution: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let (x, kernel, y) = (step.input(0), step.input(1), step.output)
    let (channels, filters) = (x.shape[3], kernel.shape[3])
    let after = CAfterProduct(hasBias ? step.input(2) : nil, epilogue, kernel, columns: filters)
    let accumulate = c.function(kernel.scale == nil ? .accumulate : .accumulateInt8)
    let j = filters == 1 ? CIndex() : CIndex("j")
    let ending = after.ending("out[\(j.text)]", j, &c)
    let (rows, columns) = (window.rows, window.columns)
    window.forEachOutput(of: y, &c.text) { text, image, outRow, outColumn in
      text.loop("j", filters) { text, _ in text.line("out[\(j.text)] = \(after.beginning(j));") }
      rows.forEachInput("r", of: outRow, "in_row", &text) { text, r, row in
        let line = (image * rows.input + row) * columns.input
        if columns.dilation == 1, columns.spread == 1 {
          // What the window covers of a row is one piece of memory, and so is its part of the kernel.
          columns.run(of: outColumn, &text) { text, start, first, length in
            let (from, weights) = (
              x.from((line + start) * channels), kernel.from((r * columns.size + first) * (channels * filters))
            )
            text.line("\(accumulate)(\(length(channels)), \(filters), \(from), \(weights), out);")
          }
          return
        }
        columns.forEachInput("s", of: outColumn, "in_column", &text) { text, s, column in
          let (from, weights) = (
            x.from((line + column) * channels), kernel.from((r * columns.size + s) * (channels * filters))
          )
          text.line("\(accumulate)(\(channels), \(filters), \(from), \(weights), out);")
        }
      }
      if let ending { text.loop("j", filters) { text, _ in text.line("out[\(j.text)] = \(ending);") } }
    }
  }
}

extension MaxPool: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let (x, channels) = (step.input(0), step.output.shape[3])
    window.forEachOutput(of: step.output, &c.text) { text, image, row, column in
      text.loop("j", channels) { text, j in text.line("out[\(j.text)] = -INFINITY;") }
      window.forEachInput(image, row, column, &text) { text, place in
        text.loop("j", channels) { text, j in
          let value = x.at(place * channels + j)
          // NaN wins.
          text.line("if (\(value) > out[\(j.text)] || \(value) != \(value)) out[\(j.text)] = \(value);")
        }
      }
    }
  }
}

extension AveragePool: CForm {
  func write(_ step: CStep, _ c: inout CBody) {
    let (x, channels) = (step.input(0), step.output.shape[3])
    // Where no window reaches beyond the image, all have the same number of inputs.
    let isInside = window.rows.isInside && window.columns.isInside
    window.forEachOutput(of: step.output, &c.text) { text, image, row, column in
      if !isInside { text.line("int count = 0;") }
      text.loop("j", channels) { text, j in text.line("out[\(j.text)] = 0.0f;") }
      window.forEachInput(image, row, column, &text) { text, place in
        if !isInside { text.line("++count;") }
        text.loop("j", channels) { text, j in text.line("out[\(j.text)] += \(x.at(place * channels + j));") }
      }
      let count = isInside ? "\(window.rows.size * window.columns.size).0f" : "(float)count"
      text.loop("j", channels) { text, j in text.line("out[\(j.text)] /= \(count);") }
    }
  }
}

extension Window {
  /// A loop over the places of the images `y`, in which `out` points at the channels of one.
  fileprivate func forEachOutput(
    of y: CValue, _ text: inout CText,
    _ body: (inout CText, _ image: CIndex, _ row: CIndex, _ column: CIndex) -> Void
  ) {
    let images = y.shape[0]
    text.loop("image", images) { text, image in
      text.loop("row", rows.output) { text, row in
        text.loop("column", columns.output) { text, column in
          func inside(_ text: inout CText) {
            let at = ((image * rows.output + row) * columns.output + column) * y.shape[3]
            text.line("float *const out = \(y.from(at));")
            body(&text, image, row, column)
          }
          if images * rows.output * columns.output == 1 { text.block("", inside) } else { inside(&text) }
        }
      }
    }
  }

  /// A loop over the inputs of one output, by their places in the images.
  fileprivate func forEachInput(
    _ image: CIndex, _ outRow: CIndex, _ outColumn: CIndex, _ text: inout CText,
    _ body: (inout CText, _ place: CIndex) -> Void
  ) {
    rows.forEachInput("r", of: outRow, "in_row", &text) { text, _, row in
      columns.forEachInput("s", of: outColumn, "in_column", &text) { text, _, column in
        body(&text, (image * rows.input + row) * columns.input + column)
      }
    }
  }
}

extension WindowAxis {
  /// The least and the greatest place that any output reads, times `spread`.
  private var reach: ClosedRange<Int> {
    let window = (size - 1) * dilation
    let first = min(0, window) + offset
    return first...max(first, (output - 1) * stride + max(0, window) + offset)
  }

  /// Whether every position of the window is an input, for all outputs.
  fileprivate var isInside: Bool { spread == 1 && reach.lowerBound >= 0 && reach.upperBound < input }

  /// A loop over the inputs of output `out`: `k` counts the window's positions.
  fileprivate func forEachInput(
    _ k: String, of out: CIndex, _ name: String, _ text: inout CText,
    _ body: (inout CText, _ k: CIndex, _ place: CIndex) -> Void
  ) {
    text.loop(k, size) { text, k in
      let place = out * stride + k * dilation + offset
      if isInside { return body(&text, k, place) }
      var conditions: [String] = []
      if reach.lowerBound < 0 { conditions.append("\(name) >= 0") }
      if reach.upperBound >= (input - 1) * spread + 1 { conditions.append("\(name) < \((input - 1) * spread + 1)") }
      if spread > 1 { conditions.append("\(name) % \(spread) == 0") }
      func inside(_ text: inout CText) {
        text.line("const int \(name) = \(place.text);")
        text.block("if (\(conditions.joined(separator: " && ")))") { text in
          if spread == 1 { return body(&text, k, CIndex(name)) }
          text.line("const int \(name)_place = \(name) / \(spread);")
          body(&text, k, CIndex(name + "_place"))
        }
      }
      if size == 1 { text.block("", inside) } else { inside(&text) }
    }
  }

  /// What the window covers of a line, in one piece: where it begins, which position of the window that is, and its length.
  fileprivate func run(
    of out: CIndex, _ text: inout CText,
    _ body: (inout CText, _ start: CIndex, _ first: CIndex, _ length: (_ channels: Int) -> String) -> Void
  ) {
    let place = out * stride + offset
    if isInside { return body(&text, place, CIndex()) { "\(size * $0)" } }
    text.block("") { text in
      text.line("const int begin = \(place.text);")
      text.line("const int first = begin < 0 ? -begin : 0;")
      text.line("const int end = begin > \(input - size) ? \(input) - begin : \(size);")
      body(&text, CIndex("begin") + CIndex("first"), CIndex("first")) {
        $0 == 1 ? "end - first" : "(end - first) * \($0)"
      }
    }
  }
}
