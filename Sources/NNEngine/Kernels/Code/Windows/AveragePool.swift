import KernelTable

func averagePool(_ range: Range<Int>, _ window: Window, _ channels: Int, _ x: Input, _ y: Output) {
  let (height, across) = (window.rows.output, window.columns.output)
  var r = range.lowerBound
  while r < range.upperBound {
    var ox = 0
    while ox < across {
      let place = PoolPlace(window, r / height, r % height, ox)
      let part = 1 / Float(place.rows &* place.columns)
      let out = y + (r &* across &+ ox) &* channels
      forEachLane(channels) { c, count in
        var sum = Lane()
        var ky = 0
        while ky < place.rows {
          var p = x + ((place.start &+ ky &* window.columns.input) &* channels &+ c)
          var kx = 0
          while kx < place.columns {
            sum += Lane(p, first: count)
            p += channels
            kx &+= 1
          }
          ky &+= 1
        }
        (sum * part).write(to: out + c, first: count)
      }
      ox &+= 1
    }
    r &+= 1
  }
}

func averagePoolGradient(_ samples: Range<Int>, _ window: Window, _ channels: Int, _ dy: Input, _ dx: Output) {
  let (height, across) = (window.rows.output, window.columns.output)
  let size = window.rows.input &* window.columns.input &* channels
  clearRun((samples.upperBound &- samples.lowerBound) &* size, dx + samples.lowerBound &* size)
  var r = samples.lowerBound &* height
  let end = samples.upperBound &* height
  while r < end {
    var ox = 0
    while ox < across {
      let place = PoolPlace(window, r / height, r % height, ox)
      let part = 1 / Float(place.rows &* place.columns)
      let at = (r &* across &+ ox) &* channels
      forEachLane(channels) { c, count in
        let share = Lane(dy + (at &+ c), first: count) * part
        var ky = 0
        while ky < place.rows {
          var i = (place.start &+ ky &* window.columns.input) &* channels &+ c
          var kx = 0
          while kx < place.columns {
            (Lane(UnsafePointer(dx) + i, first: count) + share).write(to: dx + i, first: count)
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

func addRows(_ rows: Int, _ columns: Int, _ x: Input, _ sums: Output) {
  forEachLane(columns) { c, count in
    var sum = Lane(UnsafePointer(sums) + c, first: count)
    var p = x + c
    var r = 0
    while r < rows {
      sum += Lane(p, first: count)
      p += columns
      r &+= 1
    }
    sum.write(to: sums + c, first: count)
  }
}
