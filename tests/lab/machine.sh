#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/hardware.md from end to end, on the nearest thing to a machine with two nodes that is to be had anywhere: the whole program,
# not the guest's, in a virtual machine of two CPUs with a node each. Its times mean nothing; where they come from is what is tested.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cat >script <<'END'
mount -t tmpfs none /tmp && cd /tmp || exit 9
wbit doctor >doctor.txt || exit 10
grep -E 'nodes with memory|^  ok  wbit run  ' doctor.txt
wbit run -w anon-private,shmem-shared -r 6 --tune --pairs -o pairs.jsonl || exit 11
wbit run -w anon-private --from numa:1 --to node:0 --cpu core:1 -r 6 -e perf::PAGE-FAULTS,cycles -o from.jsonl || exit 12
wbit compare --by policy pairs.jsonl >compared || exit 13
grep -E "^anon-private .*node 1 to 0|node 1 to 0" compared
ls -1
cat pairs.jsonl from.jsonl
END
picture=$(command -v lstopo-no-graphics) || { echo "needs hwloc-nox"; exit 77; }
try "$WBIT" lab shell stock-6.12 --mode tcg --time-limit 300 --script script --add "$WBIT:/bin/wbit" --add "$picture"
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err; tail -n 20 out)"
grep '^{' out >records || fail "no records: $(tail -n 20 out)"
grep -v '^{' out >text

# What doctor says, and the tables.
expect_line 'nodes with memory +node 0: .*; node 1: .*; distance 0-1: 20' text
expect_line '^  ok  wbit run +15 of 15 workloads under vma, and 15 under vma-only \(emulated\)' text
expect_line 'clock ns, pairs of nodes, 6 blocks' text
expect_line 'migrated by move_pages, node 0 to 1' text
expect_line 'migrated by move_pages, node 1 to 0' text
expect_line '^  migrate  from node, to: +0 +1$' text
expect_line '^ +1 +[0-9,]+ +-$' text
expect_line '^noise floor: ' text
expect_line '^pairs.topology.svg$' text
[ "$(grep -c 'no PMU' text)" -eq 1 ] || fail "'no PMU' is not there once: $(grep 'no PMU' text)"

# The records: a vm's, by its clock, each pair of nodes for itself, by the CPU of its source; emulated marked, its migration null.
run=$(jq -rn 'first(inputs).run' records)
trial='.type=="trial" and .outcome=="ok"'
for pair in '.from==0 and .to==1' '.from==1 and .to==0'; do
	expect_count 28 "$trial and .run==\"$run\" and $pair" records
	expect_count 6 "$trial and .run==\"$run\" and $pair and .source==\"emulated\" and .workload==\"anon-private\" and (.traced|not) and .migrate.elapsed==null and .write.elapsed>0" records
done
expect_count 14 "$trial and .run!=\"$run\" and .from==1 and .to==0" records
expect_count 2 "$trial and .traced and .write.counters[\"PAGE-FAULTS:u\"].value==.faults.page_faults and .write.counters[\"PAGE-FAULTS:k\"].value==0" records
expect_count 0 '.type=="trial" and .outcome!="ok"' records
expect_count 2 '.type=="env" and .platform=="vm" and .clock=="ns" and (.topology|test("NUMANode")) and .distances==[[10,20],[20,10]] and (.noise_floor.migrate.floor_ppm>0)' records
expect_count 1 '.type=="env" and .placement==[{"from":1,"to":0,"cpu":1,"cpu_node":1}]' records
expect_count 1 '.type=="env" and .topology_picture=="pairs.topology.svg" and .tuned!=null' records
finish
