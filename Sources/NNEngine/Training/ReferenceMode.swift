import Synchronization

/// Whether models compute without rewrites, shared memory and threads: slow, and what everything else is compared with.
public enum ReferenceMode {
  private static let flag = Atomic<Bool>(false)
  /// For programs made from now on. nnrepl sets it from NN_REFERENCE=1.
  public static var isOn: Bool {
    get { flag.load(ordering: .relaxed) }
    set { flag.store(newValue, ordering: .relaxed) }
  }
}
