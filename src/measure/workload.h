/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workload interface: all that a file in bench/ sees.
 *
 * A workload puts pages into one known state and later writes them. What it needs from the kernel, which knobs it wants
 * and which state it means to reach stand in its descriptor, as data; the runner checks, sets and proves. A workload
 * never probes and never prints.
 *
 * Callbacks return 0 or -errno; trial_fail() gives a reason along with it. A NULL callback means the default, which is
 * said at each. Every callback runs in the trial's own child process, pinned to a CPU, with its memory bound to the
 * source node and THP off (PR_SET_THP_DISABLE, so that no VMA flag is needed that would keep VMAs from merging).
 */
#ifndef WBIT_WORKLOAD_H
#define WBIT_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model.h"

/* What a workload or trigger needs; measure/needs.c knows how to look for each. */
enum need {
	NEED_TWO_NODES		= 1 << 0,	/* a second node with memory */
	NEED_SOFT_DIRTY		= 1 << 1,	/* CONFIG_MEM_SOFT_DIRTY */
	NEED_TRACING		= 1 << 2,	/* tracepoints through perf_event_open */
	NEED_SECOND_CPU		= 1 << 3,	/* for what runs beside the migration */
	NEED_UFFD_WP		= 1 << 4,	/* userfaultfd write protection, of shmem too */
	NEED_MOVE_ALL		= 1 << 5,	/* CAP_SYS_NICE: to move pages that other processes map too */
	NEED_FILESYSTEM		= 1 << 6,	/* a folder on a filesystem with page_mkwrite (ext4, xfs) */
	NEED_COMPACTION		= 1 << 7,	/* may compact memory, and see frame numbers */
	NEED_SWITCH		= 1 << 8,	/* a kernel that is told its policy, and the right to tell it */
	NEED_OWN_MACHINE	= 1 << 9,	/* a lab's guest: what it does, other processes would feel */
	NEED_SWAP		= 1 << 10,	/* CONFIG_SWAP */
	NEED_KSM		= 1 << 11,	/* CONFIG_KSM */
	NEED_THP		= 1 << 12,	/* CONFIG_TRANSPARENT_HUGEPAGE */
	NEED_SHMEM_THP		= 1 << 13,	/* the same of shared memory */
	NEED_HUGETLB		= 1 << 14,	/* CONFIG_HUGETLBFS, with pages of 2 MiB */
	NEED_UFFD_ASYNC		= 1 << 15,	/* userfaultfd write protection that the kernel resolves itself, and PAGEMAP_SCAN */
	NEED_NUMA_BALANCING	= 1 << 16,	/* CONFIG_NUMA_BALANCING, and its knobs in debugfs */
	NEED_CPUSET		= 1 << 17,	/* cgroup v2 with the cpuset controller, and the right to make a group */
	NEED_SYSVIPC		= 1 << 18,	/* CONFIG_SYSVIPC */
};

/*
 * What some kernels do and others do not, so that one course of events ends in two states. Found by trying
 * (conditions.h), never by version.
 */
enum condition {
	ALWAYS			= 0,
	UNREGISTER_RESTORES_W	= 1 << 0,	/* UFFDIO_UNREGISTER gives W back: uffd_wp_range() of 6.1 */
	UNPROTECT_RESTORES_W	= 1 << 1,	/* UFFDIO_WRITEPROTECT without the WP mode does */
	HINT_KEEPS_W		= 1 << 2,	/* savedwrite: a PTE that NUMA balancing makes PROT_NONE keeps its W (before 6.2) */
	HUGETLB_UNREGISTER_RESTORES_W = 1 << 3,	/* UFFDIO_UNREGISTER of hugetlb does */
	ANON_UNREGISTER_DROPS_W	= 1 << 4,	/* of private memory it takes W away: uffd_wp_range() of 6.1, for good */
};

/* A file under /proc/sys or /sys and the value that the workload wants in it. Only ones on knobs.c's list are set. */
struct knob {
	const char *path, *value;
};

#define KNOBS_MAX 4
#define KNOB_HUGETLB_OVERCOMMIT "/proc/sys/vm/nr_overcommit_hugepages"
#define HUGETLB_OVERCOMMIT "1048576"	/* pages are made when they are touched, on the node that they are bound to */
#define TRIAL_REASON_MAX 160

/* The one context of a trial. Callbacks may read all of it and set what is marked. */
struct trial {
	uint64_t nr_pages;
	size_t page_bytes;	/* of one entry: a huge page's 2 MiB where the declared state is mapped by one */
	size_t len_bytes;	/* nr_pages * page_bytes */
	int from, to;		/* nodes */
	const struct page_state *declared;	/* NULL in probes */

	char *reserved;		/* address range for the region: three times len_bytes, PROT_NONE, for MAP_FIXED */
	char *region;		/* where the pages are: reserved + len_bytes, unless setup sets it */
	int fd;			/* set by setup: memfd or file, -1 when there is none; closed by the default teardown */
	int uffd;		/* set by uffd_register(), -1 before */
	uint64_t userfaults;	/* events that uffd_handle()'s thread has resolved */
	const int *moved;	/* after the migration: which pages moved and are to be written; NULL: all */
	void *priv;		/* set by setup: the workload's own, freed by its teardown */

	char reason[TRIAL_REASON_MAX];
};

