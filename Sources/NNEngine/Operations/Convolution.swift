import KernelTable

/// Keras's and ONNX's convolution: y[n, o, f] = bias[f] + Σ over k, c of x[n, where the window of o has k, c] · kernel[k, c, f]. Inputs: x [n, rows,
/// columns, channels], kernel [rows, columns, channels, filters], [bias], [saved]. Its gradients are convolutions again.
struct Convolution: Operation {
  static let name = "Conv"
  let window: Window
  var hasBias = false
  var epilogue = Product.Epilogue.none

  var label: String {
    "Conv \(window.rows.size)×\(window.columns.size)" + (hasBias ? " + bias" : "") + epilogue.label
  }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let (x, kernel) = (inputs[0], inputs[1])
    guard x.rank == 4, kernel.rank == 4, x[3] == kernel[2], kernel[0] == window.rows.size,
      kernel[1] == window.columns.size
    else { throw .shape("convolution: images of shape \(x) and a kernel of shape \(kernel) do not fit") }
    guard x[3] > 0 else { throw .shape("convolution: images of shape \(x) have no channels") }
    guard x[1] == window.rows.input, x[2] == window.columns.input else {
      throw .shape("convolution: images of shape \(x) do not fit a window made for others")
    }
    return [try Shape([x[0], window.rows.output, window.columns.output, kernel[3]])]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    guard case .none = epilogue else { throw NNError(.internal, "a fused product has no gradient of its own") }
    guard let dy = cotangents[0] else { return [Symbol?](repeating: nil, count: node.inputs.count) }
    let (x, kernel) = (node.inputs[0], node.inputs[1])
    let dx = try Symbol.make(Convolution(window: window.transposed), dy, kernel.transposed([0, 1, 3, 2]))
    let weights = try Symbol.results(ConvolutionGradient(window: window), [x, dy])
    return hasBias ? [dx, weights[0], weights[1]] : [dx, weights[0]]
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int { tiling(node, kernels).scratchBytes }

  private func tiling(_ node: Node, _ kernels: KernelTable) -> PatchTiling {
    PatchTiling(
      window, outputs: node.shapes[0].dimensions.dropLast().reduce(1, *), channels: node.inputs[0].shape[3],
      filters: node.inputs[1].shape[3], kernels)
  }

  func kernel(_ memory: Binding) -> Kernel? {
    guard memory.count > 0 else { return nil }
    let tiling = tiling(memory.node, memory.kernels)
    let runner = PatchProducts(tiling, memory) { plan, scratch in
      var task = GemmTask(plan: plan, a: memory.input(0), b: memory.input(1), c: memory.output(), scratch: scratch)
      if hasBias { task.bias = memory.input(2) }
      epilogue.bind(to: &task, saved: hasBias ? 3 : 2, memory)
      return task
    }
    return memory.overChunks(tiling.pieces) { runner.run(piece: $0) }
  }
}

/// The gradients of a convolution's kernel and bias; inputs x, dy.
struct ConvolutionGradient: Operation {
  static let name = "ConvGradient"
  let window: Window
  var label: String { "ConvGradient \(window.rows.size)×\(window.columns.size)" }

  func shapes(of inputs: [Shape]) throws(NNError) -> [Shape] {
    let (x, dy) = (inputs[0], inputs[1])
    guard x.rank == 4, dy.rank == 4, x[0] == dy[0], x[3] > 0, x[1] == window.rows.input, x[2] == window.columns.input,
      dy[1] == window.rows.output, dy[2] == window.columns.output
    else { throw .shape("convolution: images of shape \(x) and outputs of shape \(dy) do not fit") }
    return [try Shape([window.rows.size, window.columns.size, x[3], dy[3]]), try Shape([dy[3]])]
  }

  func gradient(of node: Node, _ cotangents: [Symbol?]) throws(NNError) -> [Symbol?] {
    let (x, dy) = (node.inputs[0], node.inputs[1])
    var result: [Symbol?] = [nil, nil]
    if let kernel = cotangents[0] {
      result[0] = try .make(Convolution(window: window.transposed), dy, kernel.transposed([0, 1, 3, 2]))
      result[1] = try .make(Convolution(window: window), x, kernel)
    }
    if let bias = cotangents[1] {
      let spread = try bias.broadcast(to: dy.shape)
      result[1] = try result[1].map { (sum) throws(NNError) in try sum + spread } ?? spread
    }
    return result
  }

  func scratchBytes(for node: Node, _ kernels: KernelTable) -> Int { tiling(node, kernels).scratchBytes }

  private func tiling(_ node: Node, _ kernels: KernelTable) -> PatchTiling {
    PatchTiling(
      window, outputs: node.inputs[1].shape.dimensions.dropLast().reduce(1, *), channels: node.inputs[0].shape[3],
      filters: node.inputs[1].shape[3], kernels, summing: true)
  }

  /// Each piece of the outputs has its own sums; they are added up in the pieces' order. So the result depends on the shapes only.
  func kernel(_ memory: Binding) -> Kernel? {
    let (kernel, bias) = (memory.output(0), memory.output(1))
    let (kernelCount, filters) = (memory.node.shapes[0].count, memory.node.shapes[1].count)
    let tiling = tiling(memory.node, memory.kernels)
    guard tiling.outputs > 0, filters > 0 else {
      let fill = memory.kernels.fill
      return {
        fill(kernelCount, 0, kernel)
        fill(filters, 0, bias)
      }
    }
    let dy = memory.input(1)
    let runner = PatchProducts(tiling, memory) { plan, scratch in
      GemmTask(plan: plan, a: dy, b: dy, c: kernel, scratch: scratch)
    }
    let sums = memory.overChunks(tiling.pieces) { runner.sum(piece: $0, kernel: kernel, bias: bias, dy: dy) }
    guard tiling.pieces > 1 else { return sums }
    let add = memory.kernels.binary
    let total = memory.overRange(kernelCount) { r in
      for piece in 1..<tiling.pieces {
        let part = UnsafePointer(runner.sums(of: piece)) + r.lowerBound
        add(.add, r.count, UnsafePointer(kernel) + r.lowerBound, 1, part, 1, kernel + r.lowerBound)
      }
    }
    return {
      sums()
      total()
      for piece in 1..<tiling.pieces {
        add(.add, filters, UnsafePointer(bias), 1, UnsafePointer(runner.sums(of: piece)) + kernelCount, 1, bias)
      }
    }
  }
}

extension Symbol {
  /// The convolution of these images [n, rows, columns, channels] with a kernel [rows, columns, channels, filters].
  func convolved(_ kernel: Symbol, bias: Symbol? = nil, _ window: Window) throws(NNError) -> Symbol {
    if let bias { return try .make(Convolution(window: window, hasBias: true), self, kernel, bias) }
    return try .make(Convolution(window: window), self, kernel)
  }
}
