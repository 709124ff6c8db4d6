import KernelTable

#if AVX512
  /// Rows of the greatest tile: 8 × 3 lanes are 24 of the 32 registers.
  var tileRows: Int { @inline(__always) get { 8 } }
  var tileLanes: Int { @inline(__always) get { 3 } }
#else
  /// Rows of the greatest tile: 6 × 2 lanes are 12 of the 16 registers.
  var tileRows: Int { @inline(__always) get { 6 } }
  var tileLanes: Int { @inline(__always) get { 2 } }
#endif

/// Computes a tile of 1 … tileRows rows and 1 … tileLanes lanes (more, up to 6, if there is one row).
func multiplyTile(rows: Int, lanes: Int, _ o: borrowing TileOperands) {
  switch lanes {
  case 1: multiplyRows(Row1.self, rows, o)
  case 2: multiplyRows(Row2.self, rows, o)
  #if AVX512
    case 3: multiplyRows(Row3.self, rows, o)
  #else
    case 3: multiply(One<Row3>.self, o)
  #endif
  case 6: multiply(One<Row6>.self, o)
  default: break
  }
}

@inline(__always) private func multiplyRows<Row: TileRow>(_: Row.Type, _ rows: Int, _ o: borrowing TileOperands) {
  switch rows {
  case 1: multiply(One<Row>.self, o)
  case 2: multiply(Rows2<Row>.self, o)
  case 3: multiply(Rows3<Row>.self, o)
  case 4: multiply(Rows4<Row>.self, o)
  case 5: multiply(Rows5<Row>.self, o)
  case 6: multiply(Rows6<Row>.self, o)
  #if AVX512
    case 7: multiply(Rows7<Row>.self, o)
    case 8: multiply(Rows8<Row>.self, o)
  #endif
  default: break
  }
}
