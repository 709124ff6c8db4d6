import KernelTable

/// Parameters: a max_value, b negative_slope, c threshold.
private struct ReLU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    capped(choose(x .<= p.c, Lane(), x), p)  // NaN stays
  }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane {
    choose(y .> 0, belowLimit(y, p), Lane())
  }
  /// 1 where y is below the limit; without one, everywhere, ∞ included.
  @inline(__always) static func belowLimit(_ y: Lane, _ p: Parameters) -> Lane {
    p.a == .infinity ? Lane(repeating: 1) : indicator(y .< p.a)
  }
  @inline(__always) static func capped(_ y: Lane, _ p: Parameters) -> Lane {
    choose(y .>= p.a, Lane(repeating: p.a), y)
  }
}

private struct LeakyReLU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane {
    ReLU.capped(choose(x .<= p.c, p.b * (x - p.c), x), p)
  }
  @inline(__always) static func slope(_ y: Lane, _ p: Parameters) -> Lane {
    choose(y .> 0, ReLU.belowLimit(y, p), Lane(repeating: p.b))
  }
}

/// With a falling left side, or a threshold below zero, y does not tell which side x was on.
private struct FoldedReLU: LaneFunction {
  @inline(__always) static func value(_ x: Lane, _ p: Parameters) -> Lane { LeakyReLU.value(x, p) }
  @inline(__always) static func slope(_ x: Lane, _ p: Parameters) -> Lane {
    let inside = ReLU.belowLimit(x, p)
    let outside = p.b * ReLU.belowLimit(p.b * (x - p.c), p)
    return choose(x .> p.c, inside, outside)
  }
}

private func isFolded(_ p: Parameters) -> Bool { !(p.b >= 0 && p.c >= 0) }

var reluFunction: ScalarFunction {
  ScalarFunction(
    name: "relu", doc: "max_value if x >= max_value; x if x > threshold; negative_slope * (x - threshold) below",
    isActivation: true, parameterNames: ("max_value", "negative_slope", "threshold"),
    parameterDefaults: Parameters(.infinity, 0, 0), derivativeNeedsInput: false,
    derivativeNeedsInputFor: { isFolded($0) },
    map: { count, x, y, p in
      if p.b == 0 {
        mapFunction(ReLU.self, count, x, y, p)  // not 0 · (x − threshold): that is NaN at −∞
      } else {
        mapFunction(LeakyReLU.self, count, x, y, p)
      }
    },
    gradient: { count, v, dy, dx, p in
      if isFolded(p) {
        chainFunction(FoldedReLU.self, count, v, dy, dx, p)
      } else if p.b == 0 {
        chainFunction(ReLU.self, count, v, dy, dx, p)
      } else {
        chainFunction(LeakyReLU.self, count, v, dy, dx, p)
      }
    })
}
