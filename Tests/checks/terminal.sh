# The prompt as people meet it: in a real terminal (tmux). Nothing here counts seconds: it waits for what should appear, up to two
# minutes, so that slow machines pass, too.
NNREPL=${NNREPL:-$PWD/build/nnrepl}

# A server of its own for each session, which no configuration of the user's touches.
tmux_() { tmux -L "nn-$$-$session" -f /dev/null "$@"; }
session=0
pane=prompt

# session [VARIABLE=value…]: a fresh shell in which nnrepl runs; its exit status is shown when it ends.
session() {
  tmux_ kill-server 2>/dev/null || true
  session=$((session + 1))
  tmux_ new-session -d -s $pane -x 100 -y 40 \
    "env LC_ALL=C.UTF-8 INPUTRC=/dev/null NNREPL_HISTORY='$scratch/history' $* '$NNREPL' -q; echo left: \$?; exec sleep 600"
  shows '^nn> $'
}
screen() { tmux_ capture-pane -p -t $pane -S -2000; }
keys() { tmux_ send-keys -t $pane "$@"; }
text() { tmux_ send-keys -t $pane -l -- "$1"; }
line() { text "$1" && keys Enter; }

# shows PATTERN: waits until a line of the screen matches.
shows() {
  local tries
  for tries in $(seq ${NN_TERMINAL_TRIES:-1200}); do
    screen | sed 's/ *$//' | grep -qE -- "${1// \$/ *\$}" && return 0
    sleep 0.1
  done
  printf 'waited for %s; the screen:\n' "$1"
  screen
  return 1
}
# lacks PATTERN: no line of the screen matches.
lacks() { ! screen | grep -E -- "$1"; }
# Nothing but a prompt is left on the screen.
cleared() { keys C-l && shows '^nn> $' && sleep 0.2 && tmux_ clear-history -t $pane; }
# times PATTERN NUMBER: that many lines match.
times() { [ "$(screen | sed 's/ *$//' | grep -cE -- "$1")" -eq "$2" ] || { screen; return 1; }; }

types_and_completes() {
  session || return 1
  line '6 * 7' && shows '^42$' || return 1
  text 'nn.layers.Den' && keys Tab && line '(10).units + 91' && shows '^101$' || return 1
  text 'nn.layers.Dense{3, kernel_ini' && keys Tab && text '"he_n' && keys Tab && line '", name="tabbed"}' &&
    shows '^Dense\{name="tabbed", units=3, kernel_initializer="VarianceScaling"\}$' || return 1
  text 'mdl = nn.Sequential{nn.layers.Den' && keys Tab && line '{1, input_shape={2}}}; mdl' && shows '^Total params: 3$' || return 1
  text 'mdl:count_p' && keys Tab && line '() * 111' && shows '^333$' || return 1
  line '? Dense' && shows 'Shapes: \(n, …, inputs\)' && line '? Dnse' && shows "did you mean 'Dense'" || return 1
  line 'who()' && shows '^mdl  Sequential' && line '$ echo from the $((40 + 2))nd shell' && shows '^from the 42nd shell$'
}

# Pasted as terminals do (in brackets), several lines are one entry; it runs once, and Up brings it back whole.
pastes() {
  session || return 1
  tmux_ set-buffer -b lines $'function twice(x)\n  -- a comment\n  return 2 * x\nend\ntwice(50)'
  tmux_ paste-buffer -b lines -t $pane -p -r && keys Enter && shows '^100$' && line '1000 + 1' && shows '^1001$' || return 1
  times '^100$' 1 && keys Up Up Enter && line '2000 + 2' && shows '^2002$' && times '^100$' 2 || return 1
  line 'for i = 1, 2 do' && shows '^\.\.> $' && line 'print("row " .. 10 * i)' && line 'end' && shows '^row 20$'
}

# An endless fit ends after its batch, with its history (of an epoch at least: the second has begun) and a usable model; the next goes on.
interrupts() {
  session || return 1
  line 'x, y = nn.random.normal{100000, 8}, nn.zeros{100000, 1}; model = nn.Sequential{nn.layers.Dense{4, input_shape={8}}, nn.layers.Dense(1)}'
  line 'model:compile{loss="mse"}; h = model:fit(x, y, {epochs=1000000000})' && shows 'Epoch ([2-9]|[0-9]{2,})/1000000000' || return 1
  keys C-c && shows '^interrupted at epoch' || return 1
  line 'h.interrupted, #h.epoch > 0, "here"' && shows '^true +true +here$' && cleared || return 1
  line 'before = #h.epoch; r = model:resume()' && shows 'Epoch [0-9]+/1000000000' && keys C-c && shows '^interrupted at epoch' || return 1
  line 'r.interrupted, #r.epoch >= before, "resumed"' && shows '^true +true +resumed$' || return 1
  line '#model:fit(x, y, {epochs=3, verbose=0}).epoch + 70' && shows '^73$' || return 1
  line 'while true do end' && shows 'while true do end$' && keys C-c && shows 'interrupted!$' || return 1
  line 'co = coroutine.create(function() while true do end end); while true do coroutine.resume(co) end' && shows 'resume\(co\) end$' && keys C-c &&
    line '"out of the " .. 1 .. "st coroutine"' && shows '^out of the 1st coroutine$' || return 1
  text 'x = "half' && shows 'half$' && keys C-c && line '"after" .. 7' && shows '^after7$'
}

leaves_and_remembers() {
  session || return 1
  line '"first" .. 1' && shows '^first1$' && line '"second" .. 2' && shows '^second2$' && line '"first" .. 1' && keys C-d && shows '^left: 0$' || return 1
  [ "$(stat -c %a "$scratch/history")" = 600 ] || { ls -l "$scratch/history"; return 1; }
  session || return 1
  keys Up Up Enter && shows '^second2$' && keys C-r && text 'irs' && keys Enter && shows '^first1$' && line 'os.exit(7)' && shows '^left: 7$'
}

colors() { tmux_ capture-pane -p -e -t $pane | grep -q $'\e\[31m'; }
knows_when_to_color() {
  session && line 'error "red"' && shows 'stdin:1: red$' && colors || { echo 'no colour in a terminal'; return 1; }
  local variable
  for variable in NO_COLOR=1 TERM=dumb; do
    session $variable && line 'error "plain"' && shows 'stdin:1: plain$' && ! colors || { echo "colour with $variable"; return 1; }
  done
  # A dumb terminal still has a prompt, values and progress.
  line '21 + 21' && shows '^42$' && lacks $'\e'
}

check 'a terminal: typing and completion' types_and_completes
check 'a terminal: pasted lines' pastes
check 'a terminal: interrupts' interrupts
check 'a terminal: leaving, history' leaves_and_remembers
check 'a terminal: colours' knows_when_to_color
tmux_ kill-server 2>/dev/null || true
