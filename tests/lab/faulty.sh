#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One boot of the program whose workloads go wrong: each is told for what it is, and the run goes on to its end.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

try "$FAULTY" lab run stock-6.12 -o f.jsonl -w 'trial-*' -p vma --runs=2 --pages=16 --time-limit=1
[ "$status" -eq 1 ] || fail "status $status, expected 1: $(head -c 600 err)"

# expect_twin WORKLOAD OUTCOME REASON
expect_twin() {
	expect_count 1 ".workload==\"trial-$1\" and .traced and .outcome==\"$2\" and ((.reason//\"\")|test(\"$3\"))" f.jsonl
}

expect_twin skips-arming state-not-reached 'declared: 16 read entries; observed: 0 read, 0 read-exclusive, 16 write'
expect_twin moves-nothing fail '0 of 16 pages moved to node 1'
expect_twin wrong-oracle fail '0 write-protection faults, expected 16'
expect_twin crashes broken 'killed by signal 11 .* in the phase: write'
expect_twin hangs broken 'hung: killed after the time limit of 1 s in the phase: arm'
expect_twin loses-data fail 'data lost: page 0'
expect_twin beside ok '^$'
expect_twin not-a-file state-not-reached 'with page_mkwrite; found: shared, without W, no'
expect_twin not-private state-not-reached 'declared: private VMA, default without W, no page_mkwrite; found: shared, W, no'
expect_twin knob ok '^$'
expect_twin disk ok '^$'
expect_count 1 '.workload=="trial-forbidden-knob" and .outcome=="skip" and (.reason|test("is not a knob that wbit touches"))' f.jsonl

# Where the twin was not ok no time is taken, and that is said; where it was, all trials ran.
expect_count 0 '.type=="trial" and (.traced|not) and .outcome=="ok" and (.workload|test("beside|knob|disk")|not)' f.jsonl
expect_count 2 '.workload=="trial-beside" and (.traced|not) and .outcome=="ok"' f.jsonl
expect_count 2 '.workload=="trial-knob" and (.traced|not) and .outcome=="ok"' f.jsonl
expect_count 1 '.workload=="trial-crashes" and .outcome=="skip" and (.reason|test("twin was broken"))' f.jsonl
expect_count 1 '.type=="end" and .fail==3 and .broken==2 and .state_not_reached==3' f.jsonl

# The table marks them.
expect_line '!! FAIL' out
expect_line '!! state not reached' out
expect_line '0 write-protection faults, expected 16' out
finish
