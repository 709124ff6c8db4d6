/// Places for buffers that live for a while: two that are alive at the same time never overlap.
struct MemoryPlan {
  /// A buffer's size in bytes and the first and last step at which it is in use.
  struct Interval: Equatable {
    var bytes: Int
    var first: Int
    var last: Int
  }

  /// Byte offset of each interval, multiples of 64.
  private(set) var offsets: [Int]
  /// Bytes of the whole arena.
  private(set) var total = 0

  /// Big buffers first, each at the lowest place that is free during its life: at most a few per cent above the best plan on
  /// networks, and simple enough to trust.
  init(_ intervals: [Interval]) {
    offsets = [Int](repeating: 0, count: intervals.count)
    let order = intervals.indices.sorted {
      (intervals[$0].bytes, intervals[$1].first, $1) > (intervals[$1].bytes, intervals[$0].first, $0)
    }
    var placed: [(offset: Int, end: Int, index: Int)] = []  // by offset
    for index in order {
      let me = intervals[index]
      let bytes = (max(me.bytes, 1) + 63) & ~63
      var offset = 0
      for other in placed {
        let life = intervals[other.index]
        if life.last < me.first || me.last < life.first { continue }
        if offset + bytes <= other.offset { break }
        offset = max(offset, other.end)
      }
      offsets[index] = offset
      total = max(total, offset + bytes)
      let at = placed.firstIndex { $0.offset > offset } ?? placed.count
      placed.insert((offset, offset + bytes, index), at: at)
    }
  }
}
