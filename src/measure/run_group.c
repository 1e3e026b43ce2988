// SPDX-License-Identifier: GPL-2.0-or-later
/* A group of a run: warm-up and twin of each cell, then the blocks of timed trials, judged and recorded one by one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "crosscheck.h"
#include "judge.h"
#include "phase_gate.h"
#include "reasons.h"
#include "run_state.h"

#define ATTEMPTS_MAX 5

unsigned run_time_limit(const struct run_options *options, uint64_t pages)
{
	return options->time_limit_s ? options->time_limit_s : 10 + pages / 10000;
}

static struct trial_spec spec_of(const struct run *run, const struct group *g, unsigned v, bool traced)
{
	struct trial_spec spec = run->base;

	place_trial(g->place, &spec);
	spec.workload = g->workload;
	spec.trigger = g->trigger;
	spec.source = g->variants[v].source;
	spec.kernel_policy = g->variants[v].kernel_policy;
	spec.pages = g->pages;
	spec.traced = traced;
	spec.counters = run->counters.nr ? &run->counters : NULL;
	spec.counters_turn = run->counters_turn;
	spec.declared = &g->state;
	spec.nr_vmas = run->options->nr_vmas;
	spec.writers.nr = g->beside;
	spec.writers.traced = traced;
	spec.time_limit_s = run_time_limit(run->options, g->pages * (mapped_bytes(g->state.mapped_by) / 4096));
	if (g->trigger->pulls) {
		spec.from = g->place->to;
		spec.to = g->place->from;
	}
	return spec;
}

static void describe(struct trial_record *r, const struct run *run, const struct group *g, unsigned v, bool traced)
{
	r->workload = g->workload->name;
	r->policy = policy_name(g->variants[v].policy);
	r->trigger = g->trigger->name;
	r->source = g->variants[v].source;
	r->condition = g->condition;
	r->racing = g->state.racing;
	r->pages = g->pages;
	r->page_bytes = mapped_bytes(g->state.mapped_by);
	r->vmas = run->options->nr_vmas < g->pages ? run->options->nr_vmas : (unsigned)g->pages;
	group_nodes(g, &r->from, &r->to);
	r->threads = 1;
	r->beside.threads = g->beside;
	r->clock = run->base.clock;
	r->start_ns = clock_ns(CLOCK_MONOTONIC_RAW) - run->started_ns;
	r->traced = traced;
}

static int record_trial(struct run *run, struct trial_record *r)
{
	run->done++;
	return record_write_trial(run->sink, r);
}

/*
 * Compaction moves none of the pages now and then, and when another task compacts as well it moves them out of the twin's
 * sight. A twin that therefore proves nothing is tried again, never one that has seen all; and a race that met no entry in flight
 * is, before anything is proved of it. How often is in the record.
 */
static bool is_to_be_tried_again(const struct trial_record *r, const struct trigger *trigger)
{
	bool unseen = r->restored != r->entries_all || r->entries_all < r->migrated;

	if (r->attempts >= ATTEMPTS_MAX)
		return false;
	if (r->racing && r->outcome == OUTCOME_STATE_NOT_REACHED && r->migrated == NOT_MEASURED)
		return true;
	return trigger->partial && r->traced &&
	       (r->outcome == OUTCOME_SKIP || (r->outcome == OUTCOME_STATE_NOT_REACHED && unseen));
}

int run_trial(struct run *run, const struct group *g, unsigned v, bool traced, const struct phase_gate *gate)
{
	struct trial_spec spec = spec_of(run, g, v, traced);
	struct trial_record *r = &run->report->record;
	unsigned attempts = 0;
	uint64_t start;
	int err;

	spec.gate = gate;
	if (gate) {
		spec.counters = NULL;
		spec.time_limit_s += 2 * gate->limit_ms / 1000;
	}
	do {
		start = clock_ns(CLOCK_MONOTONIC_RAW) - run->started_ns;
		err = trial_run(&spec, run->report, run->stop);
		if (err)
			return err;
		describe(r, run, g, v, traced);
		r->start_ns = start;
		r->attempts = ++attempts;
		judge(r, &g->state, g->variants[v].policy, g->trigger->partial);
	} while (is_to_be_tried_again(r, g->trigger));
	return 0;
}

void run_show_progress(const struct run *run, const struct group *g, unsigned v)
{
	if (run->progress)
		run->progress->report(run->done, run->plan.nr_trials, g->workload->name,
				      policy_name(g->variants[v].policy));
}

int run_record_trial(struct run *run, const struct group *g)
{
	struct trial_record *r = &run->report->record;

	give_reasons(r, run->options->platform, g->trigger->untimed);
	return record_trial(run, r);
}

/* Runs, judges and records one trial. */
static int measure(struct run *run, const struct group *g, unsigned v, bool traced, unsigned block, unsigned order,
		   enum outcome *outcome)
{
	struct trial_record *r = &run->report->record;
	int err;

	run_show_progress(run, g, v);
	run->counters_turn = block;
	err = run_trial(run, g, v, traced, NULL);
	if (err)
		return err;
	r->block = block;
	r->order = order;
	*outcome = r->outcome;
	return run_record_trial(run, g);
}

