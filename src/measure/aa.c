// SPDX-License-Identifier: GPL-2.0-or-later
/* The A/A pass: which cell, how many pairs, their order; and what came of it. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aa.h"
#include "clock.h"
#include "noise_floor.h"
#include "paired.h"

#define PAIRS 24			/* the quantile that counts lies among what they show, for six blocks too (noise_floor.h) */
#define PAIRS_MIN 6			/* sign_pairs_min(NOISE_FLOOR_ALPHA): fewer have no interval */
#define LOST_MAX 3			/* pairs with a trial that was not ok ... */
#define LOST_MAX_PARTIAL 60		/* ... and of compaction, which moves nothing now and then, the more so beside another one */
#define LIMIT_NS UINT64_C(20000000000)
#define ORDER_NUMBER 0xaa0000u		/* of a group for plan_order(), which no group of a plan has */

/* One region of all pairs: per page, and as it was for the median. */
struct figures {
	const char *name;
	double a[PAIRS], b[PAIRS], elapsed[2 * PAIRS];
};

struct pass {
	struct run *run;
	const struct group *group;
	unsigned variant;
	uint64_t limit_ns, started_ns;
	unsigned pairs, lost;
	struct figures migrate, write;
};

__attribute__((format(printf, 2, 3))) static int why_not(struct aa *aa, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(aa->why, sizeof(aa->why), format, args);
	va_end(args);
	return 0;
}

/* Writers beside the migration and races leave no time that would be the cell's own. */
static bool find_cell(struct pass *p)
{
	const struct plan *plan = &p->run->plan;
	unsigned g, v;

	for (g = 0; g < plan->nr_groups; g++)
		for (v = 0; v < plan->groups[g].nr_variants; v++)
			if (!plan->groups[g].by_chance && !plan->groups[g].variants[v].skip) {
				p->group = &plan->groups[g];
				p->variant = v;
				return true;
			}
	return false;
}

static uint64_t spent_ns(const struct pass *p)
{
	return clock_ns(CLOCK_MONOTONIC_RAW) - p->started_ns;
}

/* ---- trials ---- */

/* Pages that the write's time is of, as `wbit compare` takes them (data/trial_figures.c). */
static double pages_of(const struct trial_record *r)
{
	return r->from == r->to && r->migrated && r->migrated < r->pages ? (double)r->migrated : (double)r->pages;
}

static void take(struct figures *f, const struct region *region, double pages, unsigned pair, bool is_b)
{
	double value = region->elapsed == NOT_MEASURED ? NAN : (double)region->elapsed;

	(is_b ? f->b : f->a)[pair] = value / pages;
	f->elapsed[2 * pair + is_b] = value;
}

static bool measure_pair(struct pass *p, int *err)
{
	const struct trial_record *r = &p->run->report->record;
	unsigned order[VARIANTS_MAX], i;

	plan_order(p->run->options->seed, ORDER_NUMBER, p->pairs + p->lost, 2, order);
	for (i = 0; i < 2; i++) {
		*err = run_unrecorded(p->run, p->group, p->variant);
		if (*err || r->outcome != OUTCOME_OK)
			return false;
		take(&p->migrate, &r->migrate, pages_of(r), p->pairs, order[i]);
		take(&p->write, &r->write, pages_of(r), p->pairs, order[i]);
	}
	return true;
}

/* A machine that has become slower may take twice as long for what it takes at least. */
static bool is_time_up(const struct pass *p)
{
	return spent_ns(p) >= (p->pairs < PAIRS_MIN ? 2 : 1) * p->limit_ns;
}

static int measure_pairs(struct pass *p, unsigned wanted)
{
	unsigned lost_max = p->group->trigger->partial ? LOST_MAX_PARTIAL : LOST_MAX;
	int err = 0;

	while (!err && p->pairs < wanted && p->lost < lost_max && !is_time_up(p)) {
		if (p->run->progress)
			p->run->progress->report(p->pairs, wanted, p->group->workload->name, "itself (A/A)");
		if (measure_pair(p, &err))
			p->pairs++;
		else
			p->lost++;
	}
	return err;
}

/* ---- what came of it ---- */

static json_int_t ppm(double share)
{
	return llround(1e6 * share);
}

static json_int_t median_elapsed(const struct figures *f, size_t n)
{
	double *sorted, median = 0;

	if (!values_sorted(f->elapsed, n, &sorted)) {
		median = median_of_sorted(sorted, n);
		free(sorted);
	}
	return llround(median);
}

