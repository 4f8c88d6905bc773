#!/usr/bin/env bash
# Builds the program that judges pods by Kubernetes' own checks of Pod Security, of the version of the rig's module,
# and prints its path as the last line. Built once for each content: $ERRAND_CACHE/bin/podsecurity-HASH.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
hash=$({ go env GOVERSION; sha256sum main.go ../go.mod ../go.sum; } | sha256sum | cut -c1-12)
out=${ERRAND_CACHE:-$HOME/.cache/errand}/bin/podsecurity-$hash
if [[ ! -x $out ]]; then
  CGO_ENABLED=0 go build -p 2 -ldflags "-s -w" -o "$out.$$" . >&2
  mv -T "$out.$$" "$out" # whole or not at all
fi
echo "$out"
