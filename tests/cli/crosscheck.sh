#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit run --crosscheck on this host: perf's counts of the same faults, a count that is off, and a perf that cannot.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

# Alone the host's: a guest has no perf.
expect 2 "unrecognized option '--crosscheck'" "$WBIT" lab run --crosscheck

# Each variant that can run has a trial for each tool in the plan.
try "$WBIT" run -n -w anon-private --trigger compaction -p vma --source native -r 3
plain=$(sed -n 's/^1 cells, \([0-9]*\) trials$/\1/p' out)
try "$WBIT" run -n -w anon-private --trigger compaction -p vma --source native -r 3 --crosscheck
with=$(sed -n 's/^1 cells, \([0-9]*\) trials$/\1/p' out)
[ "$with" = "$plain" ] || [ "$with" -eq $((plain + 2)) ] || fail "--crosscheck plans $with trials, without it $plain"

if ! can_compact; then
	echo "needs root, compaction and tracepoints: the rest is left out"
	finish
	exit 77
fi
[ "$with" -eq $((plain + 2)) ] || fail "--crosscheck plans $with trials, without it $plain"

# check PROGRAM ALLOWED OPTION...: by compaction, until each of the cells' two crosschecks came to something, in ./c.jsonl, and no more
# than ALLOWED other trials did not: someone else's compaction may be in the way.
check() {
	local program=$1 allowed=$2 i
	shift 2
	for ((i = 0; i < 10; i++)); do
		try "$program" run --trigger compaction -r 1 --no-aa --crosscheck -o c.jsonl --force "$@"
		[ "$(count '.crosscheck and (.outcome=="ok" or .outcome=="fail")' c.jsonl)" -lt 4 ] ||
			[ "$(count '(.crosscheck|not) and (.outcome=="fail" or .outcome=="state-not-reached")' c.jsonl)" -gt "$allowed" ] || break
	done
}

has_perf=false
if perf trace -F all --no-syscalls true >/dev/null 2>&1 && perf stat -e page-faults true >/dev/null 2>&1; then
	has_perf=true
	# Workloads without a fault, with one a page, and with userfault events: always wbit's own numbers.
	check "$WBIT" 0 -w anon-fork,shmem-shared -p vma,entry
	expect_count 2 '.crosscheck.tool=="perf trace" and .crosscheck.faults==.crosscheck.expected and .outcome=="ok"' c.jsonl
	expect_count 2 '.crosscheck.tool=="perf stat" and .crosscheck.faults==.crosscheck.expected and .outcome=="ok"' c.jsonl
	expect_count 1 '.crosscheck.tool=="perf trace" and .workload=="anon-fork" and .crosscheck.faults==.migrated and .migrated>0' c.jsonl
	expect_count 4 '.crosscheck and .traced' c.jsonl
	expect_line '^crosscheck: by perf trace and perf stat 4 counts are wbit.s own, 0 are not$' out

	# Faults that wbit does not see: each is found by the one that does.
	check "$FAULTY" 1 -w 'unseen-*' --pages 64 -p vma,entry
	[ "$status" -eq 1 ] || fail "counts are off, and the status is $status"
	expect_count 1 '.workload=="unseen-in-the-region" and .outcome=="fail" and .crosscheck.tool=="perf trace" and
		.crosscheck.faults==.migrated and .crosscheck.expected==0 and
		(.reason|test("^crosscheck: perf trace counts [0-9]+ faults in the region, wbit 0$"))' c.jsonl
	expect_count 1 '.workload=="unseen-of-a-thread" and .outcome=="fail" and .crosscheck.tool=="perf stat" and
		.crosscheck.faults==7 and .crosscheck.expected==0 and .reason=="crosscheck: perf stat counts 7 faults of the thread, wbit 0"' c.jsonl
	expect_count 1 '.workload=="unseen-of-a-thread" and .outcome=="ok" and .crosscheck.tool=="perf trace"' c.jsonl
	expect_line '^crosscheck: by perf trace and perf stat 2 counts are wbit.s own, 2 are not$' out
	expect_line 'crosscheck: perf stat counts 7 faults of the thread, wbit 0' out
fi

# unavailable REASON: no number of perf's, and why; nothing fails for it.
unavailable() {
	check "$WBIT" 0 -w anon-fork,shmem-shared -p vma,entry
	[ "$status" -ne 1 ] || fail "$1: status 1"
	expect_count 4 ".crosscheck and .crosscheck.faults==null and (.why[\"crosscheck.faults\"]|test(\"$1\"))" c.jsonl
	expect_count 0 '.outcome=="fail"' c.jsonl
	tr -s ' \n' ' ' <out >flat
	expect_line "crosscheck: by perf trace and perf stat 0 counts are wbit's own, 0 are not; 4 unavailable: .*$1" flat
}
mkdir none bin
full=$PATH
# Without perf. The test's own tools are found by their full names meanwhile.
WBIT_REAL=$WBIT
printf '#!/bin/sh\nPATH=%s/none exec %s "$@"\n' "$PWD" "$WBIT_REAL" >without
printf '#!/bin/sh\nPATH=%s/bin:%s exec %s "$@"\n' "$PWD" "$full" "$WBIT_REAL" >with
chmod +x without with
WBIT=./without
unavailable 'perf is not installed'

# A perf that may not, one that lost events, one that counted a part of the time.
fake() {
	printf '#!/bin/bash\n%s\n' "$1" >bin/perf
	chmod +x bin/perf
}
WBIT=./with
fake 'echo "perf_event_paranoid setting is 4" >&2; exit 255'
unavailable 'perf may not: run as root, or lower kernel.perf_event_paranoid'
fake 'echo "what is this" >&2; exit 1'
unavailable 'perf: what is this'
if $has_perf; then
	fake "if [ \"\$1\" = trace ]; then echo 'LOST 3 events!' >&2; exec $(command -v perf) \"\$@\"; fi
		while read -r -u 3 line; do echo ack >&4; done; echo '5;;page-faults;100;50.00;;' >&2"
	unavailable 'perf (trace lost events|stat did not count page-faults)'
	expect_count 2 '.why["crosscheck.faults"]=="perf trace lost events"' c.jsonl
	expect_count 2 '.why["crosscheck.faults"]=="perf stat did not count page-faults, of user and kernel, all of the time"' c.jsonl
fi
[ -z "$(ls -A tmp)" ] || fail "left in TMPDIR: $(ls -A tmp)"
[ "$failures" -eq 0 ] && ! $has_perf && { echo "perf is missing or may not trace"; exit 77; }
finish
