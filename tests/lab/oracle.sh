#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every base workload equals the oracle at 1, 8, 256 and 4096 pages under the three policies on both stock kernels, and
# nothing is skipped.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/oracle.sh
. "$SOURCE/tests/oracle.sh"

try "$WBIT" lab run -o o.jsonl --pages=1,8,256,4096 --runs=1 stock-6.1 stock-6.12
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err) $(tail -n 12 out)"

expect_count 2 '.type=="env" and .platform=="lab-exact" and .clock=="insn"' o.jsonl
expect_count 1 '.type=="env" and .native_policy=="entry" and (.kernel|startswith("6.1."))' o.jsonl
expect_count 1 '.type=="env" and .native_policy=="vma" and (.kernel|startswith("6.12."))' o.jsonl
expect_count 2 '.type=="end" and .cut_short==null' o.jsonl
expect_count 0 '.type=="trial" and .outcome!="ok"' o.jsonl
expect_count $((15 * 4 * 2 * 3)) '.type=="trial"' o.jsonl
expect_line '^[0-9]+ of [0-9]+ cells equal the oracle' out
[ "$(wc -L <out)" -le 120 ] || fail "the table is wider than 120 columns"

# 6.12 shows vma and vma-only, 6.1 entry.
{
	oracle_table | oracle_cells vma-only 1 8 256 4096
	oracle_table | oracle_cells vma 1 8 256 4096
	oracle_table_restored | oracle_cells entry 1 8 256 4096
} | expect_cells o.jsonl

# Every event of an armed page arrives.
expect_count 0 '.type=="trial" and (.workload|test("armed")) and .faults.userfault!=.pages' o.jsonl

# The emulation has nothing to do where the VMA's default is W, and says so; elsewhere it drops W.
expect_count $((3 * 4 * 2)) '.type=="trial" and .emulation_idle' o.jsonl
expect_count 0 '.emulation_idle and (.workload|test("^shmem-(shared|uffd-unregister|softdirty-merge)$")|not)' o.jsonl

# Timed trials carry no tracepoint, traced ones no time, emulated ones no migration; what is null has its reason.
expect_count 0 '.type=="trial" and (.traced|not) and (.faults.write_protect!=null or .w_before!=null)' o.jsonl
expect_count 0 '.type=="trial" and .traced and (.write.elapsed!=null or .migrate.elapsed!=null)' o.jsonl
expect_count 0 '.type=="trial" and .source=="emulated" and .migrate.elapsed!=null' o.jsonl
expect_count 0 '.type=="trial" and .w_after==null and .why.w_after==null' o.jsonl
finish
