#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever stalls on the host, the guest's figures stay: wbit itself stopped in the middle of a run, and the reader of its
# stdout asleep. And within a boot aligned regions of one cell lie within 0.01 % to either side. STALL_S: how long they stall.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
stall_s=${STALL_S:-5}

bare() {
	jq -c 'del(.run, .time, .argv)' "$1"
}

# Stopped between two trials: nothing is written meanwhile, and the guest goes on.
stopped() {
	local lab i n=0 later
	"$WBIT" lab run stock-6.12 -o stopped.jsonl --quiet >/dev/null </dev/null &
	lab=$!
	for ((i = 0; i < 900 && n < 20; i++)); do
		sleep 0.1
		n=$(grep -c '"type":"trial"' stopped.jsonl 2>/dev/null || true)
		n=${n:-0}
	done
	kill -STOP "$lab"
	n=$(wc -c <stopped.jsonl)
	sleep "$stall_s"
	later=$(wc -c <stopped.jsonl)
	kill -CONT "$lab"
	wait "$lab" || echo "status $?" >stopped.failed
	[ "$n" -eq "$later" ] || echo "it was not stopped" >stopped.failed
	[ "$n" -lt $(($(wc -c <stopped.jsonl) / 2)) ] || echo "it was stopped too late to tell" >stopped.failed
}

# A pipe holds 64 KiB; wbit then waits for its reader.
asleep() {
	"$WBIT" lab run stock-6.12 -o - --quiet </dev/null | {
		IFS= read -r line
		sleep "$stall_s"
		printf '%s\n' "$line"
		cat
	} >asleep.jsonl || echo "status $?" >asleep.failed
	[ "$(wc -c <asleep.jsonl)" -gt 131072 ] || echo "too little to fill a pipe" >asleep.failed
}

try "$WBIT" lab run stock-6.12 stock-6.1 --pages=256 -o first.jsonl
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
stopped &
asleep
wait

run=$(jq -r 'select(.type=="env" and (.kernel|startswith("6.12."))).run' first.jsonl)
jq -c --arg run "$run" 'select(.run==$run)' first.jsonl >only.jsonl
for which in stopped asleep; do
	[ ! -e "$which.failed" ] || fail "$which: $(cat "$which.failed")"
	cmp <(bare only.jsonl) <(bare "$which.jsonl") ||
		fail "$which: other figures: $(diff <(bare only.jsonl) <(bare "$which.jsonl") | head -c 600)"
done

# Six blocks of each cell at 256 pages, which fit a tick. One cell in twenty may have met another task's work.
jq -s -c '[.[] | select(.type=="trial" and (.traced|not))]
	| group_by([.run, .workload, .policy]) | .[] | .[0] as $cell | ("migrate", "write") as $region
	| map(.[$region].oncpu | values) | select(length == 6)
	| [(max - min) / min, $cell.workload, $cell.policy, $region]' first.jsonl | sort -g >spreads
jq -s -e 'length >= 60 and (map(select(.[0] > 0.0002)) | length) <= length / 20 and all(.[]; .[0] <= 0.001)' \
	spreads >/dev/null || fail "regions of a cell spread by more: $(jq -c 'select(.[0] > 0.0002)' spreads | head -c 600)"
echo "$(wc -l <spreads) cells' regions, spread above 0.02 %: $(jq -c 'select(.[0] > 0.0002)' spreads | wc -l)"
finish
