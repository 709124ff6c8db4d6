import KernelTable

extension Symbol {
  /// Whether a large part of this may be exactly 0, so that a product looks for zeros to skip: data that come from outside, what dropout has
  /// thinned out, and results of functions that cut off what is negative.
  var mayBeSparse: Bool {
    switch memory.node.operation {
    case is Read, is Dropout: return true
    case let map as Map: return map.cutsOff
    case let product as Product:
      if case .map(let map) = product.epilogue { return map.cutsOff }
      return false
    default: return false
    }
  }
}

extension Map {
  /// f is 0 left of 0, as ReLU is.
  fileprivate var cutsOff: Bool {
    let x: Float = -1
    var y = x
    withUnsafePointer(to: x) { scalar.map(1, $0, &y, parameters) }
    return y == 0
  }
}

/// Knows of a weight whether all of it is finite, without looking at each run: only where it has not changed since the run before, as in
/// prediction, and then once.
final class FiniteWeight {
  private let weight: Variable
  private var seen: UInt?
  private var known: UInt?
  private var isFinite = false

  /// Nil, if `symbol` is no weight.
  init?(_ symbol: Symbol) {
    guard let variable = (symbol.memory.node.operation as? Read)?.variable, variable.role == .weight else { return nil }
    weight = variable
  }

  /// False if it holds an infinity or NaN, or is not known.
  var isKnownFinite: Bool {
    let changes = weight.changes
    if known == changes { return isFinite }
    if seen == changes {
      isFinite = weight.isFinite
      known = changes
      return isFinite
    }
    seen = changes
    return false
  }
}
