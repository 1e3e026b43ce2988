# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The oracle once more, by hand, so that oracle and harness cannot go wrong together. Sourced after lib.sh.
#
# What mm/ does, in the order in which it happens. try_to_migrate_one(), set_pmd_migration_entry(): an entry is writable if the
# PTE has W. remove_migration_pte(), remove_migration_pmd(): the PTE starts with vma->vm_page_prot; vma-only leaves it at that,
# vma adds W for a writable entry, entry takes W away without one, upgrade asks __can_change_pte_writable() besides: exclusive
# pages of private memory, dirty ones of shared memory, where neither soft-dirty nor uffd-wp waits for a write. hugetlb is not
# asked. The first write faults where W is missing.

# Faults a page: workload, vma-only, vma, entry, upgrade. The fifteen that are measured unasked, where unregistering and
# unprotecting leave PTEs without W (6.12) ...
oracle_table() {
	cat <<-TABLE
		anon-private               1 0 0 0
		anon-fork                  1 1 1 1
		anon-mprotect              1 0 0 0
		shmem-shared               0 0 0 0
		shmem-uffd-unregister      0 0 1 0
		shmem-softdirty-merge      0 0 1 0
		shmem-softdirty            1 1 1 1
		shmem-softdirty-rewritten  1 0 0 0
		shmem-uffd-armed           1 1 1 1
		shmem-uffd-unprotected     1 1 1 0
		anon-uffd-armed            1 1 1 1
		file-shared-dirty          1 0 0 0
		file-shared-clean          1 1 1 1
		file-private-cow           1 0 0 0
		shmem-private-cow          1 0 0 0
	TABLE
}

# ... and the others: exclusive and without W (a tracked one is waited for), no longer exclusive since a fork, write-protected
# without an event, controls, KSM's, which are copied by whoever writes them, and those of 2 MiB.
oracle_table_extra() {
	cat <<-TABLE
		anon-softdirty             1 1 1 1
		anon-softdirty-merge       1 1 1 0
		anon-fork-gone             1 1 1 1
		anon-uffd-unregister       1 0 0 0
		anon-uffd-async            1 1 1 1
		shmem-uffd-async           1 1 1 1
		sysv-shared                0 0 0 0
		swapoff-anon               1 1 1 0
		swapoff-shmem-private      1 1 1 0
		swapoff-shmem-shared       0 0 0 0
		ksm                        1 1 1 1
		thp-anon                   1 0 0 0
		thp-shmem-softdirty-merge  0 0 1 0
		hugetlb-uffd-unregister    0 0 1 0
	TABLE
}

# without WORKLOAD... <TABLE: the table without their rows.
without() {
	grep -Ev "^($(tr ' ' '|' <<<"$*")) "
}

oracle_table_whole() {
	oracle_table
	oracle_table_extra
}

# What NUMA balancing leaves alone (change_pte_range(), task_numa_work()): private pages that are mapped twice, a file's dirty
# ones, KSM's, hugetlb's.
never_hinted=(anon-fork file-shared-dirty ksm hugetlb-uffd-unregister)

# A hint takes W away before the migration (6.12), so what had it has another row.
oracle_table_hinted() {
	oracle_table_whole | without "${never_hinted[@]}" anon-private anon-mprotect shmem-shared shmem-softdirty-rewritten \
		file-private-cow shmem-private-cow sysv-shared swapoff-shmem-shared thp-anon anon-uffd-unregister
	cat <<-TABLE
		anon-private               1 1 1 0
		anon-mprotect              1 1 1 0
		shmem-shared               0 0 1 0
		shmem-softdirty-rewritten  1 1 1 0
		file-private-cow           1 1 1 0
		shmem-private-cow          1 1 1 0
		anon-uffd-unregister       1 1 1 0
		sysv-shared                0 0 1 0
		swapoff-shmem-shared       0 0 1 0
		thp-anon                   1 1 1 0
		numa-hint-anon             1 1 1 0
		numa-hint-shmem            0 0 1 0
	TABLE
}

# On 6.1 shared pages get W back before the migration (uffd_wp_range() and hugetlb take the VMA's flags for it), private ones
# lose it, and there is no asynchronous uffd-wp.
oracle_restored() {
	sed -E -e 's/^((shmem|hugetlb)-uffd-unregister +).*/\10 0 0 0/' -e 's/^(shmem-uffd-unprotected +).*/\11 0 0 0/' \
		-e 's/^(anon-uffd-unregister +).*/\11 1 1 0/' -e '/-async /d'
}

