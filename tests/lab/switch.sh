#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One kernel, three policies: on the switch kernels of the cache every workload equals the oracle under each policy, told by
# the switch, in balanced blocks; and the emulation, beside it on the same kernel, counts the same.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
[ -n "${WBIT_FULL:-}" ] || { echo "the whole matrix: only under ./check --full"; exit 77; }
# shellcheck source=tests/oracle.sh
. "$SOURCE/tests/oracle.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels
read -ra kernels <<<"${SWITCH_KERNELS:-switch-6.12 switch-6.1}"
tested=0

# check_kernel NAME: by its own word it is 6.1 or 6.12, and its switch is found at what that does unpatched.
check_kernel() {
	local found=vma table=oracle_table
	try "$WBIT" lab run "$1" -o d.jsonl --force --runs=6
	[ "$status" -eq 0 ] || fail "$1: status $status: $(head -c 600 err) $(tail -n 12 out)"
	[ "$(wc -L <out)" -le 120 ] || fail "$1: the table is wider than 120 columns"
	for policy in entry vma vma-only; do expect_line " $policy( |\$)" out; done
	expect_line '^ +6\.[0-9.-]+\+? switch +6\.[0-9.-]+\+? switch +6\.[0-9.-]+\+? switch$' out
	if [ "$(count '.type=="env" and (.kernel|startswith("6.1."))' d.jsonl)" -eq 1 ]; then
		found=entry table=oracle_table_restored
	fi
	expect_count 1 ".type==\"env\" and .native_policy==\"$found\" and .policy_switch.as_found==\"$found\"" d.jsonl
	expect_count $((15 * 3 * 7)) '.type=="trial" and .outcome=="ok" and .source=="switch" and .kernel_policy==.policy' d.jsonl
	expect_count 0 '.type=="trial" and (.outcome!="ok" or .source!="switch")' d.jsonl
	for policy in entry vma vma-only; do $table | oracle_cells $policy 256; done | expect_cells d.jsonl

	# Six blocks hold each order of three policies once.
	jq -se '[.[] | select(.type=="trial" and (.traced|not))] | group_by(.workload) | length == 15 and all(.[];
		group_by(.block) | map(sort_by(.order) | map(.policy)) | (unique | length) == 6 and (map(length) | unique) == [3])' \
		d.jsonl >/dev/null || fail "$1: the blocks are not balanced"

	try "$WBIT" lab run "$1" -o a.jsonl --force --runs=1 --pages=1,256 --source='*'
	[ "$status" -eq 0 ] || fail "$1, all sources: status $status: $(head -c 600 err) $(tail -n 12 out)"
	[ "$(wc -L <out)" -le 120 ] || fail "$1, all sources: the table is wider than 120 columns"
	expect_count $((15 * 5 * 2 * 2)) '.type=="trial" and .outcome=="ok"' a.jsonl
	expect_count 0 ".source==\"native\" and (.policy!=\"$found\" or .kernel_policy!=\"$found\")" a.jsonl
	expect_count 0 '.source=="emulated" and .kernel_policy!="vma"' a.jsonl
	for policy in entry vma vma-only; do $table | oracle_cells $policy 1 256; done | expect_cells a.jsonl
	jq -c 'select(.source=="emulated")' a.jsonl >e.jsonl
	$table | oracle_cells vma-only 1 256 | expect_cells e.jsonl
}

for kernel in "${kernels[@]}"; do
	[ -e "$cache/$kernel/vmlinuz" ] || { echo "$kernel is not in the cache"; continue; }
	check_kernel "$kernel"
	tested=$((tested + 1))
done
[ "$tested" -gt 0 ] || exit 77

# Asked for where there is none, each cell is a skip that says so.
try "$WBIT" lab run stock-6.12 -o n.jsonl --source=switch -w anon-private
[ "$status" -eq 77 ] || fail "stock-6.12 by the switch: status $status: $(head -c 600 err)"
expect_count 3 '.type=="trial" and .outcome=="skip" and (.reason|test("^this kernel has no policy switch: no file"))' n.jsonl
finish
