// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures of a cell's timed trials: kept, sorted, and their middle found. */
#include "sample.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define FIRST_ROOM 6	/* the default number of trials; where time is taken it is twice that */

static int compare_values(const void *left, const void *right)
{
	const struct sample *a = left, *b = right;

	return (a->value > b->value) - (a->value < b->value);
}

static int compare_alike(const void *left, const void *right)
{
	const struct sample *a = left, *b = right;

	if (a->ticks != b->ticks)
		return a->ticks < b->ticks ? -1 : 1;
	if (a->waits != b->waits)
		return a->waits < b->waits ? -1 : 1;
	return compare_values(left, right);
}

static int compare_blocks(const void *left, const void *right)
{
	const struct sample *a = left, *b = right;

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return compare_values(left, right);
}

/* Room is FIRST_ROOM times a power of two, and doubles when it is used up. */
static bool is_full(unsigned n)
{
	unsigned times = n / FIRST_ROOM;

	return n % FIRST_ROOM == 0 && !(times & (times - 1));
}

int spread_add(struct spread *spread, struct sample sample)
{
	unsigned n = spread->n;

	if (is_full(n)) {
		struct sample *more = reallocarray(spread->samples, n ? 2 * (size_t)n : FIRST_ROOM, sizeof(*more));

		if (!more)
			return -ENOMEM;
		spread->samples = more;
	}
	spread->samples[spread->n++] = sample;
	return 0;
}

double samples_median(const struct sample *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2].value : (sorted[n / 2 - 1].value + sorted[n / 2].value) / 2;
}

void spread_finish(struct spread *spread)
{
	if (!spread->n)
		return;
	qsort(spread->samples, spread->n, sizeof(spread->samples[0]), compare_values);
	spread->median = samples_median(spread->samples, spread->n);
	spread->min = spread->samples[0].value;
	spread->max = spread->samples[spread->n - 1].value;
}

void spread_free(struct spread *spread)
{
	free(spread->samples);
	spread->samples = NULL;
	spread->n = 0;
}

void samples_sort_alike(struct sample *samples, size_t n)
{
	if (n)
		qsort(samples, n, sizeof(*samples), compare_alike);
}

void samples_sort_blocks(struct sample *samples, size_t n)
{
	if (n)
		qsort(samples, n, sizeof(*samples), compare_blocks);
}
