import KernelTable

extension WindowAxis {
  /// Where position k of output o's window begins to count: the input's index times `spread`.
  @inline(__always) func numerator(_ o: Int, _ k: Int) -> Int { o &* stride &+ k &* dilation &+ offset }

  /// The input's index, or −1 outside.
  @inline(__always) func source(_ o: Int, _ k: Int) -> Int {
    let at = numerator(o, k)
    if spread == 1 { return at >= 0 && at < input ? at : -1 }
    guard at >= 0 && at % spread == 0 else { return -1 }
    let index = at / spread
    return index < input ? index : -1
  }

  /// The positions of output o's window that are inside the input, where neighbours in the window are neighbours in the input.
  @inline(__always) func inside(_ o: Int) -> (first: Int, end: Int) {
    let start = o &* stride &+ offset
    return (max(0, 0 &- start), min(size, input &- start))
  }
}

/// Windows are written one after the other, and a run of fewer than four numbers as four: `out` has room for three more.
func patches(_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ out: Output) {
  let (rows, columns) = (window.rows, window.columns)
  let sampleSize = rows.input &* columns.input &* channels
  let lineSize = columns.size &* channels
  let isContiguous = columns.dilation == 1 && columns.spread == 1
  var ox = range.lowerBound % max(1, columns.output)
  var oy = range.lowerBound / max(1, columns.output)
  var sample = x + oy / max(1, rows.output) &* sampleSize
  oy %= max(1, rows.output)
  var out = out
  var left = range.upperBound &- range.lowerBound
  while left > 0 {
    var ky = 0
    while ky < rows.size {
      let iy = rows.source(oy, ky)
      if iy < 0 {
        clearRun(lineSize, out)
      } else if isContiguous {
        let line = iy &* columns.input &* channels
        patchLine(columns, ox, channels, sample + line, out, readable: sampleSize &- line)
      } else {
        scatteredLine(columns, ox, channels, sample + iy &* columns.input &* channels, out)
      }
      out += lineSize
      ky &+= 1
    }
    ox &+= 1
    if ox == columns.output {
      ox = 0
      oy &+= 1
      if oy == rows.output {
        oy = 0
        sample += sampleSize
      }
    }
    left &-= 1
  }
}

/// One line of a window that is one run of the input, but for what is outside. `line` has `readable` numbers and perhaps no more.
@inline(__always)
private func patchLine(
  _ columns: WindowAxis, _ ox: Int, _ channels: Int, _ line: Input, _ out: Output, readable: Int
) {
  let (first, end) = columns.inside(ox)
  guard first < end else {
    clearRun(columns.size &* channels, out)
    return
  }
  if first > 0 { clearRun(first &* channels, out) }
  let at = ox &* columns.stride &+ columns.offset &+ first
  let count = (end &- first) &* channels
  if count <= 4 && at &* channels &+ 4 <= readable {
    // One or two channels: what is written too far is not there yet.
    let four = UnsafeRawPointer(line + at &* channels).loadUnaligned(as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(out + first &* channels).storeBytes(of: four, as: SIMD4<Float>.self)
  } else {
    copyRun(count, line + at &* channels, out + first &* channels)
  }
  if end < columns.size { clearRun((columns.size &- end) &* channels, out + end &* channels) }
}

/// One line of a window whose positions lie apart, or backwards, in the input.
@inline(__always)
private func scatteredLine(_ columns: WindowAxis, _ ox: Int, _ channels: Int, _ line: Input, _ out: Output) {
  var kx = 0
  while kx < columns.size {
    let ix = columns.source(ox, kx)
    if ix < 0 {
      clearRun(channels, out + kx &* channels)
    } else {
      copyRun(channels, line + ix &* channels, out + kx &* channels)
    }
    kx &+= 1
  }
}

@inline(__always) func copyRun(_ count: Int, _ x: Input, _ out: Output) {
  var i = 0
  while i &+ width <= count {
    Lane(at: x + i).store(to: out + i)
    i &+= width
  }
  while i < count {
    out[i] = x[i]
    i &+= 1
  }
}

@inline(__always) func clearRun(_ count: Int, _ out: Output) {
  var i = 0
  while i &+ width <= count {
    Lane().store(to: out + i)
    i &+= width
  }
  while i < count {
    out[i] = 0
    i &+= 1
  }
}
