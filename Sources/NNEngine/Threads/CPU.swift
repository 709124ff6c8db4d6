import CCPU
package import KernelTable
import KernelsAVX2
import KernelsAVX512
import Synchronization

/// Which kernels this process uses: chosen once, by what the processor has.
package enum CPU {
  /// Levels of x86-64 for which the kernels are built; other architectures have one, which counts as the lower.
  package enum Level: Int, CaseIterable, Sendable {
    case avx2 = 1
    case avx512 = 2
  }

  /// The best level that the processor has; nil where it has less than the kernels need.
  package static let detected: Level? = Level(rawValue: Int(ccpu_level()))

  private static let selected = Atomic<Int>(0)

  /// Uses a lower level than the processor's best (a higher one is not granted), in programs bound from now on.
  package static func select(level: Level) {
    selected.store(level.rawValue, ordering: .relaxed)
  }

  /// The table for programs that are bound now.
  package static var kernels: KernelTable { shared.table }

  /// The same table where one can look at it without a copy: copying retains each of its functions.
  static var shared: SharedTable {
    let wanted = selected.load(ordering: .relaxed)
    return wanted == Level.avx2.rawValue ? lower : best
  }
  private static let lower = SharedTable(table(.avx2) ?? KernelsAVX2.kernelTable)
  private static let best = SharedTable(table(detected ?? .avx2) ?? KernelsAVX2.kernelTable)

  final class SharedTable: Sendable {
    let table: KernelTable
    /// The functions of one variable, by their index.
    let scalarFunctions: [ScalarFunction]

    init(_ table: KernelTable) {
      self.table = table
      scalarFunctions = (0..<table.scalarFunctionCount).map(table.scalarFunction)
    }
  }

  /// The kernels of one level; nil where the processor cannot run them.
  package static func table(_ level: Level) -> KernelTable? {
    guard let detected, level.rawValue <= detected.rawValue else { return nil }
    switch level {
    case .avx2: return KernelsAVX2.kernelTable
    case .avx512: return KernelsAVX512.kernelTable
    }
  }
}
