/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a run share: run.c looks and plans, run_group.c measures a group. */
#ifndef WBIT_RUN_STATE_H
#define WBIT_RUN_STATE_H

#include "places.h"
#include "plan.h"
#include "room.h"
#include "tune.h"

struct run {
	const struct run_options *options;
	struct record_sink *sink;
	const volatile sig_atomic_t *stop;
	const struct run_progress *progress;
	struct trial_spec base;		/* what all trials share; its place is the first of: */
	struct places places;
	struct needs_found found;
	struct kernel_facts facts;
	struct journal journal;		/* of the knobs that are set */
	struct tuning tuning;
	struct policy_switch policy_switch;
	struct trial_report *report;
	struct plan plan;
	struct room room;
	struct counters counters;	/* none: none were asked for */
	unsigned counters_turn;		/* which set of them is next: the block under way */
	uint64_t started_ns;
	unsigned done;
};

/* Seconds that a trial of so many base pages may take. */
unsigned run_time_limit(const struct run_options *options, uint64_t pages);

/* Looks, calibrates and plans. may_set: knobs, and a policy switch, may be set. 0, or -errno with a message. */
int run_prepare(struct run *run, bool may_set, char *error, size_t size);
void run_release(struct run *run);	/* its memory, prepared or not */
/*
 * Sets the group's knobs, as far as they may be set; and tidies up after its trials. Not 0: they cannot be set, and `reason` says why.
 */
int run_begin_group(struct run *run, const struct group *g, char *reason, size_t size);
void run_end_group(struct run *run, const struct group *g);

/* One timed trial of a group's variant, judged, into the report and no record. 0 or -errno, as trial_run() has it. */
int run_unrecorded(struct run *run, const struct group *g, unsigned v);

/* Its twins, and the blocks of timed trials, into the sink. number: of the group, for the order. 0 or -errno. */
int run_group(struct run *run, const struct group *g, unsigned number);

/*
 * One trial of variant v, described and judged, and tried again where an earlier one proved nothing: it is in run->report. gate: NULL,
 * or around one of its regions; then it has no counters of its own. 0, -ECANCELED, or -errno when no child could be started.
 */
int run_trial(struct run *run, const struct group *g, unsigned v, bool traced, const struct phase_gate *gate);

/* Into the sink, with the reasons of its nulls. 0 or -errno. */
int run_record_trial(struct run *run, const struct group *g);

bool run_budget_spent(const struct run *run);
void run_show_progress(const struct run *run, const struct group *g, unsigned v);

#endif
