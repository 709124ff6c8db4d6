import KernelTable

/// The functions of one variable, in the order in which they are listed to users.
var scalarFunctionCount: Int { 28 }

func scalarFunction(_ index: Int) -> ScalarFunction {
  switch index {
  case 1: reluFunction
  case 2: eluFunction
  case 3: seluFunction
  case 4: tanhFunction
  case 5: sigmoidFunction
  case 6: softplusFunction
  case 7: expFunction
  case 8: expm1Function
  case 9: logFunction
  case 10: log1pFunction
  case 11: squareFunction
  case 12: sqrtFunction
  case 13: rsqrtFunction
  case 14: reciprocalFunction
  case 15: negativeFunction
  case 16: absFunction
  case 17: signFunction
  case 18: erfFunction
  case 19: floorFunction
  case 20: ceilFunction
  case 21: roundFunction
  case 22: sinFunction
  case 23: cosFunction
  case 24: isNaNFunction
  case 25: isFiniteFunction
  case 26: logicalNotFunction
  case 27: clipFunction
  default: linearFunction
  }
}
