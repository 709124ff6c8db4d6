import KernelTable

/// y = e^x / Σ e^x over the last axis.
struct Softmax: Operation {
  static let name = "Softmax"
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard let last = inputs[0].dimensions.last, last > 0 else {
      throw .shape("softmax: shape \(inputs[0]) has no last axis with elements")
    }
    return inputs
  }
  func resultOverwriting(_ input: Int) -> Int? { 0 }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil] }
    return [try .make(SoftmaxGradient(), Symbol(node), dy)]
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (softmax, x, y) = (memory.kernels.softmax, memory.input(0), memory.output())
    return memory.overRows { rows, columns in softmax(rows, columns, x, y) }
  }
}

/// dx = y ∘ (dy − Σ dy∘y); inputs y, dy.
struct SoftmaxGradient: Operation {
  static let name = "SoftmaxGradient"
  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0]] }
  func resultOverwriting(_ input: Int) -> Int? { 0 }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of softmax is not available")
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (gradient, y, dy, dx) = (memory.kernels.softmaxGradient, memory.input(0), memory.input(1), memory.output())
    return memory.overRows { rows, columns in gradient(rows, columns, y, dy, dx) }
  }
}

/// y = x − log Σ e^x over the last axis.
struct LogSoftmax: Operation {
  static let name = "LogSoftmax"
  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    guard let last = inputs[0].dimensions.last, last > 0 else {
      throw .shape("log_softmax: shape \(inputs[0]) has no last axis with elements")
    }
    return inputs
  }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard let dy = cotangents[0] else { return [nil] }
    return [try .make(LogSoftmaxGradient(), Symbol(node), dy)]
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (logSoftmax, x, y) = (memory.kernels.logSoftmax, memory.input(0), memory.output())
    return memory.overRows { rows, columns in logSoftmax(rows, columns, x, y) }
  }
}

/// dx = dy − e^y · Σ dy; inputs y, dy.
struct LogSoftmaxGradient: Operation {
  static let name = "LogSoftmaxGradient"
  func shapes(of inputs: [Shape]) -> [Shape] { [inputs[0]] }
  func resultOverwriting(_ input: Int) -> Int? { 0 }
  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    throw NNError(.notSupported, "the second derivative of log_softmax is not available")
  }
  func kernel(_ memory: Binding) -> Kernel? {
    let (gradient, y, dy, dx) = (memory.kernels.logSoftmaxGradient, memory.input(0), memory.input(1), memory.output())
    return memory.overRows { rows, columns in gradient(rows, columns, y, dy, dx) }
  }
}

extension Binding {
  /// A kernel over the rows of input 0's last axis.
  func overRows(_ body: @escaping (_ rows: Range<Int>, _ columns: Int) -> Void) -> Kernel {
    let columns = max(1, shape(0).dimensions.last ?? 1)
    return overRange(shape(0).count / columns, grain: max(16, Binding.grain / 8 / columns)) { rows in
      body(rows, columns)
    }
  }
}
