/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of a run share: run.c looks and plans, run_group.c measures a group. */
#ifndef WBIT_RUN_STATE_H
#define WBIT_RUN_STATE_H

#include "plan.h"
#include "room.h"

struct run {
	const struct run_options *options;
	struct record_sink *sink;
	const volatile sig_atomic_t *stop;
	const struct run_progress *progress;
	struct trial_spec base;		/* what all trials share */
	struct needs_found found;
	struct kernel_facts facts;
	struct journal journal;		/* of the knobs that are set */
	struct policy_switch policy_switch;
	struct trial_report *report;
	struct plan plan;
	struct room room;
	uint64_t started_ns;
	unsigned done;
};

/* Seconds that a trial of so many base pages may take. */
unsigned run_time_limit(const struct run_options *options, uint64_t pages);

/* Looks, calibrates and plans. may_set: knobs, and a policy switch, may be set. 0, or -errno with a message. */
int run_prepare(struct run *run, bool may_set, char *error, size_t size);

/* Its twins, and the blocks of timed trials, into the sink. number: of the group, for the order. 0 or -errno. */
int run_group(struct run *run, const struct group *g, unsigned number);

/* Its knobs, and what its trials may have left; a message why they cannot be set. 0 or -errno. */
int run_group_begin(struct run *run, const struct group *g, char *reason, size_t size);
void run_group_end(struct run *run, const struct group *g);

/*
 * One trial of variant v, described and judged, and tried again where an earlier one proved nothing: it is in run->report. gate: NULL,
 * or around one of its regions. 0, -ECANCELED, or -errno when no child could be started.
 */
int run_trial(struct run *run, const struct group *g, unsigned v, bool traced, const struct phase_gate *gate);

/* Into the sink, with the reasons of its nulls. 0 or -errno. */
int run_record_trial(struct run *run, const struct group *g);

bool run_budget_spent(const struct run *run);
void run_show_progress(const struct run *run, const struct group *g, unsigned v);

#endif
