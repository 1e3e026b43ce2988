#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel without KSM, THP, swap, soft-dirty and uffd-wp of shared memory: what needs one of them is a skip that names it, by a
# list that stands here; all else equals the table; and its policies are found all the same, by NUMA balancing's hints.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/oracle.sh
. "$SOURCE/tests/oracle.sh"
needs_built lean-6.12

policies=(vma-only vma entry upgrade)

# Workload, and how the reason of its skip begins.
missing() {
	cat <<-TABLE
		anon-softdirty             this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		anon-softdirty-merge       this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		shmem-softdirty            this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		shmem-softdirty-merge      this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		shmem-softdirty-rewritten  this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		anon-uffd-armed            needs userfaultfd write protection of shmem
		anon-uffd-unregister       needs userfaultfd write protection of shmem
		shmem-uffd-armed           needs userfaultfd write protection of shmem
		shmem-uffd-unprotected     needs userfaultfd write protection of shmem
		shmem-uffd-unregister      needs userfaultfd write protection of shmem
		hugetlb-uffd-unregister    needs userfaultfd write protection of shmem
		anon-uffd-async            needs asynchronous userfaultfd write protection and PAGEMAP_SCAN
		shmem-uffd-async           needs asynchronous userfaultfd write protection and PAGEMAP_SCAN
		swapoff-anon               this kernel has no swap (CONFIG_SWAP)
		swapoff-shmem-private      this kernel has no swap (CONFIG_SWAP)
		swapoff-shmem-shared       this kernel has no swap (CONFIG_SWAP)
		ksm                        this kernel has no KSM (CONFIG_KSM)
		thp-anon                   this kernel has no transparent huge pages (CONFIG_TRANSPARENT_HUGEPAGE)
		thp-shmem-softdirty-merge  this kernel has no soft-dirty tracking (CONFIG_MEM_SOFT_DIRTY)
		inflight-mprotect          needs a second CPU
	TABLE
}

try "$WBIT" lab run lean-6.12 -o lean.jsonl -p "$(IFS=,; echo "${policies[*]}")" -w '*' --trigger=move_pages,numa-balancing \
	--runs=1
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err) $(tail -n 12 out)"
expect_count 0 '.type=="trial" and (.outcome|IN("ok","skip")|not)' lean.jsonl
expect_count 1 '.type=="env" and .native_policy=="vma"' lean.jsonl

while read -r workload reason; do
	jq -se --arg w "$workload" --arg r "$reason" --argjson n "${#policies[@]}" 'map(select(.type=="trial" and .workload==$w)) |
		length > 0 and length % $n == 0 and all(.[]; .outcome=="skip" and (.reason | startswith($r)))' lean.jsonl >/dev/null ||
		fail "$workload is not skipped for: $reason: $(jq -r "select(.workload==\"$workload\") | .reason" lean.jsonl | head -n 1)"
done < <(missing)
mapfile -t skipped < <(missing | cut -d ' ' -f 1)
{
	oracle_table_whole | without "${skipped[@]}" | oracle_rates move_pages "${policies[@]}"
	oracle_table_hinted | without "${skipped[@]}" | oracle_rates numa-balancing "${policies[@]}"
} | expect_rates lean.jsonl
finish
