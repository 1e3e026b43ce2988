#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All pairs of nodes in a guest: there and back where both nodes have a CPU, one way where one has none. And a CPU of another node.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

[ -e "${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels/stock-6.12/vmlinuz" ] || "$WBIT" lab fetch stock-6.12 >/dev/null

# Where time is taken lab.machine has the matrix; this guest, whose CPUs take turns, is slow.
there_and_back() {
	try "$WBIT" lab run stock-6.12 --mode smp --pairs -w anon-private,shmem-shared --source=native --runs=1 -o smp.jsonl
	[ "$status" -eq 0 ] || fail "smp: status $status: $(head -c 400 err)"
	expect_count 1 '.type=="env" and .pairs==true and
		[.placement[] | [.from, .to, .cpu_node]]==[[0,1,0],[1,0,1]]' smp.jsonl
	for pair in '.from==0 and .to==1' '.from==1 and .to==0'; do
		expect_count 4 ".type==\"trial\" and .outcome==\"ok\" and $pair" smp.jsonl
	done
	expect_line 'migrated by move_pages, node 0 to 1$' out
	expect_line 'migrated by move_pages, node 1 to 0$' out
	expect_line '^anon-private, vma native, 256 pages of 4 KiB by move_pages, instructions a page$' out
	expect_line '^  migrate  from node, to: +0 +1$' out
	expect_line '^ +0 +- +[0-9,]+$' out
	expect_line '^ +1 +[0-9,]+ +-$' out
}
[ -z "${WBIT_FULL:-}" ] || there_and_back

# One CPU: the other node is no source. With a CPU of the other node, told and measured; but not what pulls pages to the CPU.
try "$WBIT" lab run stock-6.12 --pairs -w anon-private --source=native --runs=1 -o exact.jsonl
[ "$status" -eq 0 ] || fail "exact: status $status: $(head -c 400 err)"
expect_count 0 '.type=="trial" and (.from!=0 or .to!=1)' exact.jsonl

# What the guest's program cannot tell says why.
for key in topology memattrs topology_picture; do
	expect_count 1 ".type==\"env\" and .$key==null and .why.$key==\"the guest's program goes without hwloc\"" exact.jsonl
done
[ ! -e exact.topology.svg ] || fail "a picture of this machine beside a guest's records"

try "$WBIT" lab run stock-6.12 --mode tcg --from=0 --cpu=1 -w anon-private,numa-hint-anon --source=native --runs=1 -o cpu.jsonl
[ "$status" -eq 0 ] || fail "another node's CPU: status $status: $(head -c 400 err)"
expect_count 1 '.type=="env" and .placement==[{"from":0,"to":1,"cpu":1,"cpu_node":1}]' cpu.jsonl
expect_count 2 '.workload=="anon-private" and .outcome=="ok"' cpu.jsonl
expect_count 1 ".workload==\"numa-hint-anon\" and .outcome==\"skip\" and (.reason|test(\"pulls pages to the CPU's node\"))" cpu.jsonl
finish
