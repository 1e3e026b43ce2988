// SPDX-License-Identifier: GPL-2.0-or-later
/* The run: look, calibrate, describe, then group by group: warm-up and twin of each cell, and the blocks of timed trials. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "env.h"
#include "globs.h"
#include "judge.h"
#include "journal.h"
#include "matrix.h"
#include "mounts.h"
#include "places.h"
#include "plan.h"
#include "reasons.h"
#include "room.h"

#define TWIN_ATTEMPTS_MAX 5

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

static int fail(char *error, size_t size, int err, const char *format, ...) __attribute__((format(printf, 4, 5)));

static int fail(char *error, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return err;
}

/* ---- trials ---- */

static unsigned time_limit(const struct run_options *options, uint64_t pages)
{
	return options->time_limit_s ? options->time_limit_s : 10 + pages / 10000;
}

static struct trial_spec spec_of(const struct run *run, const struct group *g, unsigned v, bool traced)
{
	struct trial_spec spec = run->base;

	spec.workload = g->workload;
	spec.trigger = g->trigger;
	spec.source = g->variants[v].source;
	spec.kernel_policy = g->variants[v].kernel_policy;
	spec.pages = g->pages;
	spec.traced = traced;
	spec.declared = &g->state;
	spec.nr_vmas = run->options->nr_vmas;
	spec.writers.nr = g->beside;
	spec.writers.traced = traced;
	spec.time_limit_s = time_limit(run->options, g->pages * (mapped_bytes(g->state.mapped_by) / 4096));
	if (g->trigger->pulls) {
		spec.from = run->base.to;
		spec.to = run->base.from;
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
	r->from = g->trigger->pulls ? run->base.to : run->base.from;
	r->to = g->trigger->partial || g->trigger->pulls ? run->base.from : run->base.to;
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
 * sight. A twin that therefore proves nothing is tried again, never one that has seen all; how often is in its record.
 */
static bool is_to_be_tried_again(const struct trial_record *r, const struct trigger *trigger)
{
	bool unseen = r->restored != r->entries_all || r->entries_all < r->migrated;

	return trigger->partial && r->traced && r->attempts < TWIN_ATTEMPTS_MAX &&
	       (r->outcome == OUTCOME_SKIP || (r->outcome == OUTCOME_STATE_NOT_REACHED && unseen));
}

/* Runs, judges and records one trial. */
static int measure(struct run *run, const struct group *g, unsigned v, bool traced, unsigned block, unsigned order,
		   enum outcome *outcome)
{
	struct trial_spec spec = spec_of(run, g, v, traced);
	struct trial_record *r = &run->report->record;
	unsigned attempts = 0;
	uint64_t start;
	int err;

	if (run->progress)
		run->progress->report(run->done, run->plan.nr_trials, g->workload->name,
				      policy_name(g->variants[v].policy));
	do {
		start = clock_ns(CLOCK_MONOTONIC_RAW) - run->started_ns;
		err = trial_run(&spec, run->report, run->stop);
		if (err)
			return err;
		describe(r, run, g, v, traced);
		r->start_ns = start;
		r->block = block;
		r->order = order;
		r->attempts = ++attempts;
		judge(r, &g->state, g->variants[v].policy, g->trigger->partial);
	} while (is_to_be_tried_again(r, g->trigger));
	give_reasons(r, run->options->platform, g->trigger->untimed);
	*outcome = r->outcome;
	return record_trial(run, r);
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

/* Outside the records, and after the twins: what tracing leaves to be cleaned up would lengthen the first timed trial. */
static int warm_up(struct run *run, const struct group *g, unsigned v)
{
	struct trial_spec spec = spec_of(run, g, v, false);

	return trial_run(&spec, run->report, run->stop);
}

/* Each variant once, in the block's order. */
static int run_block(struct run *run, const struct group *g, unsigned number, unsigned block, const enum outcome *twin)
{
	unsigned order[VARIANTS_MAX], i;
	enum outcome outcome;
	uint64_t spent_s;
	int err = 0;

	plan_order(run->options->seed, number, block, g->nr_variants, order);
	for (i = 0; i < g->nr_variants && !err; i++) {
		spent_s = (clock_ns(CLOCK_MONOTONIC_RAW) - run->started_ns) / 1000000000;
		if (run->options->budget_s && spent_s >= run->options->budget_s)
			err = -ETIME;
		else if (twin[order[i]] == OUTCOME_OK)
			err = measure(run, g, order[i], false, block, i, &outcome) ?:
			      (g->by_chance ? measure(run, g, order[i], true, block, i, &outcome) : 0);
	}
	return err;
}

/* The trigger's, then the workload's. A host's knobs are left alone. */
static int set_knobs(struct run *run, const struct group *g, char *reason, size_t size)
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

static int run_group(struct run *run, const struct group *g, unsigned number)
{
	enum outcome twin[VARIANTS_MAX];
	char reason[REASON_MAX];
	unsigned v, b;
	int err;

	err = set_knobs(run, g, reason, sizeof(reason));
	if (err) {
		for (v = 0, err = 0; v < g->nr_variants && !err; v++)
			err = record_skip(run, g, v, reason);
		return err;
	}
	for (v = 0; v < g->nr_variants && !err; v++)
		err = run_twin(run, g, v, &twin[v]);
	for (v = 0; v < g->nr_variants && !err; v++)
		if (twin[v] == OUTCOME_OK && !g->trigger->partial)	/* compaction is dear, and no time of it is taken */
			err = warm_up(run, g, v);
	for (b = 0; b < g->blocks && !err; b++)
		err = run_block(run, g, number, b, twin);
	knobs_put_back(g->workload->knobs, &run->journal);
	knobs_put_back(g->trigger->knobs, &run->journal);
	return err;
}

/* ---- the whole ---- */

/*
 * What the kernel is looked into with: of the triggers that are asked for the first that can run here. Not a hint, which makes
 * other states of the probes' own, nor one by a worker, which the types' counters do not see.
 */
static const struct trigger *probing_trigger(const struct run *run)
{
	const struct trigger *first = NULL;
	unsigned i;

	for (i = 0; triggers[i]; i++) {
		if (triggers[i]->hints || triggers[i]->by_worker || (run->options->trigger_glob ? !glob_list_has(run->options->trigger_glob, triggers[i]->name) :
					   i && !run->options->all))
			continue;
		if (!needs_missing(&run->found, triggers[i]->needs))
			return triggers[i];
		if (!first)
			first = triggers[i];
	}
	return first ? first : triggers[0];
}

/* A policy switch is taken by each run on its kernel, whatever is to be measured: no other run may set it meanwhile. */
static int take_switch(struct run *run, char *error, size_t size)
{
	int err;

	if (needs_missing(&run->found, NEED_SWITCH | NEED_TRACING))
		return 0;
	err = policy_switch_take(&run->policy_switch, &run->journal, error, size);
	if (!err)
		run->base.policy_switch = &run->policy_switch;
	return err;
}

/* Only what some cell of this run hangs on is looked into. */
static struct calibrate_wants what_is_wanted(const struct run *run)
{
	struct calibrate_wants wants = { .may_set = run->options->platform >= PLATFORM_LAB_KVM };
	const struct workload *const *w;
	unsigned i;

	for (i = 0; i < NR_POLICIES; i++)
		if (plan_has_policy(run->options, i))
			wants.policies |= 1u << i;
	for (w = run->options->workloads; w && *w; w++)
		for (i = 0; triggers[i]; i++) {
			if (!plan_has_cell(run->options, *w, triggers[i]))
				continue;
			wants.hints |= triggers[i]->hints;
			wants.hugetlb |= (*w)->state.mapped_by == MAPPED_BY_HUGETLB;
		}
	return wants;
}

/* What the machine has, and what its kernel does. may_set: the policy switch, to try its words, and a guest's knobs. */
static int look(struct run *run, bool may_set, char *error, size_t size)
{
	struct calibrate_wants wants;
	int err = places_choose(run->options, &run->base, error, size);

	if (err)
		return err;
	mounts_prepare(KNOB_POLICY_NAME);
	needs_look(&run->found, run->options->platform >= PLATFORM_LAB_KVM);
	err = may_set ? take_switch(run, error, size) : 0;
	if (err)
		return err;
	run->base.exact = run->options->platform == PLATFORM_LAB_EXACT;
	run->base.clock = run->base.exact || run->options->platform == PLATFORM_LAB_SMP ? CLOCK_INSN : CLOCK_NS;
	run->base.writers.clock = run->base.clock;
	run->base.trigger = probing_trigger(run);
	run->base.soft_dirty = run->found.have & NEED_SOFT_DIRTY;
	run->base.time_limit_s = time_limit(run->options, 0);
	run->base.types = &run->facts.types;
	run->report = trial_report_new();
	if (!run->report)
		return fail(error, size, -errno, "no memory for trials: %s", strerror(errno));
	wants = what_is_wanted(run);
	wants.may_set &= may_set;
	err = calibrate(&run->base, &run->found, &wants, &run->journal, run->report, run->stop, &run->facts);
	if (err && err != -ECANCELED)
		return fail(error, size, err, "no trial can be started: %s", strerror(-err));
	return err;
}

static int check_vmas(const struct run *run, char *error, size_t size)
{
	uint64_t most = vmas_here();

	if (run->options->nr_vmas <= most)
		return 0;
	return fail(error, size, -EINVAL, "--vmas: %u VMAs are more than vm.max_map_count lets a process have: at most %"
		    PRIu64 " fit", run->options->nr_vmas, most);
}

static int prepare(struct run *run, bool may_set, char *error, size_t size)
{
	int err = check_vmas(run, error, size) ?: look(run, may_set, error, size) ?:
		  plan_build(&run->plan, run->options, &run->found, &run->facts);

	if (err)
		return err;
	run->room = room_here(run->base.from, run->base.to, run->options->platform >= PLATFORM_LAB_KVM);
	return plan_fits(&run->plan, &run->room, error, size);
}

static const char *why_cut_short(int err)
{
	return err == -ECANCELED ? "interrupted" : err == -ETIME ? "the budget of time was spent" :
		err ? strerror(-err) : NULL;
}

static int run_groups(struct run *run)
{
	int err = record_write_env(run->sink, env_describe(run->options, &run->base, &run->facts));
	unsigned g;

	for (g = 0; g < run->plan.nr_groups && !err; g++)
		err = run_group(run, &run->plan.groups[g], g);
	return err;
}

int run_all(const struct run_options *options, struct record_sink *sink, const volatile sig_atomic_t *stop,
	    const struct run_progress *progress, char *error, size_t error_size)
{
	struct run run = { .options = options, .sink = sink, .stop = stop, .progress = progress };
	char not_back[200];
	bool prepared;
	int err, back;

	run.started_ns = clock_ns(CLOCK_MONOTONIC_RAW);
	journal_init(&run.journal, "");
	err = prepare(&run, true, error, error_size);
	prepared = !err;
	if (prepared)
		err = run_groups(&run);
	back = journal_end(&run.journal, not_back, sizeof(not_back));
	if (prepared && !sink->error)
		record_write_end(sink, why_cut_short(err));
	plan_free(&run.plan);
	if (back)
		return fail(error, error_size, back, "%s", not_back);
	if (sink->error)
		return fail(error, error_size, sink->error, "cannot write records: %s", strerror(-sink->error));
	if (prepared && err && err != -ECANCELED && err != -ETIME)
		fail(error, error_size, err, "the run stopped: %s", strerror(-err));
	return err;
}

static void print_cell(FILE *out, const struct room *room, const struct group *g, unsigned v)
{
	char beside[40] = "";

	if (g->beside)
		snprintf(beside, sizeof(beside), ", %u writer%s beside", g->beside, g->beside == 1 ? "" : "s");
	if (g->variants[v].skip)
		fprintf(out, "%-24s %-8s %-8s  %s%s, skip: %s\n", g->workload->name, policy_name(g->variants[v].policy),
			source_name(g->variants[v].source), g->trigger->name, beside, g->variants[v].skip);
	else
		fprintf(out, "%-24s %-8s %-8s  %s%s, %" PRIu64 " pages, %u timed trials and %s, %" PRIu64 " MiB\n",
			g->workload->name, policy_name(g->variants[v].policy), source_name(g->variants[v].source),
			g->trigger->name, beside, g->pages, g->blocks, g->by_chance ? "twins" : "a twin",
			memory_bytes(g->workload, g->trigger, &g->state, room->ramdisk, g->pages) >> 20);
}

int run_dry(const struct run_options *options, FILE *out, const volatile sig_atomic_t *stop, char *error,
	    size_t error_size)
{
	struct run run = { .options = options, .stop = stop };
	unsigned g, v, nr_cells = 0;
	int err;

	journal_init(&run.journal, "");
	err = prepare(&run, false, error, error_size);
	if (err)
		return err;
	if (!needs_missing(&run.found, NEED_SWITCH))
		fprintf(out, "policy switch: there; whether it does what it says is tried when the run starts\n");
	fprintf(out, "policy of this kernel: %s (%s)\n\n", policy_name(run.facts.policy), run.facts.policy_reason);
	for (g = 0; g < run.plan.nr_groups; g++)
		for (v = 0; v < run.plan.groups[g].nr_variants; v++, nr_cells++)
			print_cell(out, &run.room, &run.plan.groups[g], v);
	fprintf(out, "\n%u cells, %u trials\n", nr_cells, run.plan.nr_trials);
	plan_free(&run.plan);
	return 0;
}

int run_probe(const char *trigger_glob, const volatile sig_atomic_t *stop, struct run_probe *probe, char *error,
	      size_t error_size)
{
	const struct run_options options = { .trigger_glob = trigger_glob, .from = -1, .to = -1, .platform = platform_here() };
	struct run run = { .options = &options, .stop = stop };
	int err;

	journal_init(&run.journal, "");
	err = look(&run, false, error, error_size);
	*probe = (struct run_probe){ run.found, run.facts, run.base.trigger };
	return err;
}