static void set_why(struct aa *aa, const char *name, const char *key, const char *reason)
{
	char path[80];

	snprintf(path, sizeof(path), "noise_floor.%s%s%s", name, *key ? "." : "", key);
	json_object_set_new(aa->why_parts, path, json_string(reason));
}

static json_t *describe(struct aa *aa, const struct pass *p, const struct figures *f, const char *untimed)
{
	struct noise_floor floor;
	bool timed = !isnan(f->elapsed[0]);
	int err = timed ? noise_floor_find(f->a, f->b, p->pairs, p->group->blocks, &floor) : -ENODATA;

	if (err) {
		set_why(aa, f->name, "", !timed ? untimed : err == -EDOM ? "a region that took no time has no ratio" :
			strerror(-err));
		return json_null();
	}
	if (isinf(floor.resolves))
		set_why(aa, f->name, "resolves_ppm", floor.unseen ? "so few pairs do not show what so few blocks resolve" :
			"fewer than six blocks have no interval");
	return json_pack("{sI sI so}", "median", median_elapsed(f, 2 * p->pairs), "floor_ppm", ppm(floor.floor), "resolves_ppm",
			 isinf(floor.resolves) ? json_null() : json_integer(ppm(floor.resolves)));
}

static void conclude(struct aa *aa, const struct pass *p)
{
	const struct group *g = p->group;
	const char *untimed = g->trigger->untimed ? g->trigger->untimed : "its time is not the kernel's own under this policy";

	aa->why_parts = json_object();
	aa->floor = json_pack("{ss ss ss ss sI si si so so}", "workload", g->workload->name, "policy",
			      policy_name(g->variants[p->variant].policy), "source", source_name(g->variants[p->variant].source),
			      "trigger", g->trigger->name, "pages", (json_int_t)g->pages, "pairs", (int)p->pairs, "blocks",
			      (int)g->blocks, "migrate", describe(aa, p, &p->migrate, untimed), "write",
			      describe(aa, p, &p->write, "the write was not timed"));
}

/* ---- the pass ---- */

/* A tenth of what the run may take, at most. */
static uint64_t limit_of(const struct run_options *options)
{
	uint64_t tenth = options->budget_s * UINT64_C(100000000);

	return tenth && tenth < LIMIT_NS ? tenth : LIMIT_NS;
}

/* The first trial is outside, and shows how many fit. */
static int measure_cell(struct pass *p, struct aa *aa)
{
	const struct trial_record *r = &p->run->report->record;
	uint64_t took, fit;
	int err;

	p->started_ns = clock_ns(CLOCK_MONOTONIC_RAW);
	err = run_unrecorded(p->run, p->group, p->variant);
	if (err)
		return err;
	took = spent_ns(p);
	fit = took ? p->limit_ns / (2 * took) : PAIRS;
	if (fit < PAIRS_MIN)
		return why_not(aa, "a trial of %s takes %" PRIu64 " ms: %d pairs would take more than %" PRIu64 " ms",
			       p->group->workload->name, took / 1000000, PAIRS_MIN, p->limit_ns / 1000000);
	err = measure_pairs(p, fit < PAIRS ? (unsigned)fit : PAIRS);
	if (err)
		return err;
	if (p->pairs < PAIRS_MIN)
		return why_not(aa, "only %u pairs of %s came about: %s%s%s", p->pairs, p->group->workload->name,
			       r->outcome == OUTCOME_OK ? "time was up" : outcome_name(r->outcome),
			       r->outcome == OUTCOME_OK ? "" : ": ", r->outcome == OUTCOME_OK ? "" : r->reason);
	conclude(aa, p);
	return 0;
}

int aa_pass(struct run *run, struct aa *aa)
{
	struct pass p = {
		.run = run,
		.limit_ns = limit_of(run->options),
		.migrate = { .name = "migrate" },
		.write = { .name = "write" },
	};
	char reason[REASON_MAX];
	int err;

	if (run->options->no_aa)
		return why_not(aa, "left out (--no-aa)");
	if (run->options->platform != PLATFORM_BARE_METAL && run->options->platform != PLATFORM_VM)
		return why_not(aa, "found on bare-metal and vm only: no times are quoted of %s",
			       platform_name(run->options->platform));
	if (!find_cell(&p))
		return why_not(aa, "no cell can run here");
	if (run_begin_group(run, p.group, reason, sizeof(reason)))
		return why_not(aa, "%s", reason);
	err = measure_cell(&p, aa);
	run_end_group(run, p.group);
	if (err == -ECANCELED)
		why_not(aa, "interrupted");
	return err;
}

void aa_free(struct aa *aa)
{
	json_decref(aa->floor);
	json_decref(aa->why_parts);
	*aa = (struct aa){ 0 };
}
