/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: what a migration does to the write bit of one PTE, and what the first write after it costs.
 *
 * Pure: no system calls, no allocation, and no workload's name. A page's state goes in, the prediction comes out.
 * Covered: base pages mapped by PTEs. Not covered: PMDs, hugetlb, and races with an entry in flight.
 *
 * Sources: mm/rmap.c try_to_migrate_one() chooses the entry's kind, mm/migrate.c remove_migration_pte() restores the
 * PTE (96a9c287e25d made it `entry`, 3c811f7883c4 reverted that), mm/memory.c do_wp_page() handles the fault.
 */
#ifndef WBIT_MODEL_H
#define WBIT_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/* Where the restored PTE gets its write bit (W) from. */
enum policy {
	POLICY_VMA_ONLY,	/* vma->vm_page_prot alone */
	POLICY_VMA,		/* vma->vm_page_prot, and W where the entry is writable */
	POLICY_ENTRY,		/* W if and only if the entry is writable */
	NR_POLICIES,
	POLICY_UNKNOWN = NR_POLICIES	/* nothing is predicted under it */
};

/* What backs the page: it decides which fault a write to a PTE without W takes. */
enum page_kind {
	PAGE_ANON,	/* anonymous, a CoWed page of a private file mapping included */
	PAGE_KSM,	/* merged by KSM: never reused, always copied */
	PAGE_SHMEM,	/* memfd, tmpfs, shared anonymous, SysV shm: no page_mkwrite */
	PAGE_FILE,	/* a filesystem with page_mkwrite (ext4, xfs) */
};

/* The PTE and its VMA just before the migration. */
struct page_state {
	enum page_kind page;
	bool vma_shared;	/* VM_SHARED: a write fault does not copy */
	bool vma_write;		/* the VMA's default protection, vm_page_prot, has W */
	bool pte_write;		/* the PTE has W */
	bool exclusive;		/* PageAnonExclusive: anonymous and owned by this process alone */
	bool mapped_twice;	/* anonymous: another process maps the page too */
	bool uffd_wp;		/* the PTE carries the uffd-wp mark in a VMA registered for it */
	bool hint;		/* PROT_NONE by NUMA balancing: the hinting fault itself migrates the page */
};

/* The kinds of migration entry: include/linux/swapops.h, SWP_MIGRATION_* */
enum entry_kind {
	ENTRY_READ,
	ENTRY_READ_EXCLUSIVE,
	ENTRY_WRITE,
	NR_ENTRY_KINDS
};

enum fault_kind {
	FAULT_NONE,
	FAULT_COW_REUSE,	/* do_wp_page() reuses an anonymous page that nobody else has */
	FAULT_COW_COPY,		/* do_wp_page() copies it */
	FAULT_SHARED_REUSE,	/* wp_page_shared() or wp_pfn_shared(): W granted, nothing asked */
	FAULT_PAGE_MKWRITE,	/* the filesystem is asked first */
	FAULT_USERFAULT,	/* delivered to the userfaultfd */
	NR_FAULT_KINDS
};

struct prediction {
	enum entry_kind entry;
	bool w_after;		/* the restored PTE has W */
	unsigned faults;	/* write-protection faults of the first write: 0 or 1 a page */
	enum fault_kind kind;
};

struct prediction model_predict(const struct page_state *state, enum policy policy);

/* Does page reuse (/proc/vmstat pgreuse) count a fault of this kind? mm/memory.c wp_page_reuse() */
bool fault_counts_as_reuse(enum fault_kind kind);

/* Names as they stand in records and options. Static strings; an index out of range gives "unknown". */
const char *policy_name(enum policy policy);
const char *entry_name(enum entry_kind kind);
const char *fault_name(enum fault_kind kind);

/* Finds a policy by its name; POLICY_UNKNOWN when there is none. */
enum policy policy_by_name(const char *name);

/*
 * What happens to the PTE step by step under one policy, and why. Writes at most `size` bytes, always terminated, lines
 * separated by '\n'. Returns what snprintf would.
 */
int model_story(const struct page_state *state, enum policy policy, char *text, size_t size);

/* One line that says what the state is, e.g. "shared VMA whose default is W; shmem page; PTE without W". */
int model_describe(const struct page_state *state, char *text, size_t size);

#endif
