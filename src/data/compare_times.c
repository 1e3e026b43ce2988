// SPDX-License-Identifier: GPL-2.0-or-later
/* The times of a comparison: each pair's regions estimated, then called together. */
#include "compare_times.h"

#include <errno.h>
#include <stdlib.h>

static const struct spread *region(const struct cell *cell, unsigned write)
{
	return write ? &cell->write : &cell->migrate;
}

static enum timing_unit unit_of(const struct comparison *c)
{
	const struct run_info *a = &c->base.summary->runs[c->base.run], *b = &c->new.summary->runs[c->new.run];

	if (a == b)
		return TIMING_BLOCK;
	return a->boots > 1 || b->boots > 1 || !same_kernel(a, b) ? TIMING_BOOT : TIMING_TRIAL;
}

const struct timing *compare_timing(const struct comparison *c, const struct compare_pair *pair, bool write)
{
	if (!c->timings || !region(pair->base, write)->n || !region(pair->new, write)->n)
		return NULL;
	return &c->timings[2 * (pair - c->pairs) + write];
}

/* Visits each region that both sides have measured. */
static int each(struct comparison *c, int (*visit)(struct comparison *c, const struct spread *base,
						  const struct spread *new, struct timing *timing))
{
	int err = 0;

	for (unsigned i = 0; i < c->nr_pairs && !err; i++) {
		for (unsigned write = 0; write < 2 && !err; write++) {
			const struct spread *base = region(c->pairs[i].base, write), *new = region(c->pairs[i].new, write);

			if (base->n && new->n)
				err = visit(c, base, new, &c->timings[2 * (size_t)i + write]);
		}
	}
	return err;
}

static int estimate(struct comparison *c, const struct spread *base, const struct spread *new, struct timing *timing)
{
	return timing_estimate(base, new, c->by, timing);
}

static int tighten(struct comparison *c, const struct spread *base, const struct spread *new, struct timing *timing)
{
	return timing_tighten(base, new, c->nr_timed, timing);
}

static int adjust(struct comparison *c)
{
	struct timing **timings = calloc(2 * (size_t)c->nr_pairs + 1, sizeof(*timings));
	size_t nr = 0;
	int err;

	if (!timings)
		return -ENOMEM;
	for (unsigned i = 0; i < c->nr_pairs; i++) {
		for (unsigned write = 0; write < 2; write++) {
			if (compare_timing(c, &c->pairs[i], write))
				timings[nr++] = &c->timings[2 * (size_t)i + write];
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
	c->timings = calloc(2 * (size_t)c->nr_pairs + 1, sizeof(*c->timings));
	if (!c->timings)
		return -ENOMEM;
	return each(c, estimate) ?: adjust(c) ?: each(c, tighten);
}
