# "make install" into an empty folder, then a C program that knows nothing but pkg-config.
stage="$scratch/stage"

installs() {
  make --no-print-directory install PREFIX=/opt/nn DESTDIR="$stage" || return 1
  local version
  version=$(sed -n 's/^Version: //p' "$stage/opt/nn/lib/pkgconfig/nn.pc")
  diff - <(cd "$stage" && find . ! -type d | LC_ALL=C sort) <<EOF
./opt/nn/bin/nnrepl
./opt/nn/include/nn.h
./opt/nn/lib/libnn.so
./opt/nn/lib/libnn.so.0
./opt/nn/lib/libnn.so.$version
./opt/nn/lib/lua/5.4/nn.so
./opt/nn/lib/pkgconfig/nn.pc
EOF
}

# nn_version() at run time must be the version that pkg-config promised.
builds_by_pkg_config() {
  local pc=(env "PKG_CONFIG_SYSROOT_DIR=$stage" "PKG_CONFIG_PATH=$stage/opt/nn/lib/pkgconfig" pkg-config)
  printf '#include <nn.h>\n#include <stdio.h>\nint main(void) { puts(nn_version()); return 0; }\n' >"$scratch/version.c"
  # shellcheck disable=SC2046
  "$CC" -std=c99 -Wall -Wextra -Werror $("${pc[@]}" --cflags nn) "$scratch/version.c" $("${pc[@]}" --libs nn) \
    -o "$scratch/version" || return 1
  diff <("${pc[@]}" --modversion nn) <(LD_LIBRARY_PATH="$stage/opt/nn/lib" "$scratch/version")
}

installed_prompt_runs() { [ "$("$stage/opt/nn/bin/nnrepl" -e 'print(nn.tensor{1, 2, 3}:sum():item())')" = 6.0 ]; }

# The same module in a Lua that is not ours: some of the scripts that nnrepl runs, and that it brings neither Lua nor readline.
in_lua() {
  env "LUA_CPATH=$stage/opt/nn/lib/lua/5.4/?.so" LUA_PATH='Tests/lua/?.lua' lua5.4 -e 'nn = require "nn"' "$@"
}
lua_finds_the_module() {
  diff - <(in_lua -e 'print(nn.tensor{1, 2, 3}:sum():item(), _G.help)' -e 'nn.help "Flatten"' | sed 's/{.*//;2q') <<EOF
6.0	nil
nn.layers.Flatten
EOF
}
# Ctrl-C ends fit after its batch; the program goes on.
lua_can_be_interrupted() {
  cat >"$scratch/long.lua" <<'EOF'
local m = nn.Sequential{nn.layers.Dense{64, input_shape = {32}}}
m:compile{loss = "mse"}
local x, y = nn.zeros{2048, 32}, nn.zeros{2048, 64}
local Ready = nn.callbacks.Callback:subclass "Ready"
function Ready:on_epoch_end(epoch) if epoch == 0 then io.open(arg[1], "w"):close() end end
local h = m:fit(x, y, {epochs = 1000000, verbose = 0, callbacks = {Ready()}})
print(h.interrupted, #h.epoch > 0)
EOF
  rm -f "$scratch/ready"
  # A shell's background job ignores SIGINT; env makes it ordinary again.
  env --default-signal=INT "LUA_CPATH=$stage/opt/nn/lib/lua/5.4/?.so" lua5.4 -e 'nn = require "nn"' "$scratch/long.lua" "$scratch/ready" \
    >"$scratch/interrupted" &
  local process=$! i
  for ((i = 0; i < 300; i++)); do [ -e "$scratch/ready" ] && break; sleep 0.1; done
  kill -INT "$process"
  wait "$process" && tail -n 1 "$scratch/interrupted" | grep -qx "true$(printf '\t')true"
}
module_stands_alone() {
  local file="$stage/opt/nn/lib/lua/5.4/nn.so"
  [ "$(nm -D --defined-only --extern-only "$file" | awk '{ print $NF }')" = luaopen_nn ] ||
    { nm -D --defined-only "$file"; return 1; }
  ! readelf -d "$file" | grep -E 'NEEDED.*(lua|readline|swift)'
}

uninstalls() {
  make --no-print-directory uninstall PREFIX=/opt/nn DESTDIR="$stage" && [ -z "$(find "$stage" ! -type d)" ]
}

check 'make install puts seven files' installs
check 'a C program builds by pkg-config' builds_by_pkg_config
check 'the installed nnrepl runs' installed_prompt_runs
check 'the Lua module shows its entry only, and needs neither Lua nor Swift' module_stands_alone
check 'lua5.4 finds the module, with nn.help and no globals' lua_finds_the_module
check 'lua5.4: Ctrl-C ends fit, the program goes on' lua_can_be_interrupted
for script in models tensors callbacks custom_layers resume background leaks; do
  check "lua5.4 Tests/lua/$script.lua" in_lua "Tests/lua/$script.lua"
done
check 'make uninstall leaves nothing' uninstalls