static int record_skip(struct run *run, const struct group *g, unsigned v, const char *reason)
{
	struct trial_record *r = &run->report->record;

	memset(run->report, 0, sizeof(*run->report));
	trial_record_init(r);
	describe(r, run, g, v, false);
	r->outcome = OUTCOME_SKIP;
	snprintf(r->reason, sizeof(r->reason), "%s", reason);
	give_reasons(r, run->options->platform, g->trigger->untimed);
	return record_trial(run, r);
}

/* The twin decides whether the cell's times are worth taking. */
static int run_twin(struct run *run, const struct group *g, unsigned v, enum outcome *outcome)
{
	char reason[80];
	int err;

	if (g->variants[v].skip) {
		*outcome = OUTCOME_SKIP;
		return record_skip(run, g, v, g->variants[v].skip);
	}
	err = measure(run, g, v, true, 0, v, outcome);
	if (!err && *outcome != OUTCOME_OK) {
		snprintf(reason, sizeof(reason), "timed trials left out: the traced twin was %s", outcome_name(*outcome));
		err = record_skip(run, g, v, reason);
	}
	return err;
}

int run_unrecorded(struct run *run, const struct group *g, unsigned v)
{
	struct trial_spec spec = spec_of(run, g, v, false);
	struct trial_record *r = &run->report->record;
	int err = trial_run(&spec, run->report, run->stop);

	if (err)
		return err;
	describe(r, run, g, v, false);
	judge(r, &g->state, g->variants[v].policy, g->trigger->partial);
	give_reasons(r, run->options->platform, g->trigger->untimed);
	return 0;
}

bool run_budget_spent(const struct run *run)
{
	uint64_t spent_s = (clock_ns(CLOCK_MONOTONIC_RAW) - run->started_ns) / 1000000000;

	return run->options->budget_s && spent_s >= run->options->budget_s;
}

/* Each variant once, in the block's order. */
static int run_block(struct run *run, const struct group *g, unsigned number, unsigned block, const enum outcome *twin)
{
	unsigned order[VARIANTS_MAX], i;
	enum outcome outcome;
	int err = 0;

	plan_order(run->options->seed, number, block, g->nr_variants, order);
	for (i = 0; i < g->nr_variants && !err; i++) {
		if (run_budget_spent(run))
			err = -ETIME;
		else if (twin[order[i]] == OUTCOME_OK)
			err = measure(run, g, order[i], false, block, i, &outcome) ?:
			      (g->by_chance ? measure(run, g, order[i], true, block, i, &outcome) : 0);
	}
	return err;
}

/* The trigger's, then the workload's. A host's knobs are left alone. */
int run_begin_group(struct run *run, const struct group *g, char *reason, size_t size)
{
	bool may_set = run->options->platform >= PLATFORM_LAB_KVM;
	int err = knobs_set(g->trigger->knobs, may_set, &run->journal, reason, size);

	if (err)
		return err;
	err = knobs_set(g->workload->knobs, may_set, &run->journal, reason, size);
	if (err)
		knobs_put_back(g->trigger->knobs, &run->journal);
	return err;
}

void run_end_group(struct run *run, const struct group *g)
{
	if (g->workload->clean_up)
		g->workload->clean_up();
	if (g->trigger->clean_up)
		g->trigger->clean_up();
	knobs_put_back(g->workload->knobs, &run->journal);
	knobs_put_back(g->trigger->knobs, &run->journal);
}

/*
 * Once the last event of any task is closed, each context switch stays longer by perf's hooks until a second has passed
 * (perf_sched_events: kernel/events/core.c unaccount_event(), perf_sched_delayed()). The exact lab waits for that, which takes no time:
 * virtual time jumps while its CPU is idle. It would end in the middle of a cell else: doc/findings.md.
 */
static void outlast_tracing(const struct run *run)
{
	const struct timespec pause = { 1, 100000000 };

	if (run->base.exact)
		nanosleep(&pause, NULL);
}

int run_group(struct run *run, const struct group *g, unsigned number)
{
	enum outcome twin[VARIANTS_MAX];
	char reason[REASON_MAX];
	unsigned v, b;
	int err;

	err = run_begin_group(run, g, reason, sizeof(reason));
	if (err) {
		for (v = 0, err = 0; v < g->nr_variants && !err; v++)
			err = record_skip(run, g, v, g->variants[v].skip ?: reason);
		return err;
	}
	for (v = 0; v < g->nr_variants && !err; v++)
		err = run_twin(run, g, v, &twin[v]);
	outlast_tracing(run);
	/* Outside the records, and after the twins: what tracing leaves to be cleaned up would lengthen the first timed trial. */
	for (v = 0; v < g->nr_variants && !err; v++)
		if (twin[v] == OUTCOME_OK && !g->trigger->partial)	/* compaction is dear, and no time of it is taken */
			err = run_unrecorded(run, g, v);
	for (b = 0; b < g->blocks && !err; b++)
		err = run_block(run, g, number, b, twin);
	if (!err && g->crosschecks)
		err = crosscheck_group(run, g, twin);
	run_end_group(run, g);
	return err;
}
