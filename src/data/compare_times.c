// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of a comparison, and counters that vary as they do: each pair's regions estimated, then all called together. */
#include "compare_lines.h"
#include "compare_times.h"

#include <errno.h>
#include <stdlib.h>

const struct spread *cell_region(const struct cell *cell, unsigned which)
{
	if (which >= REGION_CHANCE)
		return &cell->chances[which - REGION_CHANCE];
	return which == REGION_WRITE ? &cell->write : &cell->migrate;
}

static const char *word_of(const struct comparison *c, unsigned which)
{
	if (which == REGION_CHANCE + CHANCE_SHARE)
		return "a page";
	if (which == REGION_CHANCE + CHANCE_ABSENT || which == REGION_CHANCE + CHANCE_NO_W)
		return "faults";
	return c->insn ? "insn" : "ns";
}

static enum timing_unit unit_of(const struct comparison *c)
{
	const struct run_info *a = &c->base.summary->runs[c->base.run], *b = &c->new.summary->runs[c->new.run];

	if (a == b)
		return TIMING_BLOCK;
	return a->boots > 1 || b->boots > 1 || !same_kernel(a, b) ? TIMING_BOOT : TIMING_TRIAL;
}

const struct timing *compare_timing(const struct compare_pair *pair, unsigned which)
{
	return pair->timings[which];
}

/* What is called together: one region, or one region's counter, that both sides have measured. */
struct item {
	const struct spread *base, *new;
	const struct timing **timing;
	const char *word;
};

typedef int visit(struct comparison *c, const struct item *item, void *arg);

static int each_region(struct comparison *c, struct compare_pair *pair, visit *see, void *arg)
{
	int err = 0;

	for (unsigned which = 0; which < NR_REGIONS && !err; which++) {
		const struct item item = {
			cell_region(pair->base, which), cell_region(pair->new, which), &pair->timings[which], word_of(c, which),
		};

		if (item.base->n && item.new->n)
			err = see(c, &item, arg);
	}
	return err;
}

static int each_counter(struct comparison *c, struct compare_pair *pair, visit *see, void *arg)
{
	int err = 0;

	for (unsigned i = 0; i < 2 * pair->nr_counters && !err; i++) {
		struct compare_counter *counter = &pair->counters[i / 2];
		const struct item item = {
			counter_region(counter->base, i % 2), counter_region(counter->new, i % 2), &counter->timings[i % 2],
			"events",
		};

		if (!counter->exact && item.base->n && item.new->n)
			err = see(c, &item, arg);
	}
	return err;
}

static int each(struct comparison *c, visit *see, void *arg)
{
	int err = 0;

	for (unsigned i = 0; i < c->nr_pairs && !err; i++)
		err = each_region(c, &c->pairs[i], see, arg) ?: each_counter(c, &c->pairs[i], see, arg);
	return err;
}

static int count(struct comparison *c, const struct item *item, void *arg)
{
	(void)c;
	(void)item;
	++*(size_t *)arg;
	return 0;
}

/* arg: where the next one goes */
static int estimate(struct comparison *c, const struct item *item, void *arg)
{
	struct timing *timing = (*(struct timing **)arg)++;
	int err = timing_estimate(item->base, item->new, c->by, timing);

	timing->word = item->word;
	*item->timing = timing;
	return err;
}

/* arg: likewise, once more */
static int tighten(struct comparison *c, const struct item *item, void *arg)
{
	return timing_tighten(item->base, item->new, c->nr_timed, (*(struct timing **)arg)++);
}

static int adjust(struct comparison *c, size_t nr)
{
	struct timing **timings = calloc(nr + 1, sizeof(*timings));
	int err;

	if (!timings)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		timings[i] = &c->timings[i];
	err = timing_adjust(timings, nr, &c->nr_timed);
	free(timings);
	return err;
}

int compare_times(struct comparison *c)
{
	struct timing *next, *again;
	size_t nr = 0;

	if (c->exact || c->counts_only)
		return 0;
	c->by = unit_of(c);
	each(c, count, &nr);
	c->timings = next = again = calloc(nr + 1, sizeof(*c->timings));
	if (!c->timings)
		return -ENOMEM;
	return each(c, estimate, &next) ?: adjust(c, nr) ?: each(c, tighten, &again);
}
