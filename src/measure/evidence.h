/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a traced twin sees of a migration and of the writes after it, page faults and PTE bits, from tracepoints limited
 * to the region's addresses. Timed trials never open any of this.
 *
 * migrate:set_migration_pte carries the migration entry as a swap PTE; its swap type (bits 59 to 63 on x86-64,
 * arch/x86/include/asm/pgtable_64.h __swp_type) is the entry's kind. Which number is which kind differs between
 * kernels, so it is calibrated (calibrate.h).
 * migrate:remove_migration_pte carries the restored PTE: W is bit 1, young bit 5, dirty bit 6.
 * Of a PMD these are thp:set_migration_pmd and thp:remove_migration_pmd, with the same bits; hugetlb passes by those of PTEs.
 * exceptions:page_fault_user with error_code 7 (present, write, user) is a write-protection fault.
 */
#ifndef WBIT_EVIDENCE_H
#define WBIT_EVIDENCE_H

#include "record.h"
#include "workload.h"

#define NR_SWAP_TYPES 32
#define EVIDENCE_CPUS_MAX 64

/* The swap type of each kind of migration entry; -1 where it is not known. */
struct entry_types {
	int type[NR_ENTRY_KINDS];
};

enum sight {
	SEE_READ, SEE_READ_EXCLUSIVE, SEE_WRITE,	/* entries set, by kind: enum entry_kind */
	SEE_ENTRIES,					/* entries set, of any kind */
	SEE_RESTORED, SEE_W, SEE_YOUNG, SEE_DIRTY,	/* PTEs restored, and those with each bit */
	SEE_WRITE_PROTECT,				/* write-protection faults */
	SEE_NOT_PRESENT,				/* write faults on migration entries, and on all else that is not present */
	NR_SIGHTS
};

struct evidence {
	struct counter {
		int fd[EVIDENCE_CPUS_MAX];	/* the task's alone, or one a CPU */
		unsigned nr;			/* 0: not open */
		int err;			/* why not, -errno */
	} of[NR_SIGHTS];
};

void evidence_init(struct evidence *e);

/*
 * Opens what shows the migration (before it), or the writes (before them), of the trial's region. by_worker: a kernel worker
 * migrates, so all tasks' are counted; another process with pages at the same addresses would be counted along.
 */
void evidence_watch_migration(struct evidence *e, const struct trial *t, const struct entry_types *types, bool by_worker);
void evidence_watch_writes(struct evidence *e, const struct trial *t);
void evidence_watch_writer(struct evidence *e, const struct trial *t);	/* of a thread beside: SEE_NOT_PRESENT as well */

/* The count so far, or NOT_MEASURED. */
uint64_t evidence_count(const struct evidence *e, enum sight sight);
const char *evidence_why(const struct evidence *e, enum sight sight);	/* why there is none; a static string */
void evidence_close(struct evidence *e);

/* Entries of the region by swap type, for the calibration: one counter a type. 0 or -errno. */
int evidence_watch_types(int fds[NR_SWAP_TYPES], const struct trial *t);

/* A filter that lets through the swap PTEs (or PMDs) of this type in a field of an event. */
void evidence_filter_type(char *condition, size_t size, const char *field, int type);

/* Can tracepoints be counted here? 0, or -errno of the first that cannot. */
int evidence_possible(void);

#endif