oracle_table_restored() {
	oracle_table | oracle_restored
}

# Nor does a hint take W away there (savedwrite).
oracle_table_hinted_restored() {
	oracle_table_whole | oracle_restored | without "${never_hinted[@]}"
	printf 'numa-hint-anon 1 0 0 0\nnuma-hint-shmem 0 0 0 0\n'
}

# oracle_faults POLICY VMA-ONLY VMA ENTRY UPGRADE: the policy's column.
oracle_faults() {
	case $1 in vma-only) echo "$2" ;; vma) echo "$3" ;; entry) echo "$4" ;; upgrade) echo "$5" ;; esac
}

# oracle_cells POLICY PAGES... <TABLE: what a run's cells must be: workload, policy, pages, traced, migrated, faults.
oracle_cells() {
	local policy=$1 workload faults pages traced columns
	shift
	while read -r workload columns; do
		# shellcheck disable=SC2086
		faults=$(oracle_faults "$policy" $columns)
		for pages in "$@"; do
			for traced in true false; do
				printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$workload" "$policy" "$pages" "$traced" "$pages" \
					$((faults * pages))
			done
		done
	done
}

# measured_cells FILE: the same from records; by the tracepoint in the twin, by the thread's own count in a timed trial.
measured_cells() {
	jq -r 'select(.type=="trial") | [.workload, .policy, .pages, .traced, .migrated,
		(if .traced then .faults.write_protect else .faults.page_faults end)] | @tsv' "$1"
}

# expect_cells FILE <EXPECTED
expect_cells() {
	diff <(sort -u) <(measured_cells "$1" | sort -u) >differences ||
		fail "$1: cells off the table: $(head -c 800 differences)"
}

# oracle_rates TRIGGER POLICY... <TABLE: what the cells of `lab run` must be: workload, trigger, policy, entries of the region's
# pages, faults of each that moved.
oracle_pages=256
oracle_rates() {
	local trigger=$1 workload columns policy entries
	shift
	while read -r workload columns; do
		entries=$oracle_pages
		case $workload in thp-* | hugetlb-*) entries=$((entries / 32)) ;; esac
		for policy in "$@"; do
			# shellcheck disable=SC2086
			printf '%s\t%s\t%s\t%s\t%s\n' "$workload" "$trigger" "$policy" "$entries" \
				"$(oracle_faults "$policy" $columns)"
		done
	done
}

# oracle_default POLICY...: the same of each workload by its first trigger, where W does not come back (6.12).
oracle_default() {
	oracle_table_whole | oracle_rates move_pages "$@"
	oracle_table_hinted | grep '^numa-hint-' | oracle_rates numa-balancing "$@"
}

# oracle_all RESTORED POLICY...: of all triggers. RESTORED is yes where W comes back before the migration (6.1).
# Compaction makes room for huge pages and does not move them.
oracle_all() {
	local restored=$1 trigger filter=cat hinted=oracle_table_hinted
	shift
	[ "$restored" = no ] || filter=oracle_restored hinted=oracle_table_hinted_restored
	for trigger in move_pages mbind migrate_pages cpuset; do
		oracle_table_whole | "$filter" | oracle_rates "$trigger" "$@"
	done
	oracle_table_whole | "$filter" | grep -Ev '^(thp|hugetlb)-' | oracle_rates compaction "$@"
	"$hinted" | oracle_rates numa-balancing "$@"
}

# measured_rates FILE: the same from the records of trials that were not skipped. A count that is no multiple of the pages that
# moved is a fraction, which the table has none of, and so is a trial in which too few moved (by compaction: an eighth).
measured_rates() {
	jq -r 'select(.type=="trial" and .outcome!="skip") | .migrated as $n |
		(if .traced then .faults.write_protect else .faults.page_faults end) as $faults |
		[.workload, .trigger, .policy, .pages,
		 if $n == .pages or (.trigger=="compaction" and 8 * $n >= .pages) then $faults / $n
		 else "\($n) of \(.pages) moved" end] | @tsv' "$1"
}

# expect_rates FILE <EXPECTED
expect_rates() {
	diff <(sort -u) <(measured_rates "$1" | sort -u) >differences ||
		fail "$1: cells off the table: $(head -c 800 differences)"
}
