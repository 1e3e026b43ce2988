/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cells a run has, and in which order their trials go. Pure, but for the memory it allocates.
 */
#ifndef WBIT_PLAN_H
#define WBIT_PLAN_H

#include "calibrate.h"
#include "run.h"

#define CROSSCHECKS 2		/* by perf trace, by perf stat (crosscheck.h) */
#define VARIANTS_MAX (NR_POLICIES + 2)	/* native, emulated, and those of the switch */

/* The cells that share everything but the policy: a block is one timed trial of each. */
struct group {
	const struct workload *workload;
	const struct trigger *trigger;
	struct page_state state;	/* declared of the pages just before they migrate */
	const char *condition;		/* that makes it another one on this kernel; NULL: none */
	uint64_t pages;			/* of the state's size */
	unsigned beside;		/* writers beside the migration */
	const struct place *place;	/* where; NULL until plan_spread() */
	unsigned blocks;		/* of timed trials */
	unsigned crosschecks;		/* trials of each variant by perf: CROSSCHECKS or 0 */
	bool by_chance;			/* its counts differ from trial to trial: each block has a twin, too */
	unsigned nr_variants;
	struct {
		enum policy policy;
		enum source source;
		enum policy kernel_policy;	/* that a policy switch is set to for it */
		const char *skip;	/* why it cannot run here; NULL: it can */
	} variants[VARIANTS_MAX];
};

struct plan {
	struct group *groups;
	unsigned nr_groups;
	unsigned nr_trials;		/* recorded ones: twins and timed, skips as one each */
};

/* 0 or -ENOMEM. The strings belong to `found` and `facts`, which must outlive the plan. */
int plan_build(struct plan *plan, const struct run_options *options, const struct needs_found *found,
	       const struct kernel_facts *facts);
void plan_free(struct plan *plan);

/*
 * Each group once at each place, one place after the other, so that what is compared stands close in time. A trigger that stays
 * on one node has its group once. The places must outlive the plan. 0 or -ENOMEM.
 */
struct places;
int plan_spread(struct plan *plan, const struct places *places);

/* The nodes that a group's pages really come from and go to: a trigger may pull them, or stay on one. */
void group_nodes(const struct group *g, int *from, int *to);

/* What a cell needs of the machine: enum need, or-ed. */
unsigned cell_needs(const struct workload *workload, const struct trigger *trigger, enum source source);

/*
 * Is this workload chosen, by this trigger? Without globs and --all the workloads that are not extra, each by its default
 * trigger. A cell that makes no sense (matrix.h) never is.
 */
bool plan_has_cell(const struct run_options *options, const struct workload *w, const struct trigger *t);

/* Why not one of the chosen workloads has a cell by one of the chosen triggers: of the first pair. NULL: one has. */
const char *plan_why_barred(const struct run_options *options);

/*
 * Is this policy chosen? Without a glob the three that the question is about are. `vma-unsafe` is a bug, on purpose: it has to be
 * named in full.
 */
bool plan_has_policy(const struct run_options *options, enum policy policy);

/*
 * The order of a group's variants in a block. All orders of up to three variants come once in nr! blocks, so each
 * variant stands in each place, and behind each other one, equally often; the seed says which order comes when.
 */
void plan_order(uint64_t seed, unsigned group, unsigned block, unsigned nr, unsigned order[VARIANTS_MAX]);

#endif
