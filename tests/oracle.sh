# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The oracle once more, by hand, so that oracle and harness cannot go wrong together. Sourced after lib.sh.

# Faults a page: workload, vma-only, vma, entry. Where unregistering and unprotecting leave PTEs without W (6.12) ...
oracle_table() {
	cat <<-TABLE
		anon-private               1 0 0
		anon-fork                  1 1 1
		anon-mprotect              1 0 0
		shmem-shared               0 0 0
		shmem-uffd-unregister      0 0 1
		shmem-softdirty-merge      0 0 1
		shmem-softdirty            1 1 1
		shmem-softdirty-rewritten  1 0 0
		shmem-uffd-armed           1 1 1
		shmem-uffd-unprotected     1 1 1
		anon-uffd-armed            1 1 1
		file-shared-dirty          1 0 0
		file-shared-clean          1 1 1
		file-private-cow           1 0 0
		shmem-private-cow          1 0 0
	TABLE
}

# ... and where they give W back (6.1), so that these two have it before the migration.
oracle_table_restored() {
	oracle_table | sed -E 's/^(shmem-uffd-unregister +).*/\10 0 0/; s/^(shmem-uffd-unprotected +).*/\11 0 0/'
}

# oracle_cells POLICY PAGES... <TABLE: what a run's cells must be: workload, policy, pages, traced, migrated, faults.
oracle_cells() {
	local policy=$1 workload vma_only vma entry faults pages traced
	shift
	while read -r workload vma_only vma entry; do
		case $policy in vma-only) faults=$vma_only ;; vma) faults=$vma ;; *) faults=$entry ;; esac
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
