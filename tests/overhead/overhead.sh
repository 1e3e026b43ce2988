#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What watching adds to a page fault: wbit's ways beside perf's, on the same faults, in one run, all in random order in each round.
#
#	tests/overhead/overhead.sh BUILD [ROUNDS [FAULTS [MARGIN]]]
#
# The faults are `planted`'s, timed inside it around the faults alone; perf runs around it, with its start outside. Each process
# makes FAULTS four times, the first for nothing, and the least of the others counts: whatever else runs here only adds. What was
# lost was not watched: each tool has to have seen every fault.
# Takes root, or perf_event_paranoid at 1 or less and a readable tracefs. Status: overhead-table's; 77: perf cannot watch here.
set -euo pipefail

build=$(realpath "${1:?the build folder}")
rounds=${2:-24} faults=${3:-20000} margin=${4:-1} passes=4
cpu=$(sed -n 's/^Cpus_allowed_list:.*[^0-9]//p' /proc/self/status)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C

# planted WATCH [COMMAND...]: around it, the command; ./out has its records.
planted() {
	"${@:2}" "$build/planted" --watch "$1" --faults "$faults" --region "$faults" --passes $passes --cpu "$cpu" >out 2>err </dev/null
}

# saw METHOD NUMBER: of all passes.
saw() {
	[ "$2" -ge $((passes * faults)) ] || { echo "$1 saw $2 of $((passes * faults)) faults: $(head -c 300 err)"; exit 2; }
}

measure() {
	case $1 in
	bare) planted none ;;
	counted | event | timed) planted "$1"; saw "$1" "$(jq -s 'map(.page_faults) | add' out)" ;;
	traced) planted traced; saw "$1" "$(jq -s 'map(.write_protect) | add' out)" ;;
	stat) planted none perf stat -x, -e page-faults -o stat; saw "$1" "$(sed -n 's/,.*page-faults.*//p' stat)" ;;
	record)
		planted none perf record -q -e page-faults -c 1 -d -m 32M -o data
		[ "$round" -gt 0 ] || saw "$1" "$(perf script -i data -F addr 2>/dev/null | wc -l)"
		;;
	trace) planted none perf trace -F all --no-syscalls -o trace; saw "$1" "$(grep -c 'minfault' trace)" ;;
	esac
}

command -v perf >/dev/null || { echo "perf is not installed: linux-perf"; exit 77; }
for method in traced event stat record trace; do
	(faults=10 round=1 measure $method) >why 2>&1 || { echo "$method does not work here: $(cat why) $(head -c 300 err)"; exit 77; }
done

for ((round = 0; round < rounds; round++)); do
	for method in $(shuf -e bare counted event stat timed traced record trace); do
		measure "$method" || { echo "$method: $(head -c 300 err)"; exit 2; }
		jq -rs --arg head "$round $method" '.[1:] | "\($head) \(.[0].faults) \(map(.oncpu) | min) \(map(.elapsed) | min)"' out
	done
done >lines
[ -z "${OVERHEAD_LINES:-}" ] || cp lines "$OVERHEAD_LINES"
"$build/overhead-table" "$margin" <lines
