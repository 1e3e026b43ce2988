#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every workload equals the oracle at 1, 8, 256 and 4096 pages on both stock kernels; and two runs give the same records
# to the last digit, the second one beside a host that is kept busy.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

measure() {
	"$WBIT" lab run -o "$1" --pages=1,8,256,4096 --runs=2 stock-6.1 stock-6.12 >"$1.table" || fail "$1: status $?"
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

expect_count 2 '.type=="env" and .platform=="lab-exact" and .clock=="insn"' first.jsonl
expect_count 1 '.type=="env" and .native_policy=="entry" and (.kernel|startswith("6.1."))' first.jsonl
expect_count 1 '.type=="env" and .native_policy=="vma" and (.kernel|startswith("6.12."))' first.jsonl
expect_count 2 '.type=="end" and .cut_short==null' first.jsonl
expect_count 0 '.type=="trial" and .outcome!="ok"' first.jsonl

# expect_faults WORKLOAD POLICY FAULTS-PER-PAGE: in the twin by the tracepoint, in each timed trial by the thread's count.
expect_faults() {
	local pages cell
	for pages in 1 8 256 4096; do
		cell=".type==\"trial\" and .workload==\"$1\" and .policy==\"$2\" and .pages==$pages"
		expect_count 1 "$cell and .traced and .faults.write_protect==$(($3 * pages)) and .migrated==$pages" first.jsonl
		expect_count 2 "$cell and (.traced|not) and .faults.page_faults==$(($3 * pages))" first.jsonl
		expect_count 3 "$cell" first.jsonl
	done
}

expect_faults anon-private entry 0
expect_faults anon-private vma 0
expect_faults anon-private vma-only 1
expect_faults shmem-shared entry 0
expect_faults shmem-shared vma 0
expect_faults shmem-shared vma-only 0
expect_faults shmem-softdirty-merge entry 1
expect_faults shmem-softdirty-merge vma 0
expect_faults shmem-softdirty-merge vma-only 0

# Timed trials carry no tracepoint, traced ones no time; what was not measured has its reason.
expect_count 0 '.type=="trial" and (.traced|not) and (.faults.write_protect!=null or .w_before!=null)' first.jsonl
expect_count 0 '.type=="trial" and .traced and (.write.elapsed!=null or .migrate.elapsed!=null)' first.jsonl
expect_count 0 '.type=="trial" and .source=="emulated" and .migrate.elapsed!=null' first.jsonl
expect_count 0 '.type=="trial" and .w_after==null and (.why.w_after==null)' first.jsonl

# Nothing but time and run may differ.
for file in first second; do
	jq -c 'del(.run, .time, .argv)' $file.jsonl >$file.bare
done
cmp first.bare second.bare || fail "two runs differ: $(diff first.bare second.bare | head -c 600)"
expect_line '9? of 9?|cells equal the oracle' first.jsonl.table
[ "$(wc -L <first.jsonl.table)" -le 120 ] || fail "the table is wider than 120 columns"

# Within a boot, aligned regions of one cell that fit a tick lie within 0.01 %: on-CPU, 256 pages.
spread=$(jq -s '[.[] | select(.type=="trial" and (.traced|not) and .pages==256 and .migrate.oncpu!=null and .migrate.ticks==0)]
	| group_by([.run, .workload]) | map(map(.migrate.oncpu) | (max - min) / min) | max' first.jsonl)
jq -en --argjson s "$spread" '$s <= 0.0002' >/dev/null || fail "aligned regions spread by $spread"
finish
