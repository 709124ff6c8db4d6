/// For how long the caller works alone after workers have lost their processor. Times are in `ccpu_ticks`.
///
/// A wait now and then is cheaper than giving up the other threads: only when several waits together take up more than a quarter of the
/// time, the caller works alone; twice as long as last time if it then goes wrong again at once.
struct Solitude {
  private var until: UInt64 = 0
  private var length: UInt64 = 0
  /// What waits have cost lately, less a quarter of the time that has passed.
  private var debt: UInt64 = 0
  private var noted: UInt64 = 0

  /// About a fortieth, a twentieth and a fifth of a second.
  private static let tolerance: UInt64 = 1 << 26
  private static let shortest: UInt64 = 1 << 27
  private static let longest: UInt64 = 1 << 29

  func lasts(at now: UInt64) -> Bool { now < until }

  mutating func note(wait: UInt64, at now: UInt64) {
    let forgiven = (now &- noted) / 4
    debt = (debt > forgiven ? debt - forgiven : 0) + min(wait, Solitude.tolerance / 4)
    noted = now
    guard debt > Solitude.tolerance else { return }
    let isSoon = length > 0 && now < until &+ length
    length = isSoon ? min(Solitude.longest, 2 * length) : Solitude.shortest
    until = now &+ length
    debt = 0
  }
}
