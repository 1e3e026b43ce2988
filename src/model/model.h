/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: what a migration does to the write bit of one PTE, and what the first write after it costs.
 *
 * Pure: no system calls, no allocation, and no workload's name. A page's state goes in, the prediction comes out.
 * Covered: base pages, transparent huge pages mapped by a PMD, hugetlb, and of races the one with mprotect().
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
	NR_DEFAULT_POLICIES,	/* these three are what is asked; the others are measured on request */
	POLICY_UPGRADE = NR_DEFAULT_POLICIES,	/* as `vma`, and W where can_change_pte_writable() finds it safe */
	POLICY_VMA_UNSAFE,	/* the bug of f45ec5ff16a7 to 51d3d5eb74ff; what is predicted is what ought to be, `vma` */
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

/* What maps the page: one entry of a migration, one write, one fault is of that size. */
enum mapped_by {
	MAPPED_BY_PTE,		/* 4 KiB */
	MAPPED_BY_PMD,		/* a transparent huge page, 2 MiB */
	MAPPED_BY_HUGETLB,	/* hugetlbfs or MAP_HUGETLB, 2 MiB */
};

/* The PTE (or PMD) and its VMA just before the migration. */
struct page_state {
	enum page_kind page;
	enum mapped_by mapped_by;
	bool vma_shared;	/* VM_SHARED: a write fault does not copy */
	bool vma_write;		/* the VMA's default protection, vm_page_prot, has W */
	bool pte_write;		/* the PTE has W */
	bool exclusive;		/* PageAnonExclusive: anonymous and owned by this process alone */
	bool mapped_twice;	/* anonymous: another process maps the page too */
	bool uffd_wp;		/* the PTE carries the uffd-wp mark in a VMA registered for it */
	bool uffd_async;	/* registered in the asynchronous mode: the kernel takes the mark away by itself */
	bool dirty;		/* the PTE is dirty: asked for of shared VMAs without W by default, and of tracked PMDs */
	bool tracked;		/* soft-dirty tracking still waits for this PTE's next write */
	bool hint;		/* PROT_NONE by NUMA balancing: the hinting fault itself migrates the page */
	bool racing;		/* mprotect() to read-only and back runs beside the migration: entries in flight may lose W */
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
	FAULT_PMD_REUSE,	/* do_huge_pmd_wp_page() reuses an anonymous huge page */
	FAULT_PMD_REMAP,	/* wp_huge_pmd() drops the PMD of a shared huge page, and do_shared_fault() maps it again */
	FAULT_HUGETLB,		/* hugetlb_wp() */
	NR_FAULT_KINDS
};

struct prediction {
	enum entry_kind entry;
	bool w_after;		/* the restored PTE has W */
	unsigned faults;	/* write-protection faults of the first write: 0 or 1 a page */
	bool some;		/* of the pages: how many depends on a race. All others come back as if there were none */
	enum fault_kind kind;
};

struct prediction model_predict(const struct page_state *state, enum policy policy);

/*
 * The state that NUMA balancing's scan makes of a page in this one, before its hinting fault. keeps_w: the kernel keeps W in a
 * PROT_NONE PTE (savedwrite, before 6.2).
 */
struct page_state model_hinted(const struct page_state *state, bool keeps_w);

/* Bytes that one such entry maps. */
size_t mapped_bytes(enum mapped_by mapped_by);

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
