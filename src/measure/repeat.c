// SPDX-License-Identifier: GPL-2.0-or-later
/* One cell of a plan, many times over. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "repeat.h"
#include "run_state.h"

#define OFF_MAX 3

struct repetition {
	struct run run;
	const struct repeat *repeat;
	struct repeat_result *result;
	const struct group *group;
	unsigned variant;
	char *error;
	size_t size;
};

/* The first that can run; else the reason of the first that cannot. */
static int choose(struct repetition *re)
{
	const struct plan *plan = &re->run.plan;
	const char *why = NULL;
	unsigned g, v;

	for (g = 0; g < plan->nr_groups; g++)
		for (v = 0; v < plan->groups[g].nr_variants; v++) {
			if (!plan->groups[g].variants[v].skip) {
				re->group = &plan->groups[g];
				re->variant = v;
				return 0;
			}
			if (!why)
				why = plan->groups[g].variants[v].skip;
		}
	snprintf(re->error, re->size, "%s", why ? why : "no policy that this kernel can show is among those chosen (`wbit doctor`)");
	return why ? -ENOTSUP : -ENOENT;
}

static void note_cell(struct repetition *re)
{
	const struct group *g = re->group;

	re->result->cell = (struct repeat_cell){
		.workload = g->workload->name,
		.policy = policy_name(g->variants[re->variant].policy),
		.source = source_name(g->variants[re->variant].source),
		.trigger = g->trigger->name,
		.pages = g->pages,
		.page_bytes = mapped_bytes(g->state.mapped_by),
	};
}

static int not_fine(struct repetition *re, const char *which)
{
	const struct trial_record *r = &re->run.report->record;

	snprintf(re->error, re->size, "%s of %s under %s was %s: %s", which, re->result->cell.workload, re->result->cell.policy,
		 outcome_name(r->outcome), r->reason);
	return -EPROTO;
}

static int prove(struct repetition *re)
{
	int err = run_trial(&re->run, re->group, re->variant, true, NULL);

	if (!err && re->run.report->record.outcome != OUTCOME_OK)
		err = not_fine(re, "the traced twin");
	return err;
}

static bool is_enough(const struct repetition *re, uint64_t begun_ns)
{
	const struct repeat_result *result = re->result;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (!result->trials)
		return false;
	if ((now - begun_ns) / 1000000000 >= re->repeat->limit_s)
		return true;
	return re->repeat->trials ? result->trials >= re->repeat->trials : result->phase_ns >= re->repeat->enough_ns;
}

static void add_up(struct repetition *re)
{
	const struct trial_record *r = &re->run.report->record;
	uint64_t oncpu = re->repeat->phase == PHASE_MIGRATE ? r->migrate.oncpu : r->write.oncpu;
	bool fine = r->outcome == OUTCOME_OK;

	re->result->trials++;
	re->result->unmoved += r->outcome == OUTCOME_SKIP;
	re->result->off += !fine && r->outcome != OUTCOME_SKIP;
	re->result->phase_ns += !fine || oncpu == NOT_MEASURED ? 0 : oncpu;
	if (re->repeat->after)
		re->repeat->after(re->repeat->arg, re->run.report->child, fine);
}

/*
 * The state is proved; a page fault more than predicted is a page of the harness that someone else's compaction had in flight. But not
 * in every other trial.
 */
static bool is_hopeless(const struct repetition *re)
{
	const struct repeat_result *result = re->result;

	return re->run.report->record.outcome == OUTCOME_BROKEN ||
	       (result->off > OFF_MAX && 2 * result->off > result->trials - result->unmoved);
}

static int repeat_trials(struct repetition *re)
{
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	struct phase_gate gate;
	int err = re->repeat->begin(re->repeat->arg, &re->result->cell, &gate, re->error, re->size);

	while (!err && !is_enough(re, begun_ns)) {
		if (re->repeat->progress)
			re->repeat->progress(re->repeat->arg, re->result->trials, re->result->phase_ns);
		err = run_trial(&re->run, re->group, re->variant, false, &gate);
		if (err)
			break;
		add_up(re);
		err = is_hopeless(re) ? not_fine(re, "a trial") : 0;
	}
	return err;
}

static int repeat_group(struct repetition *re)
{
	int err = run_begin_group(&re->run, re->group, re->error, re->size);

	if (err)
		return -ENOTSUP;
	err = prove(re) ?: repeat_trials(re);
	run_end_group(&re->run, re->group);
	return err;
}

int run_repeat(const struct run_options *options, const struct repeat *repeat, const volatile sig_atomic_t *stop,
	       struct repeat_result *result, char *error, size_t size)
{
	struct repetition re = { .run = { .options = options, .stop = stop }, .repeat = repeat, .result = result, .error = error,
				 .size = size };
	char not_back[200];
	int err, back;

	*result = (struct repeat_result){ 0 };
	error[0] = '\0';
	re.run.started_ns = clock_ns(CLOCK_MONOTONIC_RAW);
	journal_init(&re.run.journal, "");
	err = run_prepare(&re.run, true, error, size) ?: choose(&re);
	if (!err) {
		note_cell(&re);
		err = repeat_group(&re);
	}
	back = journal_end(&re.run.journal, not_back, sizeof(not_back));
	run_release(&re.run);
	if (back)
		snprintf(error, size, "%s", not_back);
	else if (err == -ECANCELED)
		snprintf(error, size, "interrupted");
	else if (err && !error[0])
		snprintf(error, size, "no trial can be started");
	return back ?: err;
}
