# Files and the operating system: a training that is killed, a disk that is full, libraries that are missing.
check 'a training survives SIGKILL, fifty times' bash Tests/checks/survival.sh build/nnrepl 50

# A limit on the size of files stands for a full disk: an error, the old file as it was, nothing else left.
full_disk() {
  local folder="$scratch/full" size
  mkdir -p "$folder"
  cat >"$scratch/full.lua" <<'LUA'
local folder, big = arg[1], arg[2] == "big"
local model = nn.Sequential{nn.layers.Dense{big and 400 or 2, input_shape = {400}}}
for _, name in ipairs{"m.h5", "m.keras", "m.safetensors", "m.npz"} do
  local good, message = pcall(model.save, model, folder .. "/" .. name)
  assert(good == not big, message)
  assert(good or (message:find("could not be written", 1, true) and not message:find("\n")), message)
end
LUA
  build/nnrepl "$scratch/full.lua" "$folder" small || return 1
  size=$(cat "$folder"/m.* | cksum)
  (trap '' XFSZ; ulimit -f 100; exec build/nnrepl "$scratch/full.lua" "$folder" big) || return 1
  [ "$(cat "$folder"/m.* | cksum)" = "$size" ] && [ "$(find "$folder" -type f | wc -l)" = 4 ]
}
check 'a full disk is an error and leaves the old file' full_disk

# Without the libraries: errors that name the packages. A folder of other files under the libraries' names stands for their absence.
missing_libraries() {
  local stubs="$scratch/stubs" name
  mkdir -p "$stubs"
  for name in libhdf5_serial.so.103 libhdf5.so.103 libhdf5_serial.so.310 libhdf5.so.310 libhdf5.so.200 libhdf5.so libzip.so.4 libzip.so.5 libzip.so; do
    echo 'int nothing;' | "$CC" -shared -fPIC -x c - -o "$stubs/$name" || return 1
  done
  cat >"$scratch/missing.lua" <<'LUA'
local model = nn.Sequential{nn.layers.Dense{2, input_shape = {4}}}
for _, name in ipairs{"m.h5", "m.keras"} do
  local good, message = pcall(model.save, model, arg[1] .. "/" .. name)
  assert(not good and message:find("libhdf5", 1, true), message)
end
model:save(arg[1] .. "/m.npz")
local good, message = pcall(nn.load_model, arg[1] .. "/m.npz")
assert(not good and message:find("libzip4", 1, true), message)
model:save(arg[1] .. "/m.safetensors")
assert(#nn.load_model(arg[1] .. "/m.safetensors").layers == 1)
LUA
  LD_LIBRARY_PATH="$stubs" build/nnrepl "$scratch/missing.lua" "$stubs"
}
check 'without libhdf5 and libzip an error names them' missing_libraries
