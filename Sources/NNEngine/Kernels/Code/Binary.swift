import KernelTable

/// The loops of a function of two variables: both operands running, or one of them fixed.
@inline(__always) private func pair(
  _ count: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output, _ f: (Lane, Lane) -> Lane
) {
  if aStep == 0 && bStep == 0 {
    let value = f(Lane(repeating: a[0]), Lane(repeating: b[0]))[0]
    fill(count, value, out)
  } else if aStep == 0 {
    let fixed = Lane(repeating: a[0])
    mapLanes(count, b, out) { f(fixed, $0) }
  } else if bStep == 0 {
    let fixed = Lane(repeating: b[0])
    mapLanes(count, a, out) { f($0, fixed) }
  } else {
    zipLanes(count, a, b, out, f)
  }
}

/// Functions for which there is no vector algorithm.
@inline(__always) private func pairOneByOne(
  _ count: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output, _ f: (Float, Float) -> Float
) {
  var i = 0
  while i < count {
    out[i] = f(a[i &* aStep], b[i &* bStep])
    i &+= 1
  }
}

func binary(
  _ f: BinaryFunction, _ count: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output
) {
  switch f {
  case .add: pair(count, a, aStep, b, bStep, out) { $0 + $1 }
  case .subtract: pair(count, a, aStep, b, bStep, out) { $0 - $1 }
  case .multiply: pair(count, a, aStep, b, bStep, out) { $0 * $1 }
  case .divide: pair(count, a, aStep, b, bStep, out) { $0 / $1 }
  case .power: powers(count, a, aStep, b, bStep, out)
  // NaN in either operand is kept, as NumPy does.
  case .maximum: pair(count, a, aStep, b, bStep, out) { choose($0 .!= $0, $0, choose($0 .> $1, $0, $1)) }
  case .minimum: pair(count, a, aStep, b, bStep, out) { choose($0 .!= $0, $0, choose($0 .< $1, $0, $1)) }
  case .floorDivide: pair(count, a, aStep, b, bStep, out) { ($0 / $1).rounded(.down) }
  case .modulo: pairOneByOne(count, a, aStep, b, bStep, out) { modulo($0, $1) }
  case .equal: pair(count, a, aStep, b, bStep, out) { indicator($0 .== $1) }
  case .notEqual: pair(count, a, aStep, b, bStep, out) { indicator($0 .!= $1) }
  case .less: pair(count, a, aStep, b, bStep, out) { indicator($0 .< $1) }
  case .lessEqual: pair(count, a, aStep, b, bStep, out) { indicator($0 .<= $1) }
  case .greater: pair(count, a, aStep, b, bStep, out) { indicator($0 .> $1) }
  case .greaterEqual: pair(count, a, aStep, b, bStep, out) { indicator($0 .>= $1) }
  case .logicalAnd: pair(count, a, aStep, b, bStep, out) { choose($0 .!= 0, indicator($1 .!= 0), Lane()) }
  case .logicalOr: pair(count, a, aStep, b, bStep, out) { choose($0 .!= 0, Lane(repeating: 1), indicator($1 .!= 0)) }
  case .logicalXor: pair(count, a, aStep, b, bStep, out) { indicator(indicator($0 .!= 0) .!= indicator($1 .!= 0)) }
  case .parametricReLU: pair(count, a, aStep, b, bStep, out) { choose($0 .> 0, $0, $0 * $1) }
  case .parametricReLUSlope:
    pair(count, a, aStep, b, bStep, out) { choose($0 .> 0, Lane(repeating: 1), choose($0 .< 0, $1, Lane())) }
  }
}

/// The exponents that people write have exact short cuts.
private func powers(_ count: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output) {
  if bStep == 0 && b[0] == 2 {
    pair(count, a, aStep, a, aStep, out) { x, _ in x * x }
  } else if bStep == 0 && b[0] == -1 {
    pair(count, a, aStep, a, aStep, out) { x, _ in 1 / x }
  } else {
    pairOneByOne(count, a, aStep, b, bStep, out) { power($0, $1) }
  }
}
