/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Triggers: what causes the migration. One file each, listed in triggers.def.
 *
 * Which workloads a trigger makes sense with is matrix.h's. In the order of the calls: steer() before set-up, place() once the
 * state is there, prepare() just before the region is timed, migrate() inside it, prove() after it.
 */
#ifndef WBIT_TRIGGER_H
#define WBIT_TRIGGER_H

#include "workload.h"

/* One entry a page, and what the trigger keeps of its own. */
struct migration {
	void **addresses;	/* as move_pages(2) wants them */
	int *nodes, *status;
	uint64_t nr_pages;
	void *priv;		/* the trigger's; freed with the process */
};

struct trigger {
	const char *name, *about;
	unsigned needs;
	struct knob knobs[KNOBS_MAX];	/* as a workload's */
	/*
	 * It cannot be told which pages to move. Those that did are t->moved after prove(); only they are written and
	 * judged, and the region's time says nothing of them.
	 */
	bool partial;
	bool hints;	/* it makes PTEs PROT_NONE first: model_hinted() of the workload's state is what migrates */
	bool pulls;	/* pages come to the CPU's node, so the run's two nodes change places */
	bool by_worker;	/* a kernel worker migrates, not the task: evidence is system-wide */
	const char *untimed;	/* why the time of its call says nothing of the region; NULL: it does */
	uint64_t (*memory_bytes)(uint64_t nr_pages);	/* that it takes for itself; NULL: hardly any */
	int (*steer)(struct trial *t, struct migration *m);	/* NULL: nothing */
	int (*place)(struct trial *t, struct migration *m);	/* the pages are where they should come from, or why not */
	int (*prepare)(struct trial *t, struct migration *m);
	int (*migrate)(struct trial *t, struct migration *m);
	/* How many pages moved, and how many did not. */
	int (*prove)(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed);
	void (*clean_up)(void);	/* as a workload's */
};

extern const struct trigger *const triggers[];	/* NULL-terminated */
extern const struct trigger trigger_numa_balancing;	/* that a condition is looked for with */

/* Memory for the pages, written once so that nothing in it faults later. 0 or -ENOMEM. */
int migration_init(struct migration *m, const struct trial *t);
void migration_free(struct migration *m);

/* Fills the arrays for move_pages: every page of the region, to t->to, no status yet. */
void migration_fill(struct migration *m, const struct trial *t);

/* place() and prove() of triggers that go by node: where move_pages(2) finds the pages. */
int place_on_source(struct trial *t, struct migration *m);
int prove_on_target(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed);
int prepare_nothing(struct trial *t, struct migration *m);

/* Asks the kernel where each page is. Counts those on `node`; 0 or -errno. */
int pages_on_node(struct trial *t, struct migration *m, int node, uint64_t *count);

#endif
