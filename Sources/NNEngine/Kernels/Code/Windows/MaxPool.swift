import KernelTable

/// One output's window inside the input: where its first input is, how many rows and columns of it are there.
struct PoolPlace {
  let start: Int
  let rows: Int
  let columns: Int
  @inline(__always) init(_ window: Window, _ sample: Int, _ oy: Int, _ ox: Int) {
    let (top, bottom) = window.rows.inside(oy)
    let (left, right) = window.columns.inside(ox)
    let iy = oy &* window.rows.stride &+ window.rows.offset &+ top
    let ix = ox &* window.columns.stride &+ window.columns.offset &+ left
    start = (sample &* window.rows.input &+ iy) &* window.columns.input &+ ix
    rows = bottom &- top
    columns = right &- left
  }
}

/// `body` for each lane of channels: from where on, and how many.
@inline(__always) func forEachLane(_ channels: Int, _ body: (_ at: Int, _ count: Int) -> Void) {
  var c = 0
  while c &+ width <= channels {
    body(c, width)
    c &+= width
  }
  if c < channels { body(c, channels &- c) }
}

extension Lane {
  @inline(__always) init(_ p: Input, first count: Int) {
    self = count == width ? Lane(at: p) : Lane(at: p, count: count)
  }
  @inline(__always) func write(to p: Output, first count: Int) {
    if count == width { store(to: p) } else { store(to: p, count: count) }
  }
}

func maxPool(_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Output) {
  let (height, across) = (window.rows.output, window.columns.output)
  var r = range.lowerBound
  while r < range.upperBound {
    var ox = 0
    while ox < across {
      let place = PoolPlace(window, r / height, r % height, ox)
      let out = y + (r &* across &+ ox) &* channels
      forEachLane(channels) { c, count in
        var largest = Lane(repeating: -.infinity)
        var ky = 0
        while ky < place.rows {
          var p = x + ((place.start &+ ky &* window.columns.input) &* channels &+ c)
          var kx = 0
          while kx < place.columns {
            let v = Lane(p, first: count)
            // NaN is not equal to itself, and nothing is greater than it.
            largest = choose((v .> largest) .| (v .!= v), v, largest)
            p += channels
            kx &+= 1
          }
          ky &+= 1
        }
        largest.write(to: out + c, first: count)
      }
      ox &+= 1
    }
    r &+= 1
  }
}

extension WindowAxis {
  /// Every input is in just one window.
  @inline(__always) fileprivate var isTiled: Bool { stride == size && offset == 0 && output &* size == input }
}

func maxPoolGradient(
  _ samples: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Input, _ dy: Input, _ dx: Output
) {
  let (height, across) = (window.rows.output, window.columns.output)
  let size = window.rows.input &* window.columns.input &* channels
  let overlaps = window.rows.stride < window.rows.size || window.columns.stride < window.columns.size
  if overlaps || !window.rows.isTiled || !window.columns.isTiled {
    clearRun((samples.upperBound &- samples.lowerBound) &* size, dx + samples.lowerBound &* size)
  }
  var r = samples.lowerBound &* height
  let end = samples.upperBound &* height
  while r < end {
    var ox = 0
    while ox < across {
      let place = PoolPlace(window, r / height, r % height, ox)
      let at = (r &* across &+ ox) &* channels
      forEachLane(channels) { c, count in
        let largest = Lane(y + (at &+ c), first: count)
        // What has not found its input yet.
        var rest = Lane(dy + (at &+ c), first: count)
        var ky = 0
        while ky < place.rows {
          var i = (place.start &+ ky &* window.columns.input) &* channels &+ c
          var kx = 0
          while kx < place.columns {
            let isLargest = Lane(x + i, first: count) .== largest
            let here = choose(isLargest, rest, Lane())
            let sum = overlaps ? Lane(UnsafePointer(dx) + i, first: count) + here : here
            sum.write(to: dx + i, first: count)
            rest = choose(isLargest, Lane(), rest)
            i &+= channels
            kx &+= 1
          }
          ky &+= 1
        }
      }
      ox &+= 1
    }
    r &+= 1
  }
}
