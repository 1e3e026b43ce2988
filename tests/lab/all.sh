#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `lab run --all`: every workload by every trigger equals the table by hand on both stock and both switch kernels, what is
# skipped is a list that stands here, and it takes no more than five minutes of a CPU's time a kernel. Without --full: all
# workloads by one trigger each on a stock kernel.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/oracle.sh
. "$SOURCE/tests/oracle.sh"

cpu_seconds_max=300

# skips POLICY...: what the exact mode has no second CPU for. Then what 6.1 lacks.
skips() {
	local trigger policy
	for trigger in move_pages mbind; do
		for policy in "$@"; do
			printf 'inflight-mprotect\t%s\t%s\tneeds a second CPU\n' "$trigger" "$policy"
		done
	done
}

skips_of_6_1() {
	local workload trigger policy
	skips "$@"
	for workload in anon-uffd-async shmem-uffd-async; do
		for trigger in move_pages mbind migrate_pages cpuset compaction numa-balancing; do
			for policy in "$@"; do
				printf '%s\t%s\t%s\t%s\n' "$workload" "$trigger" "$policy" "needs asynchronous userfaultfd"
			done
		done
	done
}

# expect_skips FILE <EXPECTED: all of them, no other, each for the reason that begins so.
expect_skips() {
	diff <(sort -u) <(jq -r 'select(.type=="trial" and .outcome=="skip") | [.workload, .trigger, .policy,
		(.reason | sub("^(needs asynchronous userfaultfd) .*"; "\(.[:30])"))] | @tsv' "$1" | sort -u) >differences ||
		fail "$1: skips off the list: $(head -c 800 differences)"
}

# measure KERNEL OPTION...: into KERNEL.jsonl; nothing goes wrong, and the time of it and of its children is kept.
measure() {
	local kernel=$1 user system
	shift
	status=0
	{ TIMEFORMAT='%U %S'; time "$WBIT" lab run "$kernel" -o "$kernel.jsonl" "$@" >out 2>err </dev/null || status=$?; } 2>taken
	[ "$status" -eq 0 ] || fail "$kernel: status $status: $(head -c 600 err) $(tail -n 12 out)"
	expect_count 0 '.type=="trial" and (.outcome|IN("ok","skip")|not)' "$kernel.jsonl"
	expect_count 1 '.type=="end" and .cut_short==null' "$kernel.jsonl"
	expect_count 0 '.type=="env" and .native_policy=="unknown"' "$kernel.jsonl"
	read -r user system <taken
	seconds=$((${user%.*} + ${system%.*}))
	echo "$kernel: $(count '.type=="trial"' "$kernel.jsonl") trials in $seconds s of CPU time"
}

# check_all KERNEL RESTORED POLICY...
check_all() {
	local kernel=$1 restored=$2
	shift 2
	measure "$kernel" --all
	[ "$seconds" -le "$cpu_seconds_max" ] || fail "$kernel: $seconds s of CPU time, more than $cpu_seconds_max"
	oracle_all "$restored" "$@" | expect_rates "$kernel.jsonl"
	if [ "$restored" = yes ]; then skips_of_6_1 "$@"; else skips "$@"; fi | expect_skips "$kernel.jsonl"
}

if [ -z "${WBIT_FULL:-}" ]; then
	oracle_pages=32
	measure stock-6.12 -w '*' --runs=1 --pages=32
	oracle_default vma-only vma | expect_rates stock-6.12.jsonl
	skips vma-only vma | grep move_pages | expect_skips stock-6.12.jsonl
	finish
	exit
fi
for kernel in switch-6.12 switch-6.1; do needs_built "$kernel"; done
check_all stock-6.12 no vma-only vma
check_all stock-6.1 yes entry
check_all switch-6.12 no vma-only vma entry
check_all switch-6.1 yes vma-only vma entry
finish
