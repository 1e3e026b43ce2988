/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which migration entry did a restored PTE come from? set_migration_pte shows the entry's kind, remove_migration_pte the
 * PTE's W, and neither the process whose page tables they are in: an address alone names a PTE of any process.
 *
 * What pairs them: one task unmaps and restores. migrate_pages() (mm/migrate.c), a split of a huge page
 * (unmap_folio() and remap_page(), mm/huge_memory.c) and mm/migrate_device.c call try_to_migrate() and
 * remove_migration_ptes() for the same folios from the same thread, whoever's pages they are. So the key is the migrating
 * thread and the address, from the entry's event until the PTE's, or until migrate:mm_migrate_pages says that the thread
 * has nothing under way any more. Where one thread has several entries at one address (of processes that were forked from
 * each other), they are paired if they are of one kind; if not, the restored PTEs are `untold`, not guessed.
 *
 * What stays out of sight: an entry that changes kind in flight (mprotect, fork) counts as what it was when it was set. An
 * entry that fork copies is restored twice: the second one is untold. An entry whose page is unmapped in flight is gone.
 *
 * Pure: no system call. Events come in the order of their time. After events were lost, pairing_forget().
 */
#ifndef WBIT_PAIRING_H
#define WBIT_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence.h"

enum pair_level { PAIR_PTE, PAIR_PMD, NR_PAIR_LEVELS };
enum pair_what { PAIR_SET, PAIR_RESTORE, PAIR_BATCH_END };

struct pair_event {
	uint64_t time_ns, addr, pte;	/* pte: the swap PTE that was set, or the PTE that was restored */
	uint32_t thread;		/* that migrates */
	enum pair_what what;
	enum pair_level level;
};

struct pair_counts {
	uint64_t entries[NR_SWAP_TYPES];	/* set, by swap type */
	uint64_t restored, with_w;
	uint64_t from[NR_SWAP_TYPES][2];	/* of these, by the entry's type and W after */
	uint64_t untold;	/* of these, whose entry was not seen or is one of several kinds, or that is no page's PTE */
	uint64_t gone;		/* entries that nothing was restored from */
};

struct pairing;

struct pairing *pairing_new(void);	/* NULL: no memory */
void pairing_free(struct pairing *p);
void pairing_add(struct pairing *p, const struct pair_event *event, struct pair_counts counts[NR_PAIR_LEVELS]);
void pairing_forget(struct pairing *p);	/* all that is under way: what comes back of it will be untold */

void pair_counts_add(struct pair_counts *sum, const struct pair_counts *counts);

#endif
