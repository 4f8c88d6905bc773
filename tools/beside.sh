#!/usr/bin/env bash
# Runs one command in the background of another and joins it at the end:
#   beside.sh LOG BACKGROUND -- FOREGROUND...
# BACKGROUND is one word of the shell, split at its spaces; its output goes to LOG, whose end
# is shown when it fails. When FOREGROUND fails, BACKGROUND is ended with it.
set -uo pipefail
log=$1
read -ra background <<<"$2"
shift 3
mkdir -p "$(dirname "$log")"
set -m # a process group of its own, so that its compilers end with it
"${background[@]}" >"$log" 2>&1 </dev/null &
job=$!
set +m
trap 'kill -- -$job 2>/dev/null' EXIT
"$@" || exit
wait $job || { status=$?; echo "${background[*]} failed, see $log:" >&2; tail -n 20 "$log" >&2; exit $status; }
