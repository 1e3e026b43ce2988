/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cells a run has, and in which order their trials go. Pure, but for the memory it allocates.
 */
#ifndef WBIT_PLAN_H
#define WBIT_PLAN_H

#include "calibrate.h"
#include "run.h"

#define VARIANTS_MAX 4

/* The cells that share everything but the policy: a block is one timed trial of each. */
struct group {
	const struct workload *workload;
	const struct trigger *trigger;
	uint64_t pages;
	unsigned nr_variants;
	struct {
		enum policy policy;
		enum source source;
		const char *skip;	/* why it cannot run here; NULL: it can */
	} variants[VARIANTS_MAX];
};

struct plan {
	struct group *groups;
	unsigned nr_groups;
	unsigned nr_trials;		/* recorded ones: twins and timed, skips as one each */
};

/* 0 or -ENOMEM. The strings belong to `found` and must outlive the plan. */
int plan_build(struct plan *plan, const struct run_options *options, const struct needs_found *found,
	       enum policy native);
void plan_free(struct plan *plan);

/* What a cell needs of the machine: enum need, or-ed. */
unsigned cell_needs(const struct workload *workload, const struct trigger *trigger, enum source source);

/* Is triggers[i] chosen? Without a glob the first alone is. */
bool plan_has_trigger(const struct run_options *options, unsigned i);

/*
 * The order of a group's variants in a block. All orders of up to three variants come once in nr! blocks, so each
 * variant stands in each place, and behind each other one, equally often; the seed says which order comes when.
 */
void plan_order(uint64_t seed, unsigned group, unsigned block, unsigned nr, unsigned order[VARIANTS_MAX]);

#endif
