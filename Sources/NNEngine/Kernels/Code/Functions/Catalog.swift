import KernelTable

/// The functions of one variable, in the order in which they are listed to users.
var scalarFunctionCount: Int { 36 }

func scalarFunction(_ index: Int) -> ScalarFunction {
  switch index {
  case 1: reluFunction
  case 2: eluFunction
  case 3: seluFunction
  case 4: tanhFunction
  case 5: sigmoidFunction
  case 6: softplusFunction
  case 7: softsignFunction
  case 8: hardSigmoidFunction
  case 9: swishFunction
  case 10: geluFunction
  case 11: approximateGELUFunction
  case 12: mishFunction
  case 13: thresholdedReLUFunction
  case 14: expFunction
  case 15: expm1Function
  case 16: logFunction
  case 17: log1pFunction
  case 18: squareFunction
  case 19: sqrtFunction
  case 20: rsqrtFunction
  case 21: reciprocalFunction
  case 22: negativeFunction
  case 23: absFunction
  case 24: signFunction
  case 25: erfFunction
  case 26: logCoshFunction
  case 27: floorFunction
  case 28: ceilFunction
  case 29: roundFunction
  case 30: sinFunction
  case 31: cosFunction
  case 32: isNaNFunction
  case 33: isFiniteFunction
  case 34: logicalNotFunction
  case 35: clipFunction
  default: linearFunction
  }
}
