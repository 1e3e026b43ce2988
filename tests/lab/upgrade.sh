#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Policy `upgrade` on the 6.12 switch kernel: its column of the table, by move_pages and by hints, and what it costs beside
# `vma`, in instructions a migrated page, by slope from 64 to 256 pages (of a huge page: by one). Bounds as doc/findings.md has
# the figures, with a few instructions to spare.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/oracle.sh
. "$SOURCE/tests/oracle.sh"
needs_built switch-6.12

try "$WBIT" lab run switch-6.12 -o u.jsonl -p upgrade,vma -w '*' --trigger=move_pages,numa-balancing --pages=64,256 --runs=1
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err) $(tail -n 12 out)"
for oracle_pages in 64 256; do
	oracle_table_whole | oracle_rates move_pages vma upgrade
	oracle_table_hinted | oracle_rates numa-balancing vma upgrade
done | expect_rates u.jsonl

# Huge pages one at a time: a region of more is longer than a tick.
try "$WBIT" lab run switch-6.12 -o h.jsonl -p upgrade,vma -w 'thp-*,hugetlb-*' --trigger=move_pages,numa-balancing --pages=32 \
	--runs=1
[ "$status" -eq 0 ] || fail "huge pages: status $status: $(head -c 600 err)"

# Workload, trigger, least and most that upgrade costs more than vma. Of one huge page by a hint a batch of the kernel's counters, 171
# instructions, falls to this side or that.
bounds() {
	cat <<-TABLE
		anon-private             move_pages       4   12
		shmem-shared             move_pages       4   12
		shmem-softdirty-merge    move_pages       4   12
		file-shared-clean        move_pages      20   40
		shmem-softdirty          move_pages      15   35
		anon-softdirty           move_pages      15   35
		shmem-uffd-armed         move_pages      18   38
		shmem-uffd-unprotected   move_pages      30   60
		anon-softdirty-merge     move_pages      60  120
		swapoff-anon             move_pages      60  120
		anon-fork-gone           move_pages      50  110
		anon-fork                move_pages     100  220
		numa-hint-anon           numa-balancing  60  120
		thp-anon                 move_pages       4   20
		thp-anon                 numa-balancing -111 321
		hugetlb-uffd-unregister  move_pages       0    0
	TABLE
}

# The same of the records: workload, trigger, cost.
costs() {
	jq -sr 'map(select(.type=="trial" and (.traced|not) and .outcome=="ok" and .migrate.oncpu)) | group_by([.workload, .trigger])[] |
		(map({ key: "\(.policy) \(.pages)", value: .migrate.oncpu }) | from_entries) as $at | .[0] |
		[.workload, .trigger, (if .page_bytes > 4096 then $at["upgrade 1"] - $at["vma 1"]
		 else (($at["upgrade 256"] - $at["upgrade 64"]) - ($at["vma 256"] - $at["vma 64"])) / 192 end)] | @tsv' "$@"
}

costs <(jq -c 'select(.page_bytes==4096)' u.jsonl) h.jsonl >costs.tsv
while read -r workload trigger least most; do
	awk -v w="$workload" -v t="$trigger" -v least="$least" -v most="$most" \
		'$1 == w && $2 == t { n++; ok = $3 >= least && $3 <= most } END { exit !(n == 1 && ok) }' costs.tsv ||
		fail "$workload by $trigger: not $least to $most: $(grep "^$workload	$trigger" costs.tsv || echo "no figure")"
done < <(bounds)
finish
