#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Writers beside the migration, and mprotect() racing with it, on two CPUs that take turns: counts as predicted, latencies
# there, and two runs about the same.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
needs_built switch-6.12

measure() {
	try "$WBIT" lab run switch-6.12 --mode=smp --runs=6 -o "$@"
	[ "$status" -eq 0 ] || fail "$1: status $status: $(head -c 600 err)"
}

measure first.jsonl --threads=1 -w anon-private
mv out table
expect_count 1 '.type=="env" and .platform=="lab-smp" and .clock=="insn"' first.jsonl
expect_count 0 '.type=="trial" and .outcome!="ok"' first.jsonl
# The first write of a page, whoever it was, pays once under vma-only and never under the others.
expect_count 7 '.policy=="vma-only" and .traced and .faults.write_protect==256 and .beside.faults.write_protect>0' first.jsonl
expect_count 14 '(.policy=="vma" or .policy=="entry") and .traced and .faults.write_protect==0
	and .beside.faults.write_protect==0' first.jsonl
# Writers meet entries under each policy, and wait for them longer than a page takes.
expect_count 21 '.traced and .beside.faults.not_present>0' first.jsonl
expect_count 18 '.traced==false and .beside.waited>0 and .beside.met>=.beside.waited and .beside.max>10000
	and .beside.p50!=null and .beside.hist!=null and .beside.writes>100' first.jsonl
expect_count 0 '.type=="trial" and .write.elapsed!=null' first.jsonl
grep -q 'migrated by move_pages, 1 writer beside' table || fail "no table of the writers: $(cat table)"
grep -Eq '^ *absent +[0-9.]+ \([0-9.]+\.\.[0-9.]+\)' table || fail "faults without an interval: $(cat table)"

# mprotect() beside the migration: most entries are in flight when it comes, and under vma not one page pays for it.
measure second.jsonl --threads=0,1 -w anon-private,inflight-mprotect -p vma,entry
expect_count 7 '.workload=="inflight-mprotect" and .policy=="entry" and .traced and .outcome=="ok" and .racing
	and .expected.faults==null and .faults.write_protect>128' second.jsonl
expect_count 7 '.workload=="inflight-mprotect" and .policy=="vma" and .traced and .outcome=="ok"
	and .faults.write_protect==0' second.jsonl
expect_count 2 '.outcome=="skip" and (.reason|test("no writers beside it: what runs beside its migration is its own"))' second.jsonl
grep -Eq 'inflight-mprotect +faults +0\.9[0-9]+ \(.*\) / race' out || fail "no share with an interval: $(cat out)"
jq -s -e '[.[] | select(.type=="trial" and .policy!="vma-only" and .beside.max!=null)] | group_by([.run, .policy])
	| map({run: .[0].run, policy: .[0].policy, max: ([.[].beside.max] | sort | .[2])}) | group_by(.policy)
	| all(.[]; length == 2 and (.[0].max / .[1].max | . > 0.95 and . < 1.05))' first.jsonl second.jsonl >/dev/null ||
	fail "the longest waits of two runs differ by more than 5 %"
try "$WBIT" compare first.jsonl second.jsonl --all
[ "$status" -eq 0 ] || fail "compare: $status: $(cat err)"
! grep -q 'within' out || fail "figures of CPUs that take turns are compared as exact: $(cat out)"
finish
