/* GNU readline for Swift, which may not touch C's mutable globals: accessors for those that nnrepl uses. */
#pragma once
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <readline/readline.h>
#include <readline/history.h>

static inline bool *creadline_in_string(void) {
  static bool in_string;
  return &in_string;
}

/* Where the word to be completed begins: at the quote in a string (file names have dots and slashes), else where a name begins. */
static inline char *creadline_word_breaks(void) {
  char quote = 0;
  for (int i = 0; i < rl_point; i++) {
    char c = rl_line_buffer[i];
    if (quote && c == '\\') i++;
    else if (quote) quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'') quote = c;
  }
  *creadline_in_string() = quote != 0;
  return quote ? (char *)"\"'" : rl_completer_word_break_characters;
}

static inline void creadline_set_completer(rl_completion_func_t *completer) {
  rl_readline_name = "nnrepl"; /* for conditions in inputrc */
  rl_attempted_completion_function = completer;
  rl_completer_word_break_characters = (char *)" \t\n\"'=<>()[]{},;.:?!$+-*/%^#&|~\\`@"; /* only names stay whole */
  rl_completion_word_break_hook = creadline_word_breaks;
  rl_completer_quote_characters = "";
  rl_basic_quote_characters = "";
}

/* Signals are the caller's affair; only changes of the window's size are handled here. */
static inline void creadline_leave_signals_alone(void) {
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
}

static inline void creadline_block_signals(int how) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(how, &signals, NULL);
}

/* Between these two, SIGINT and SIGTERM are delivered only while creadline_wait waits: none is lost. */
static inline void creadline_begin(const char *prompt, rl_vcpfunc_t *finished) {
  creadline_block_signals(SIG_BLOCK);
  rl_callback_handler_install(prompt, finished);
}

static inline void creadline_end(void) {
  rl_callback_handler_remove(); /* unless the line's end did that */
  creadline_block_signals(SIG_UNBLOCK);
}

/* Waits for a key; false: for nothing, a signal came, or the bell (a file descriptor, or -1) became readable. */
static inline bool creadline_wait(int bell) {
  sigset_t open;
  sigprocmask(SIG_BLOCK, NULL, &open);
  sigdelset(&open, SIGINT);
  sigdelset(&open, SIGTERM);
  struct pollfd inputs[2] = {{fileno(rl_instream ? rl_instream : stdin), POLLIN, 0}, {bell, POLLIN, 0}};
  struct timespec quarter = {0, 250000000};
  int ready;
  while ((ready = ppoll(inputs, 2, &quarter, &open)) == 0) {
    int rows, columns;
    struct winsize size;
    rl_get_screen_size(&rows, &columns);
    if (ioctl(inputs[0].fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && (size.ws_col != columns || size.ws_row != rows))
      rl_resize_terminal();
  }
  return ready > 0 && inputs[0].revents != 0;
}

/* Makes room for output above the line that is being typed, and draws that line again below it. Signals come as they do outside. */
static inline void creadline_begin_above(void) {
  rl_clear_visible_line();
  creadline_block_signals(SIG_UNBLOCK);
}

static inline void creadline_end_above(void) {
  creadline_block_signals(SIG_BLOCK);
  rl_on_new_line();
  rl_redisplay();
  fflush(rl_outstream ? rl_outstream : stdout);
}

static inline const char *creadline_line(void) { return rl_line_buffer; }
static inline void creadline_completion_is_final(void) { rl_attempted_completion_over = 1; }
static inline void creadline_append(int character) { rl_completion_append_character = character; }
static inline void creadline_sort_completions(int sort) { rl_sort_completion_matches = sort; }

/* Forgets the half-typed line and leaves the cursor on a fresh one. */
static inline void creadline_drop_line(void) {
  rl_free_line_state();
  rl_callback_sigcleanup();
  rl_point = rl_end;
  rl_crlf();
  fflush(rl_outstream ? rl_outstream : stdout);
}

static inline void creadline_forget(int offset) {
  HIST_ENTRY *entry = remove_history(offset);
  if (entry) free_history_entry(entry);
}

static inline const char *creadline_history_at(int offset) {
  HIST_ENTRY *entry = history_get(history_base + offset);
  return entry ? entry->line : NULL;
}

static inline int creadline_history_count(void) { return history_length; }
