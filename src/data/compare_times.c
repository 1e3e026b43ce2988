// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of a comparison: each pair's regions estimated, then called together. */
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

const struct timing *compare_timing(const struct comparison *c, const struct compare_pair *pair, unsigned which)
{
	if (!c->timings || !cell_region(pair->base, which)->n || !cell_region(pair->new, which)->n)
		return NULL;
	return &c->timings[NR_REGIONS * (size_t)(pair - c->pairs) + which];
}

/* Visits each region that both sides have measured. */
static int each(struct comparison *c, int (*visit)(struct comparison *c, const struct spread *base,
						  const struct spread *new, struct timing *timing))
{
	int err = 0;

	for (unsigned i = 0; i < c->nr_pairs && !err; i++) {
		for (unsigned which = 0; which < NR_REGIONS && !err; which++) {
			const struct spread *base = cell_region(c->pairs[i].base, which), *new = cell_region(c->pairs[i].new, which);

			if (base->n && new->n)
				err = visit(c, base, new, &c->timings[NR_REGIONS * (size_t)i + which]);
		}
	}
	return err;
}

static int estimate(struct comparison *c, const struct spread *base, const struct spread *new, struct timing *timing)
{
	unsigned which = (unsigned)((size_t)(timing - c->timings) % NR_REGIONS);
	int err = timing_estimate(base, new, c->by, timing);

	timing->word = word_of(c, which);
	return err;
}

static int tighten(struct comparison *c, const struct spread *base, const struct spread *new, struct timing *timing)
{
	return timing_tighten(base, new, c->nr_timed, timing);
}

static int adjust(struct comparison *c)
{
	struct timing **timings = calloc(NR_REGIONS * (size_t)c->nr_pairs + 1, sizeof(*timings));
	size_t nr = 0;
	int err;

	if (!timings)
		return -ENOMEM;
	for (unsigned i = 0; i < c->nr_pairs; i++) {
		for (unsigned which = 0; which < NR_REGIONS; which++) {
			if (compare_timing(c, &c->pairs[i], which))
				timings[nr++] = &c->timings[NR_REGIONS * (size_t)i + which];
		}
	}
	err = timing_adjust(timings, nr, &c->nr_timed);
	free(timings);
	return err;
}

int compare_times(struct comparison *c)
{
	if (c->exact || c->counts_only)
		return 0;
	c->by = unit_of(c);
	c->timings = calloc(NR_REGIONS * (size_t)c->nr_pairs + 1, sizeof(*c->timings));
	if (!c->timings)
		return -ENOMEM;
	return each(c, estimate) ?: adjust(c) ?: each(c, tighten);
}
