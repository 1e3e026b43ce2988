// SPDX-License-Identifier: GPL-2.0-or-later
/* The run: look, calibrate, plan, describe, then group by group (run_group.c); and the same without measuring. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aa.h"
#include "clock.h"
#include "env.h"
#include "globs.h"
#include "mounts.h"
#include "run_state.h"

static int fail(char *error, size_t size, int err, const char *format, ...) __attribute__((format(printf, 4, 5)));

static int fail(char *error, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return err;
}

/* Not a hint, which makes other states of the probes' own, nor one by a worker, which the types' counters do not see. */
static bool may_probe(const struct run_options *options, unsigned i)
{
	if (triggers[i]->hints || triggers[i]->by_worker)
		return false;
	return options->trigger_glob ? glob_list_has(options->trigger_glob, triggers[i]->name) : i == 0 || options->all;
}

/* What the kernel is looked into with: of the triggers that are asked for the first that can run here. */
static const struct trigger *probing_trigger(const struct run *run)
{
	const struct trigger *first = NULL;
	unsigned i;

	for (i = 0; triggers[i]; i++) {
		if (!may_probe(run->options, i))
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

static int tune_and_take_switch(struct run *run, char *error, size_t size)
{
	int err = run->options->tune ? tune(&run->journal, &run->tuning, error, size) : 0;

	return err ?: take_switch(run, error, size);
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
	int err = places_choose(run->options, &run->places, error, size);

	if (err)
		return err;
	place_trial(&run->places.all[0], &run->base);
	mounts_prepare(KNOB_POLICY_NAME);
	needs_look(&run->found, run->options->platform >= PLATFORM_LAB_KVM);
	run->base.journal = &run->journal;
	err = may_set ? tune_and_take_switch(run, error, size) : 0;
	if (err)
		return err;
	run->base.exact = run->options->platform == PLATFORM_LAB_EXACT;
	run->base.clock = run->base.exact || run->options->platform == PLATFORM_LAB_SMP ? CLOCK_INSN : CLOCK_NS;
	sample_clock_choose(&run->base.sample_clock, run->base.clock);
	run->base.writers.clock = run->base.clock;
	run->base.trigger = probing_trigger(run);
	run->base.soft_dirty = run->found.have & NEED_SOFT_DIRTY;
	run->base.time_limit_s = run_time_limit(run->options, 0);
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

/* On the nodes of each pair. */
static int check_room(struct run *run, char *error, size_t size)
{
	unsigned i;
	int err = 0;

	for (i = 0; i < run->places.nr && !err; i++) {
		run->room = room_here(run->places.all[i].from, run->places.all[i].to, run->options->platform >= PLATFORM_LAB_KVM);
		err = plan_fits(&run->plan, &run->room, error, size);
	}
	return err;
}

int run_prepare(struct run *run, bool may_set, char *error, size_t size)
{
	return check_vmas(run, error, size) ?: look(run, may_set, error, size) ?:
	       plan_build(&run->plan, run->options, &run->found, &run->facts) ?: check_room(run, error, size) ?:
	       plan_spread(&run->plan, &run->places);
}

void run_release(struct run *run)
{
	plan_free(&run->plan);
	tuning_free(&run->tuning);
	places_free(&run->places);
}

/* What is to be counted, and whether it can be. */
static int look_at_counters(struct run *run, char *error, size_t size)
{
	int err;

	if (!run->options->nr_counter_sets)
		return 0;
	err = counters_take(&run->counters, run->options->counter_sets, run->options->nr_counter_sets, error, size);
	if (!err)
		counters_try(&run->counters, run->base.clock);
	return err;
}

static const char *why_cut_short(int err)
{
	return err == -ECANCELED ? "interrupted" : err == -ETIME ? "the budget of time was spent" :
		err ? strerror(-err) : NULL;
}

static int write_env(struct run *run, const struct aa *aa)
{
	json_t *env = env_describe(run->options, &run->places, &run->base, &run->facts);

	if (run->counters.nr)
		json_object_set_new(env, "counters", env_counters(&run->counters));
	env_add_noise(env, &run->tuning, aa);
	return record_write_env(run->sink, env);
}

static int run_groups(struct run *run)
{
	struct aa aa = { 0 };
	int err = aa_pass(run, &aa), written;
	unsigned g;

	written = write_env(run, &aa);
	aa_free(&aa);
	err = err ?: written;
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
	err = run_prepare(&run, true, error, error_size) ?: look_at_counters(&run, error, error_size);
	prepared = !err;
	if (prepared)
		err = run_groups(&run);
	back = journal_end(&run.journal, not_back, sizeof(not_back));
	if (prepared && !sink->error)
		record_write_end(sink, why_cut_short(err));
	run_release(&run);
	if (back)
		return fail(error, error_size, back, "%s", not_back);
	if (sink->error)
		return fail(error, error_size, sink->error, "cannot write records: %s", strerror(-sink->error));
	if (prepared && err && err != -ECANCELED && err != -ETIME)
		fail(error, error_size, err, "the run stopped: %s", strerror(-err));
	return err;
}

static void print_place(FILE *out, const struct place *place)
{
	fprintf(out, "CPU %d of node %d; ", place->cpu, place->cpu_node);
	if (place->to >= 0)
		fprintf(out, "pages from node %d to node %d\n", place->from, place->to);
	else
		fprintf(out, "pages on node %d: there is no second one\n", place->from);
}

/* Where the cells differ in it; and who writes beside. */
static const char *cell_where(const struct run *run, const struct group *g, char *text, size_t size)
{
	int from, to, at = 0;

	group_nodes(g, &from, &to);
	text[0] = '\0';
	if (run->options->pairs && to >= 0)
		at = snprintf(text, size, ", node %d to %d", from, to);
	if (g->beside)
		snprintf(text + at, size - at, ", %u writer%s beside", g->beside, g->beside == 1 ? "" : "s");
	return text;
}

static void print_cell(FILE *out, const struct run *run, const struct group *g, unsigned v)
{
	char where[80];

	fprintf(out, "%-24s %-8s %-8s  %s%s, ", g->workload->name, policy_name(g->variants[v].policy),
		source_name(g->variants[v].source), g->trigger->name, cell_where(run, g, where, sizeof(where)));
	if (g->variants[v].skip)
		fprintf(out, "skip: %s\n", g->variants[v].skip);
	else
		fprintf(out, "%" PRIu64 " pages, %u timed trials and %s, %" PRIu64 " MiB\n", g->pages, g->blocks,
			g->by_chance ? "twins" : "a twin",
			memory_bytes(g->workload, g->trigger, &g->state, run->room.ramdisk, g->pages) >> 20);
}

int run_dry(const struct run_options *options, FILE *out, const volatile sig_atomic_t *stop, char *error,
	    size_t error_size)
{
	struct run run = { .options = options, .stop = stop };
	unsigned g, v, p, nr_cells = 0;
	int err;

	journal_init(&run.journal, "");
	err = run_prepare(&run, false, error, error_size);
	if (err) {
		run_release(&run);
		return err;
	}
	if (!needs_missing(&run.found, NEED_SWITCH))
		fprintf(out, "policy switch: there; whether it does what it says is tried when the run starts\n");
	fprintf(out, "policy of this kernel: %s (%s)\n", policy_name(run.facts.policy), run.facts.policy_reason);
	for (p = 0; p < run.places.nr; p++)
		print_place(out, &run.places.all[p]);
	fputc('\n', out);
	for (g = 0; g < run.plan.nr_groups; g++)
		for (v = 0; v < run.plan.groups[g].nr_variants; v++, nr_cells++)
			print_cell(out, &run, &run.plan.groups[g], v);
	fprintf(out, "\n%u cells, %u trials\n", nr_cells, run.plan.nr_trials);
	run_release(&run);
	return 0;
}

int run_probe(const char *trigger_glob, const volatile sig_atomic_t *stop, struct run_probe *probe, char *error,
	      size_t error_size)
{
	const struct run_options options = { .trigger_glob = trigger_glob, .from = -1, .to = -1, .cpu = -1,
					      .platform = platform_here() };
	struct run run = { .options = &options, .stop = stop };
	int err;

	journal_init(&run.journal, "");
	err = look(&run, false, error, error_size);
	*probe = (struct run_probe){ run.found, run.facts, run.base.trigger };
	run_release(&run);
	return err;
}