struct workload {
	const char *name, *about;
	bool extra;				/* measured when it is named, or with --all */
	unsigned needs;				/* enum need, or-ed */
	struct knob knobs[KNOBS_MAX];		/* up to the first without a path */
	bool twice;				/* it takes a second page beside each of the region, which nothing else here shows */
	const char *only_by, *only_why;		/* GLOB[,GLOB...] of triggers that make sense of it, and why; NULL: any */
	struct page_state state;		/* what is declared, and proved by the traced twin */
	struct {				/* on a kernel of which `kernel` is true, this state instead */
		enum condition kernel;
		struct page_state state;
	} where;

	int (*setup)(struct trial *t);		/* map and populate; required */
	int (*arm)(struct trial *t);		/* bring the PTEs into the declared state; default: nothing */
	int (*during)(struct trial *t);		/* in a second thread while the migration runs; default: nothing */
	int (*write)(struct trial *t, uint64_t page);	/* the write that is measured; default: write_page() */
	int (*check)(struct trial *t);		/* data intact after all; default: check_pages() */
	void (*teardown)(struct trial *t);	/* default: close fd; the mapping goes with the process */
	void (*clean_up)(void);			/* in the runner, after the last trial: what one that was killed left; default: nothing */
};

/* Notes why a callback fails, and returns -err_number so that `return trial_fail(t, errno, "mmap")` reads well. */
int trial_fail(struct trial *t, int err_number, const char *what);

/*
 * Page i carries page_mark(i) in its first word, from set-up on; the measured write stores page_written(i) into its
 * second. check_pages() wants both: a migration or a fault that loses data is a FAIL.
 */
static inline uint64_t page_mark(uint64_t page)
{
	return 0x5ca1ab1e00000000u + page;
}

static inline uint64_t page_written(uint64_t page)
{
	return 0xc0ffee0000000000u + page;
}

static inline volatile uint64_t *page_words(const struct trial *t, uint64_t page)
{
	return (volatile uint64_t *)(t->region + page * t->page_bytes);
}

/* The default measured write: one store. */
static inline int write_page(struct trial *t, uint64_t page)
{
	page_words(t, page)[1] = page_written(page);
	return 0;
}

static inline bool is_to_be_written(const struct trial *t, uint64_t page)
{
	return !t->moved || t->moved[page];
}

int check_pages(struct trial *t);	/* 0, or -EIO with the first wrong page as the reason */

/* Building blocks, several workloads each. All map at t->region and write page_mark() into each page. */
int map_private_anon(struct trial *t);
int map_shared_anon(struct trial *t);
int map_memfd(struct trial *t);
int map_memfd_privately(struct trial *t);	/* the data are in the memfd; each page is then CoWed */
int map_memfd_hugetlb(struct trial *t);		/* of huge pages: see KNOB_HUGETLB_OVERCOMMIT */
int map_memfd_half_written(struct trial *t);	/* a memfd twice as long as the region; the first half mapped, written */
int map_file(struct trial *t);			/* a nameless file of a filesystem with page_mkwrite, shared */
int map_file_privately(struct trial *t);

/* Maps the memfd's second half, or more of private memory, right behind the first: with equal flags the two VMAs merge. */
int map_adjacent_half(struct trial *t);

/* Writes each page's mark again, or reads it; unmaps the pages from the region and leaves the data in the file. */
int rewrite_pages(struct trial *t);
int read_pages(struct trial *t);
int zap_pages(struct trial *t);

int map_thp_anon(struct trial *t);			/* huge pages: of these PR_SET_THP_DISABLE is not set */

/* Out to a swap file, so that no page is in memory, and all in again by swapoff. NEED_OWN_MACHINE. And its clean_up(). */
int swap_out_and_in(struct trial *t);
void swap_clean_up(void);

/* Each page of the region merged with a copy of its own by KSM, whose knobs are KSM_KNOBS. */
int merge_in_pairs(struct trial *t);
#define KSM_KNOBS							\
	{ "/sys/kernel/mm/ksm/pages_to_scan", "2000" },			\
	{ "/sys/kernel/mm/ksm/sleep_millisecs", "10" },			\
	{ "/sys/kernel/mm/ksm/run", "1" }

/* Asynchronous uffd-wp: protects by PAGEMAP_SCAN, and holds what that says was written against what was, besides the data. */
int protect_by_scan(struct trial *t);
int check_by_scan(struct trial *t);

/*
 * In `during`: waits until the first page has migrated. Where the kernel migrates in batches, others are still in flight.
 * -EPROTO: it was not met in flight; the runner tries again.
 */
int wait_for_flight(struct trial *t);

/* A child process that maps all that this one maps, and lives until this one ends. */
int fork_holder(struct trial *t);

/* userfaultfd write protection of the region. */
int uffd_register(struct trial *t);		/* opens t->uffd at the first call */
int uffd_register_async(struct trial *t);	/* the kernel takes the marks away itself, and sends no event */
int uffd_protect(struct trial *t, bool protect);
int uffd_unregister(struct trial *t);
int uffd_protect_and_end(struct trial *t);	/* protected; then the registration ends, and with it the protection */
int uffd_read_and_end(struct trial *t);		/* PTEs made by reading while registered; then the registration ends */
int uffd_handle(struct trial *t);		/* starts a thread that unprotects each page that faults, and counts */

/*
 * Write-protects every PTE of the process and clears VM_SOFTDIRTY of its VMAs: "4" to /proc/self/clear_refs
 * (fs/proc/task_mmu.c clear_refs_write). It hits the harness's memory too.
 */
int clear_soft_dirty(struct trial *t);

#endif
