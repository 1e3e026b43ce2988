#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two runs of the exact lab give the same records to the last digit, save time and run: the second one beside a host whose
# CPUs are all busy. And within a boot, aligned regions of one cell lie close to each other.
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

# Regions that fit a tick, with as many waits: 256 pages. Nine cells in ten hold 0.01 %; doc/findings.md knows of the others,
# where a step of some instructions a page comes in the middle of a run, at the same place each time.
spreads=$(jq -s -c '[.[] | select(.type=="trial" and (.traced|not) and .pages==256 and .migrate.oncpu!=null)]
	| group_by([.run, .workload, .migrate.ticks, .migrate.waits]) | map(select(length > 1))
	| map(map(.migrate.oncpu) | (max - min) / min) | sort | [.[length * 9 / 10 | floor], max]' first.jsonl)
jq -en --argjson s "$spreads" '$s[0] != null and $s[0] <= 0.0002 and $s[1] <= 0.002' >/dev/null ||
	fail "aligned regions spread by more: nine in ten, and the widest: $spreads"
echo "spread of aligned regions, nine cells in ten, and the widest: $spreads"
finish
