import Glibc

/// How much memory a process may still use. Linux grants more than there is, and ends the process that believes it; so large requests
/// are compared with what is there.
enum AvailableMemory {
  /// Smaller requests are not worth the look.
  static let worthAsking = 256 << 20

  /// Bytes that can be had without pushing others out: the system's, or what the container allows; nil where nobody tells.
  static var now: Int? {
    let found = [system, container].compactMap { $0 }
    return found.min()
  }

  /// Free, reclaimable, and swap.
  private static var system: Int? {
    guard let text = read("/proc/meminfo") else { return nil }
    var kilobytes: Int?
    for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") || line.hasPrefix("SwapFree:") {
      guard let number = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { continue }
      kilobytes = (kilobytes ?? 0) + number
    }
    return kilobytes.map { $0 << 10 }
  }

  /// Version 2 of control groups, as a container sees its own; "max" means no limit.
  private static var container: Int? {
    guard let limit = number("/sys/fs/cgroup/memory.max"), let used = number("/sys/fs/cgroup/memory.current") else {
      return nil
    }
    // Pages of files are used, but given back on demand.
    let cache = read("/sys/fs/cgroup/memory.stat")?.split(separator: "\n").first { $0.hasPrefix("file ") }
    let reclaimable = cache?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    return max(limit - used + reclaimable, 0)
  }

  private static func number(_ path: String) -> Int? {
    read(path).flatMap { text in Int(text.prefix { $0 != "\n" }) }
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = Glibc.read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
