// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs pooled, cell by cell. */
#include "pool.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cell_counters.h"
#include "compare.h"

/* ---- one cell into another ---- */

static void add_tally(struct tally *into, const struct tally *from)
{
	into->trials += from->trials;
	for (unsigned i = 0; i < NR_OUTCOMES; i++)
		into->by_outcome[i] += from->by_outcome[i];
}

static void widen(uint64_t *min, uint64_t *max, uint64_t least, uint64_t most)
{
	if (least == NOT_MEASURED)
		return;
	*min = *min == NOT_MEASURED || least < *min ? least : *min;
	*max = *max == NOT_MEASURED || most > *max ? most : *max;
}

static int add_samples(struct spread *into, const struct spread *from)
{
	int err = 0;

	for (unsigned i = 0; i < from->n && !err; i++)
		err = spread_add(into, from->samples[i]);
	spread_finish(into);
	return err;
}

static void take_worst(struct cell *into, struct cell *from)
{
	char *reason = into->reason;

	if (outcome_badness(from->worst) <= outcome_badness(into->worst))
		return;
	into->worst = from->worst;
	into->reason = from->reason;
	from->reason = reason;
}

static int fold(struct cell *into, struct cell *from)
{
	int err = 0;

	add_tally(&into->timed, &from->timed);
	add_tally(&into->traced, &from->traced);
	widen(&into->faults_min, &into->faults_max, from->faults_min, from->faults_max);
	widen(&into->userfaults_min, &into->userfaults_max, from->userfaults_min, from->userfaults_max);
	widen(&into->w_before_min, &into->w_before_max, from->w_before_min, from->w_before_max);
	widen(&into->w_after_min, &into->w_after_max, from->w_after_min, from->w_after_max);
	take_worst(into, from);
	if (into->expected_faults == NOT_MEASURED) {
		char *kind = into->expected_kind;

		into->expected_faults = from->expected_faults;
		into->expected_kind = from->expected_kind;
		from->expected_kind = kind;
	}
	into->race |= from->race;
	if (!into->condition) {
		into->condition = from->condition;
		from->condition = NULL;
	}
	from->run = UINT_MAX;
	into->racing |= from->racing;
	for (unsigned i = 0; i < NR_CHANCES && !err; i++)
		err = add_samples(&into->chances[i], &from->chances[i]);
	return err ?: cell_counters_fold(into, from) ?: add_samples(&into->migrate, &from->migrate) ?: add_samples(&into->write, &from->write);
}

/* ---- the cells of some runs ---- */

static int compare_cells(const void *left, const void *right)
{
	const struct cell *a = *(struct cell *const *)left, *b = *(struct cell *const *)right;
	int order = strcmp(a->workload, b->workload) ?: strcmp(a->policy, b->policy) ?:
		    strcmp(a->source, b->source) ?: cell_compare_ways(a, b);

	if (!order)
		order = (a->pages > b->pages) - (a->pages < b->pages);
	return order ?: (a->page_bytes > b->page_bytes) - (a->page_bytes < b->page_bytes);
}

/* Like cells by the order of the records, so that the first stays. */
static int compare_places(const void *left, const void *right)
{
	const struct cell *a = *(struct cell *const *)left, *b = *(struct cell *const *)right;

	return compare_cells(left, right) ?: (a > b) - (a < b);
}

static void number_samples(struct spread *spread, unsigned boot)
{
	for (unsigned i = 0; i < spread->n; i++)
		spread->samples[i].boot = boot;
}

/* The boot of a run, by the first run that was of it. */
static unsigned boot_of(const struct summary *summary, const unsigned *runs, unsigned place)
{
	const char *boot = summary->runs[runs[place]].boot;

	for (unsigned i = 0; boot && i < place; i++) {
		const char *other = summary->runs[runs[i]].boot;

		if (other && !strcmp(boot, other))
			return i;
	}
	return place;
}

/* The cells of the runs, each numbered by its boot. NULL: out of memory. */
static struct cell **cells_of(struct summary *summary, const unsigned *runs, unsigned nr, unsigned *nr_cells)
{
	struct cell **cells = calloc(summary->nr_cells + 1, sizeof(*cells));

	*nr_cells = 0;
	for (unsigned i = 0; cells && i < summary->nr_cells; i++) {
		struct cell *cell = &summary->cells[i];
		unsigned place = 0, boot;

		while (place < nr && runs[place] != cell->run)
			place++;
		if (place == nr)
			continue;
		boot = boot_of(summary, runs, place);
		number_samples(&cell->migrate, boot);
		number_samples(&cell->write, boot);
		for (unsigned k = 0; k < NR_CHANCES; k++)
			number_samples(&cell->chances[k], boot);
		for (unsigned k = 0; k < cell->nr_counters; k++) {
			number_samples(&cell->counters[k].migrate.spread, boot);
			number_samples(&cell->counters[k].write.spread, boot);
		}
		cells[(*nr_cells)++] = cell;
	}
	return cells;
}

static void fold_run(struct run_info *into, struct run_info *from)
{
	add_tally(&into->tally, &from->tally);
	into->blocks = from->blocks > into->blocks ? from->blocks : into->blocks;
	into->ended = into->ended && from->ended;
	if (!into->cut_short) {
		into->cut_short = from->cut_short;
		from->cut_short = NULL;
	}
	from->boots = 0;
}

int summary_pool(struct summary *summary, const unsigned *runs, unsigned nr)
{
	unsigned nr_cells, first = 0;
	struct cell **cells = cells_of(summary, runs, nr, &nr_cells);
	int err = cells ? 0 : -ENOMEM;

	if (cells)
		qsort(cells, nr_cells, sizeof(*cells), compare_places);
	for (unsigned i = 0; i < nr_cells && !err; i++) {
		if (i && !compare_cells(&cells[first], &cells[i])) {
			err = fold(cells[first], cells[i]);
			continue;
		}
		first = i;
		cells[i]->run = runs[0];
	}
	for (unsigned i = 1; i < nr && !err; i++) {
		fold_run(&summary->runs[runs[0]], &summary->runs[runs[i]]);
		summary->runs[runs[0]].boots += boot_of(summary, runs, i) == i;
	}
	free(cells);
	return err;
}

/* ---- which runs ---- */

static bool same_boots(const struct run_info *a, const struct run_info *b)
{
	const char *left = environment_value(&a->environment, "cpu"), *right = environment_value(&b->environment, "cpu");

	return same_kernel(a, b) && !strcmp(a->platform, b->platform) && a->from == b->from && a->to == b->to &&
	       (left == right || (left && right && !strcmp(left, right)));
}

int summary_pool_kernels(struct summary *summary)
{
	unsigned runs[SUMMARY_RUNS_MAX];
	int err = 0;

	for (unsigned i = 0; i < summary->nr_runs && !err; i++) {
		unsigned nr = 0;

		if (!summary->runs[i].boots || strcmp(summary->runs[i].clock, "ns"))
			continue;
		for (unsigned k = i; k < summary->nr_runs; k++) {
			if (summary->runs[k].boots && !strcmp(summary->runs[k].clock, "ns") &&
			    same_boots(&summary->runs[i], &summary->runs[k]))
				runs[nr++] = k;
		}
		if (nr > 1)
			err = summary_pool(summary, runs, nr);
	}
	return err;
}
