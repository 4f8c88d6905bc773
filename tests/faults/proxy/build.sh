#!/usr/bin/env bash
# Builds the fault proxy and prints the path of the program as the last line.
# Built once for each content of this directory, in $ERRAND_CACHE/faultproxy.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
cache=${ERRAND_CACHE:-$HOME/.cache/errand}/faultproxy
hash=$({ go env GOVERSION; sha256sum ./*.go go.mod build.sh; } | sha256sum | cut -c1-12)
program=$cache/$hash/faultproxy
if [[ ! -x $program ]]; then
  mkdir -p "$cache/$hash"
  CGO_ENABLED=0 go build -o "$program.$$" . >&2
  mv -T "$program.$$" "$program" # whole or not at all
fi
echo "$program"
