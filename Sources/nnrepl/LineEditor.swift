import CReadline
import Glibc

/// The prompt on a terminal: GNU readline, driven by its callback interface so that signals are ours.
///
/// Pasted text arrives as one line with line breaks inside (bracketed paste).
final class LineEditor: LineReader {
  private let history: HistoryFile
  private let output: Terminal

  /// Readline has one line and calls back on the thread that called it, so this state is as global as readline's own.
  private enum Shared {
    nonisolated(unsafe) static var outcome: LineRead?
    nonisolated(unsafe) static var earlier = ""
    nonisolated(unsafe) static var completion: Completion?
    nonisolated(unsafe) static var candidates: ArraySlice<String> = []
  }

  init(history: HistoryFile, completion: Completion, output: Terminal) {
    self.history = history
    self.output = output
    Shared.completion = completion
    creadline_set_completer { word, _, end in LineEditor.complete(word, end) }
    creadline_leave_signals_alone()
    using_history()
    stifle_history(Int32(HistoryFile.limit))
    for entry in history.load() { add_history(entry) }
  }

  func read(prompt: String, after earlier: String) -> LineRead {
    Interrupt.beginPrompt()
    Shared.earlier = earlier
    Shared.outcome = nil
    creadline_begin(prompt) { line in
      rl_callback_handler_remove()  // otherwise the next prompt appears at once
      Shared.outcome = line.map { .line(String(cString: $0)) } ?? .end
      free(line)
    }
    defer { creadline_end() }
    while true {
      if Interrupt.isTerminated { return .end }
      if Interrupt.isLineDropped {
        creadline_drop_line()
        return .interrupted
      }
      if creadline_wait(Mail.bell) {
        rl_callback_read_char()
      } else if Mail.isWaiting {
        creadline_begin_above()
        Interrupt.asCommand { Mail.deliver(to: output) }
        creadline_end_above()
      }
      if let outcome = Shared.outcome { return outcome }
    }
  }

  func remember(_ entry: String) {
    for offset in stride(from: creadline_history_count() - 1, through: 0, by: -1) {
      guard let earlier = creadline_history_at(offset), strcmp(earlier, entry) == 0 else { continue }
      if offset == creadline_history_count() - 1 { return }
      creadline_forget(offset)
    }
    add_history(entry)
    history.append(entry)
  }

  /// Answers readline's request: the words that may replace `word`, and before them what they have in common; all
  /// malloc'd. Without candidates of ours in a string readline offers file names.
  private static func complete(
    _ word: UnsafePointer<CChar>?, _ end: Int32
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    guard let word, let line = creadline_line(), let completion = Shared.completion else { return nil }
    let typed = String(decoding: UnsafeRawBufferPointer(start: line, count: Int(end)), as: UTF8.self)
    let cursor = LuaCursor(Shared.earlier + "\n" + typed)
    creadline_append(0)
    guard let names = completion.names(for: cursor) else { return nil }
    creadline_completion_is_final()
    // Names replace what was typed of them, readline's word may be more than that, or less.
    let typedName = cursor.stringText ?? cursor.identifier
    let replaced = String(cString: word)
    let kept = replaced.dropLast(typedName.count)
    Shared.candidates = names.map { String(kept + $0.dropFirst(max(typedName.count - replaced.count, 0))) }[...]
    if names.isEmpty { return nil }
    return rl_completion_matches("") { _, _ in Shared.candidates.popFirst().flatMap { strdup($0) } }
  }
}
