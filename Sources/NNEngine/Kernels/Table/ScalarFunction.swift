/// Up to three numbers that shape a function of one variable: `elu`'s alpha; `relu`'s max_value, negative_slope, threshold.
package struct Parameters: Sendable, Hashable {
  package var a: Float
  package var b: Float
  package var c: Float
  package init(_ a: Float = 0, _ b: Float = 0, _ c: Float = 0) {
    self.a = a
    self.b = b
    self.c = c
  }
}

/// A function of one real variable with its derivative, and all that the rest of the engine derives from it: the
/// elementwise operation, its gradient, the epilogue of a matrix product, the activation in Lua, C and files, and its help text.
///
/// Each function is one file in `Kernels/Code/Functions`.
package struct ScalarFunction: Sendable {
  /// Keras's (or NumPy's) name: "elu".
  package let name: StaticString
  /// One line with the formula.
  package let doc: StaticString
  /// True for those that Keras lists as activations.
  package let isActivation: Bool
  /// Keras's names of the parameters, "" where unused.
  package let parameterNames: (StaticString, StaticString, StaticString)
  package let parameterDefaults: Parameters
  /// What `gradient` is given as its second argument: the input x, or (better: it allows fusing in place) the output y = f(x).
  package let derivativeNeedsInput: Bool
  /// The same for given parameters: some (a negative alpha of `elu`) make f not invertible, and then the derivative needs x
  /// even where it is else written in terms of y. `gradient` expects what this says for its `p`.
  package let derivativeNeedsInputFor: @Sendable (_ p: Parameters) -> Bool
  /// False for floor, sign, isnan …: their gradient is zero.
  package let isDifferentiable: Bool
  /// y[i] = f(x[i]); y may be x.
  package let map: @Sendable (_ count: Int, _ x: Input, _ y: Output, _ p: Parameters) -> Void
  /// dx[i] = dy[i] · f′; dx may be dy or xOrY.
  package let gradient: @Sendable (_ count: Int, _ xOrY: Input, _ dy: Input, _ dx: Output, _ p: Parameters) -> Void

  package init(
    name: StaticString, doc: StaticString, isActivation: Bool,
    parameterNames: (StaticString, StaticString, StaticString) = ("", "", ""),
    parameterDefaults: Parameters = Parameters(), derivativeNeedsInput: Bool,
    derivativeNeedsInputFor: (@Sendable (Parameters) -> Bool)? = nil, isDifferentiable: Bool = true,
    map: @escaping @Sendable (Int, Input, Output, Parameters) -> Void,
    gradient: @escaping @Sendable (Int, Input, Input, Output, Parameters) -> Void
  ) {
    self.name = name
    self.doc = doc
    self.isActivation = isActivation
    self.parameterNames = parameterNames
    self.parameterDefaults = parameterDefaults
    self.derivativeNeedsInput = derivativeNeedsInput
    self.derivativeNeedsInputFor = derivativeNeedsInputFor ?? { _ in derivativeNeedsInput }
    self.isDifferentiable = isDifferentiable
    self.map = map
    self.gradient = gradient
  }
}

/// Functions of two variables. Comparisons and logic give 1 or 0; `floorDivide` and `modulo` are Lua's and Python's (sign of the divisor).
package enum BinaryFunction: Int, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, maximum, minimum, floorDivide, modulo
  case equal, notEqual, less, lessEqual, greater, greaterEqual, logicalAnd, logicalOr, logicalXor
  /// a > 0 ? a : b · a, and its derivative by a: 1 right of 0, b left of it, 0 at it.
  case parametricReLU, parametricReLUSlope
}

package enum Reduction: Int, Sendable, CaseIterable {
  case sum, product, max, min, argMax, argMin
}
