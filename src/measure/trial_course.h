/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the child's course share: trial_child.c leads it, trial_migrate.c and trial_write.c have its timed regions. */
#ifndef WBIT_TRIAL_COURSE_H
#define WBIT_TRIAL_COURSE_H

#include <semaphore.h>

#include "clock.h"
#include "counters.h"
#include "trial.h"

struct course {
	const struct trial_spec *spec;
	const struct workload *w;
	struct trial_report *report;
	struct trial_record *r;
	struct trial t;
	struct migration m;
	struct evidence evidence;
	struct counting counting;
	struct stopwatch watch;
	uint64_t *samples, nr_samples;		/* ticks of the sample clock */
	uint64_t batch_pages, batch_ticks;	/* of what was written in batch */
	int vmstat_fd;
	int type_fds[NR_SWAP_TYPES];
	sem_t gate;			/* opens when the migration is about to start */
	struct writers *writers;	/* NULL: none */
};

/* ---- trial_region.c ---- */

/*
 * Goes through all that a region touches once, for nothing, so that the region itself meets no fault of the harness: fork,
 * clear_refs and soft-dirty write-protect it along with the workload's pages.
 */
void rehearse(struct course *c);

/* /proc/vmstat pgreuse: system-wide. NOT_MEASURED when the kernel has none. Uses the stopwatch's buffer. */
uint64_t reused_pages(struct course *c);

/* Around what is timed, or, in a twin, watched: PHASE_MIGRATE or PHASE_WRITE. A twin's region stays as it is. 0 or -errno. */
int region_begin(struct course *c, enum phase phase);
int region_end(struct course *c, enum phase phase, struct region *region);

/* A twin's count of what it watches, and why there is none. */
uint64_t see(struct course *c, enum sight sight, const char *key);

/* ---- the phases: 0 or -errno, as a workload's callbacks have it ---- */

int place_phase(struct course *c);
int migrate_phase(struct course *c);
int prove_phase(struct course *c);
int write_phase(struct course *c);

void latency_of_writes(struct course *c);	/* into the record; sorts the samples */

#endif
