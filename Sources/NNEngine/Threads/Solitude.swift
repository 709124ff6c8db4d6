/// For how long the caller works alone after a worker has lost its processor. Times are in `ccpu_ticks`.
///
/// The more a wait has cost, the longer; and twice as long as last time if sharing went wrong again soon. A machine that
/// is busy for long costs a wait now and then, one that is busy for a moment gets its threads back at once.
struct Solitude {
  private var until: UInt64 = 0
  private var length: UInt64 = 0
  /// About a third of a second.
  private static let longest: UInt64 = 1 << 30

  func lasts(at now: UInt64) -> Bool { now < until }

  mutating func begin(at now: UInt64, lost wait: UInt64) {
    let isSoon = now < until &+ 4 * length
    length = min(Solitude.longest, max(8 * min(wait, Solitude.longest), isSoon ? 2 * length : 0))
    until = now &+ length
  }
}
