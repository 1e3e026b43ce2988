#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two runs of the exact lab give the same records to the last digit, save time and run: the second one beside a host whose
# CPUs are all busy.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

measure() {
	"$WBIT" lab run -o "$1" --pages=256,1024 --runs=3 stock-6.1 stock-6.12 >"$1.table" || fail "$1: status $?"
	jq -c 'del(.run, .time, .argv)' "$1" >"$1.bare"
}

measure first.jsonl

busy=()
for _ in $(seq "$(nproc)"); do
	(while :; do :; done) &
	busy+=($!)
done
trap 'kill "${busy[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
measure second.jsonl
kill "${busy[@]}"

cmp first.jsonl.bare second.jsonl.bare ||
	fail "two runs differ: $(diff first.jsonl.bare second.jsonl.bare | head -c 600)"

finish
