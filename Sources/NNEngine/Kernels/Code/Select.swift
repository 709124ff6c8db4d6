import KernelTable

func fill(_ count: Int, _ value: Float, _ out: Output) {
  let lane = Lane(repeating: value)
  mapLanes(count, out, out) { _ in lane }
}

func copy(_ count: Int, _ x: Input, _ out: Output) {
  mapLanes(count, x, out) { $0 }
}

func select(
  _ count: Int, _ c: Input, _ cStep: Int, _ a: Input, _ aStep: Int, _ b: Input, _ bStep: Int, _ out: Output
) {
  if cStep == 0 {
    let (chosen, step) = c[0] != 0 ? (a, aStep) : (b, bStep)
    if step == 0 { fill(count, chosen[0], out) } else { copy(count, chosen, out) }
    return
  }
  let a0 = Lane(repeating: a[0])
  let b0 = Lane(repeating: b[0])
  switch (aStep, bStep) {
  case (0, 0): mapLanes(count, c, out) { choose($0 .!= 0, a0, b0) }
  case (0, _): zipLanes(count, c, b, out) { choose($0 .!= 0, a0, $1) }
  case (_, 0): zipLanes(count, c, a, out) { choose($0 .!= 0, $1, b0) }
  default: zipLanes(count, c, a, b, out) { choose($0 .!= 0, $1, $2) }
  }
}
