/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers beside the migration: threads on other CPUs that write the region's pages over and over while the pages migrate, and
 * what a write costs that meets a migration entry, or a PTE without W.
 *
 * Each page is written by one writer alone, so that each fault is one page's. A writer's pages are scattered, and it goes
 * through them in a scattered order: one that follows the migration page by page would meet each entry, one that goes the other
 * way hardly any. Every write is timed. One that takes longer than any does without a fault asks getrusage() whether it
 * faulted; so a timer tick is not taken for an entry, and nothing but the store stands between the clock reads.
 */
#ifndef WBIT_WRITERS_H
#define WBIT_WRITERS_H

#include "evidence.h"
#include "record.h"
#include "workload.h"

#define WRITERS_MAX 63

struct writers_spec {
	unsigned nr;
	int cpus[WRITERS_MAX];		/* one each */
	enum clock_unit clock;
	bool traced;			/* their faults by kind, and no times */
};

struct writers;

/* Starts them and waits until each has written all of its pages once. NULL, with the trial's reason, when that fails. */
struct writers *writers_start(const struct writers_spec *spec, struct trial *t);

/* From here on what they write counts. Just before the migration. */
void writers_watch(struct writers *writers);

/* Stops them, and sums up. 0, or -errno of the first that could not do its work. */
int writers_end(struct writers *writers, struct trial_record *r);

/* Does each page hold the last value that was written to it? 0, or -EIO with the first that does not as the reason. */
int writers_check(const struct writers *writers, struct trial *t);

void writers_free(struct writers *writers);	/* NULL is fine */

/* Which page is the i-th that writer k of n writes in a round, of nr pages; and how many are its own. Pure. */
uint64_t writers_pages(unsigned k, unsigned n, uint64_t nr);
uint64_t writers_page(unsigned k, unsigned n, uint64_t nr, uint64_t i);

#endif
