#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Regions cut into many VMAs come out right and are told apart in table, compare and export. Under ./check --full, guests with more
# memory, and time that is linear in pages: from one size to the next a page costs the same within 2 %.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

# fine COMMAND...: all cells as the oracle says.
fine() {
	try "$@"
	[ "$status" -eq 0 ] || fail "$*: status $status: $(head -c 600 err) $(grep -m 3 '!!\|FAIL' out)"
}

fine "$WBIT" lab run stock-6.12 --vmas=16 --pages=64 --runs=1 -o v16.jsonl
expect_line '^64 pages of 4 KiB, migrated by move_pages, in 16 VMAs$' out
expect_line '^[0-9]+ of [0-9]+ cells equal the oracle' out
expect_count 0 '.type=="trial" and (.vmas!=16 or .outcome!="ok" or .migrated!=64)' v16.jsonl
for workload in anon-private anon-fork shmem-softdirty-merge shmem-uffd-armed file-shared-clean; do
	expect_count 1 ".workload==\"$workload\" and .source==\"native\" and .traced" v16.jsonl
done

# As many VMAs as pages where there are fewer pages; none at all is said of one.
fine "$WBIT" lab run stock-6.12 --vmas=1024 --pages=1,2,4096 --runs=1 --source=native -w anon-private -o v1024.jsonl
expect_count 2 '.pages==1 and has("vmas")==false and .outcome=="ok"' v1024.jsonl
expect_count 2 '.pages==2 and .vmas==2 and .outcome=="ok"' v1024.jsonl
expect_count 2 '.pages==4096 and .vmas==1024 and .outcome=="ok" and .migrated==4096' v1024.jsonl

# One VMA and sixteen are two cells: nothing compares.
fine "$WBIT" lab run stock-6.12 --pages=64 --runs=1 --source=native -w anon-private -o v1.jsonl
try "$WBIT" compare v1.jsonl v16.jsonl
grep -Eq '^anon-private ' out && fail "a region of one VMA was compared with one of 16: $(grep -m 1 anon-private out)"
fine "$WBIT" export --format gobench v16.jsonl
expect_line '/vmas=16/pages=64' out
fine "$WBIT" export --format openmetrics v16.jsonl
expect_line 'vmas="16"' out

[ -n "${WBIT_FULL:-}" ] || finish
[ -n "${WBIT_FULL:-}" ] || exit 0

# Small regions live off the page allocator's per-CPU lists and large ones outgrow them, 3 to 5 % (doc/methodology.md, Scale): with the
# lists kept small no region does.
fine "$WBIT" lab run stock-6.12 --runs=1 --source=native -w anon-private,shmem-shared --pages=256,4096,32768 \
	--append=sysctl.vm.percpu_pagelist_high_fraction=10000 -o s.jsonl
# 512 huge pages, 1 GiB: the usual guest has no room for them.
expect 2 'give the guest more --memory' "$WBIT" lab run stock-6.12 -w thp-anon --pages=16384
fine "$WBIT" lab run stock-6.12 --memory=3G --runs=1 --source=native -w thp-anon --pages=1024,2048,16384 -o h.jsonl
expect_count 1 '.guest_memory_bytes==3221225472 and (.nodes|length==2 and all(.memory_bytes > 1400000000))' h.jsonl

# The write of a huge page costs so little that its cost is the loop's, which is one for regions of 32 pages and more.
slopes=$(jq -s -c '[.[] | select(.type=="trial" and (.traced|not))] | group_by(.workload) | .[] | sort_by(.pages)
	| .[0].workload as $w | ("migrate", "write") as $region
	| [$w, $region, (range(1; length) as $i
		| (.[$i][$region].oncpu - .[$i - 1][$region].oncpu) / (.[$i].pages - .[$i - 1].pages))]' s.jsonl h.jsonl)
jq -s -e 'length == 6 and all(.[]; length == 4 and .[3] / .[2] > 0.98 and .[3] / .[2] < 1.02)' <<<"$slopes" >/dev/null ||
	fail "instructions a page from size to size: $slopes"
echo "instructions a page from size to size: $slopes"
expect_count 0 '.type=="trial" and (.outcome!="ok" or .migrated!=.pages)' s.jsonl
expect_count 0 '.type=="trial" and (.traced|not) and ([.write.hist[][1]]|add)!=.pages/2' s.jsonl
finish
