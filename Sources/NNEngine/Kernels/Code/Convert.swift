import KernelTable

func convertUInt8(_ count: Int, _ x: UnsafePointer<UInt8>, _ scale: Float, _ out: Output) {
  var i = 0
  while i < count {
    out[i] = Float(x[i]) * scale
    i &+= 1
  }
}

func convertInt32(_ count: Int, _ x: UnsafePointer<Int32>, _ scale: Float, _ out: Output) {
  var i = 0
  while i < count {
    out[i] = Float(x[i]) * scale
    i &+= 1
  }
}

/// x − x is 0 for finite numbers and NaN for the others: a whole block is checked by adding those up.
func firstNonFinite(_ count: Int, _ x: Input) -> Int {
  var start = 0
  while start < count {
    let length = min(1024, count &- start)
    let sum = horizontalSum(foldLanes(length, x + start, from: Lane(), filler: 0) { $0 + ($1 - $1) })
    if sum != 0 {
      var i = start
      while x[i].isFinite { i &+= 1 }
      return i
    }
    start &+= length
  }
  return -1
}
