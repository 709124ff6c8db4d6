#!/usr/bin/env bash
# The reference of the Swift module NNEngine, made from the comments in its source: docs/build.sh FOLDER. Needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."
output=$1
: "${SWIFT:=swift}"
graphs=$PWD/.build-docs/symbols
mkdir -p "$graphs" "$output"
"$SWIFT" build --scratch-path .build-docs --target NNEngine -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir \
  -Xswiftc "$graphs"
find "$graphs" -type f ! -name 'NNEngine*' -delete
catalog=()
[ -d Sources/NNEngine/NNEngine.docc ] && catalog=(Sources/NNEngine/NNEngine.docc)
docc=$(dirname "$(readlink -f "$(command -v "$SWIFT")")")/docc
"$docc" convert "${catalog[@]}" --additional-symbol-graph-dir "$graphs" --fallback-display-name NNEngine \
  --fallback-bundle-identifier nn.engine --output-path "$output"
echo "$output: serve it with any web server, for example python3 -m http.server -d $output"
