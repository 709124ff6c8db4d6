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

uninstalls() {
  make --no-print-directory uninstall PREFIX=/opt/nn DESTDIR="$stage" && [ -z "$(find "$stage" ! -type d)" ]
}

check 'make install puts six files' installs
check 'a C program builds by pkg-config' builds_by_pkg_config
check 'the installed nnrepl runs' installed_prompt_runs
check 'make uninstall leaves nothing' uninstalls
