#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bug that the kernel once had, asked for by its full name: a shared page that userfaultfd protects comes back writable,
# and its events are lost. That fails, with their number; private pages lose none, and neither does `vma` beside it.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
needs_built switch-6.12

# check_kernel NAME
check_kernel() {
	local armed='.type=="trial" and .workload=="shmem-uffd-armed"'
	local lost='256 of 256 userfault events lost: written without the fault that was asked for'

	try "$WBIT" lab run "$1" -o "$1.jsonl" -p vma-unsafe,vma -w '*-uffd-armed,shmem-shared' --runs=1
	[ "$status" -eq 1 ] || fail "$1: status $status, expected 1: $(head -c 600 err)"
	expect_count 1 "$armed and .policy==\"vma-unsafe\" and .traced and .outcome==\"fail\" and .reason==\"$lost\"" "$1.jsonl"
	expect_count 1 "$armed and .policy==\"vma-unsafe\" and .traced and .w_after==256 and .expected.faults==256 and
		.faults.userfault==0 and .faults.write_protect==0" "$1.jsonl"
	expect_line '!! FAIL' out
	expect_line "^\[[0-9]\] $lost" out
	expect_count 1 '.type=="end" and .fail==1' "$1.jsonl"
	expect_count 0 '.policy=="vma-unsafe" and (.workload|test("^shmem-uffd")|not) and .outcome!="ok"' "$1.jsonl"
	expect_count 2 '.policy=="vma-unsafe" and .workload=="anon-uffd-armed" and .faults.userfault==256' "$1.jsonl"

	# Every event arrives under vma beside it, and under the policies that a glob finds, which it is none of.
	expect_count 2 "$armed and .policy==\"vma\" and .outcome==\"ok\" and .faults.userfault==256" "$1.jsonl"
	try "$WBIT" lab run "$1" -o "$1-glob.jsonl" -p '*' -w '*-uffd-armed,shmem-shared' --runs=1
	[ "$status" -eq 0 ] || fail "$1, all policies: status $status: $(head -c 600 err)"
	expect_count 0 '.policy=="vma-unsafe"' "$1-glob.jsonl"
	for policy in vma-only vma entry; do
		expect_count 2 "$armed and .policy==\"$policy\" and .outcome==\"ok\" and .faults.userfault==256" "$1-glob.jsonl"
	done

	# What vma costs is the same with and without the bug beside it.
	jq -se 'map(select(.type=="trial" and .policy=="vma")) | group_by([.workload, .traced]) | length == 6 and all(.[];
		length == 2 and (map([.outcome, .w_after, .faults.page_faults, .faults.userfault]) | unique | length) == 1 and
		(map(.migrate.oncpu // 1) | max <= 1.001 * min))' "$1.jsonl" "$1-glob.jsonl" >/dev/null ||
		fail "$1: vma is not the same beside the bug"
}

check_kernel switch-6.12
if [ -n "${WBIT_FULL:-}" ]; then
	needs_built switch-6.1
	check_kernel switch-6.1
fi
finish
