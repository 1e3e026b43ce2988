#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every base workload equals the oracle at 1, 8, 256 and 4096 pages under the three policies on both stock kernels, and
# nothing is skipped. The figures stand here once more, by hand, so that oracle and harness cannot go wrong together.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

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

# expect_faults WORKLOAD POLICY FAULTS-PER-PAGE: by the tracepoint in the twin, by the thread's own count in the timed trial.
cells=$(jq -r 'select(.type=="trial") | [.workload, .policy, .pages, .traced, .migrated,
	(if .traced then .faults.write_protect else .faults.page_faults end)] | @tsv' o.jsonl)
expect_faults() {
	local pages traced
	for pages in 1 8 256 4096; do
		for traced in true false; do
			printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$pages" "$traced" "$pages" $(($3 * pages))
		done
	done
}

# On 6.1 unregistering and unprotecting give W back, so these two have it before the migration (entry: 0).
while read -r workload vma_only vma entry; do
	expect_faults "$workload" vma-only "$vma_only"
	expect_faults "$workload" vma "$vma"
	expect_faults "$workload" entry "$entry"
done <<-TABLE >expected
	anon-private               1 0 0
	anon-fork                  1 1 1
	anon-mprotect              1 0 0
	shmem-shared               0 0 0
	shmem-uffd-unregister      0 0 0
	shmem-softdirty-merge      0 0 1
	shmem-softdirty            1 1 1
	shmem-softdirty-rewritten  1 0 0
	shmem-uffd-armed           1 1 1
	shmem-uffd-unprotected     1 1 0
	anon-uffd-armed            1 1 1
	file-shared-dirty          1 0 0
	file-shared-clean          1 1 1
	file-private-cow           1 0 0
	shmem-private-cow          1 0 0
TABLE
diff <(sort expected) <(sort <<<"$cells") >differences || fail "counts off the table: $(head -c 800 differences)"

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
