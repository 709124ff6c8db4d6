import CCPU
import KernelTable

@inline(__always) private func eight(_ p: Input) -> Eight { UnsafeRawPointer(p).loadUnaligned(as: Eight.self) }

extension NarrowRows {
  @inline(__always) fileprivate func fetch(_ p: Input, _ at: Int) { ccpu_prefetch_to_read(p + (at &+ ahead)) }
  @inline(__always) fileprivate func fetchOut(_ at: Int) { ccpu_prefetch(out + (at &+ ahead)) }

  /// The greatest of each row; a NaN that is passed over makes the row's sum NaN.
  @inline(__always) fileprivate func greatest(to numbers: Output) {
    foldRows(to: numbers, filler: -.infinity, once: false, { eight(a + $0) }, { ccpu_max8($0, $1) })
  }

  @inline(__always) fileprivate func sums(of p: Input, to numbers: Output) {
    foldRows(to: numbers, filler: 0, once: true, { eight(p + $0) }, { ccpu_add8($0, $1) })
  }
}

func narrowSoftmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  NarrowRows.run(rows, columns, x, x, y) { g in
    g.greatest(to: g.first)
    // What should be 0 is so little that it is when divided by the sum, which is at least 2^32.
    @inline(__always) func exponential(_ at: Int, _ top: Lane) {
      g.fetch(g.a, at)
      g.fetchOut(at)
      scaledExp(ofRounded: Lane(at: g.a + at) - top).store(to: g.out + at)
    }
    g.forElements(g.first, exponential)
    g.sums(of: g.out, to: g.second)
    g.mapNumbers(g.second) { 1 / $0 }
    g.forElements(g.second) { at, scale in (Lane(at: g.out + at) * scale).store(to: g.out + at) }
  }
}

func narrowLogSoftmax(_ rows: Range<Int>, _ columns: Int, _ x: Input, _ y: Output) {
  NarrowRows.run(rows, columns, x, x, y) { g in
    g.greatest(to: g.first)
    @inline(__always) func exponential(_ at: Int, _ top: Lane) {
      g.fetch(g.a, at)
      g.fetchOut(at)
      let shifted = Lane(at: g.a + at) - top
      shifted.store(to: g.out + at)
      scaledExp(ofRounded: shifted).store(to: g.kept + at)
    }
    g.forElements(g.first, exponential)
    g.sums(of: g.kept, to: g.second)
    @inline(__always) func log(_ sums: TwoLanes) -> TwoLanes { logOfNormal(sums * exponentialUnscale) }
    g.mapNumberPairs(g.second, log)
    g.forElements(g.second) { at, logSum in (Lane(at: g.out + at) - logSum).store(to: g.out + at) }
  }
}

func narrowSoftmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  NarrowRows.run(rows, columns, y, dy, dx) { g in
    g.foldRows(
      to: g.first, filler: 0, once: true, { ccpu_mul8(eight(g.a + $0), eight(g.b + $0)) }, { ccpu_add8($0, $1) })
    @inline(__always) func slope(_ at: Int, _ mean: Lane) {
      g.fetch(g.a, at)
      g.fetch(g.b, at)
      g.fetchOut(at)
      (Lane(at: g.a + at) * (Lane(at: g.b + at) - mean)).store(to: g.out + at)
    }
    g.forElements(g.first, slope)
  }
}

func narrowLogSoftmaxGradient(_ rows: Range<Int>, _ columns: Int, _ y: Input, _ dy: Input, _ dx: Output) {
  NarrowRows.run(rows, columns, y, dy, dx) { g in
    g.sums(of: g.b, to: g.first)
    @inline(__always) func slope(_ at: Int, _ total: Lane) {
      g.fetch(g.a, at)
      g.fetch(g.b, at)
      g.fetchOut(at)
      let e = scaledExp(ofRounded: Lane(at: g.a + at)) * exponentialUnscale
      fnma(e, total, Lane(at: g.b + at)).store(to: g.out + at)
    }
    g.forElements(g.first, slope)
  }
}
