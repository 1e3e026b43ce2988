// SPDX-License-Identifier: GPL-2.0-or-later
#include "break_even.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "paired.h"

#define LEAST_INSTRUCTIONS 0.1	/* guests that differ in the length of an option alone differ by less */
#define RISK 0.05

static int compare_blocks(const void *left, const void *right)
{
	const struct sample *a = left, *b = right;

	return (a->block > b->block) - (a->block < b->block);
}

static struct sample *by_block(const struct spread *spread)
{
	struct sample *copy = calloc(spread->n, sizeof(*copy));

	if (copy) {
		memcpy(copy, spread->samples, spread->n * sizeof(*copy));
		qsort(copy, spread->n, sizeof(*copy), compare_blocks);
	}
	return copy;
}

/* The differences of the blocks that both have. */
static size_t block_differences(const struct sample *a, size_t nr_a, const struct sample *b, size_t nr_b, double *change)
{
	size_t n = 0;

	for (size_t i = 0, k = 0; i < nr_a && k < nr_b;) {
		if (a[i].block == b[k].block)
			change[n++] = a[i++].value - b[k++].value;
		else if (a[i].block < b[k].block)
			i++;
		else
			k++;
	}
	return n;
}

/* a - b; NAN: the interval holds zero, or there is none. */
static double difference_of_times(const struct spread *a, const struct spread *b)
{
	struct sample *in_a = by_block(a), *in_b = by_block(b);
	double *change = calloc(a->n, sizeof(*change)), difference = NAN;
	struct estimate estimate;

	if (in_a && in_b && change) {
		size_t n = block_differences(in_a, a->n, in_b, b->n, change);

		if (n && !paired_median(change, n, RISK, &estimate) && (estimate.low > 0 || estimate.high < 0))
			difference = estimate.value;
	}
	free(in_a);
	free(in_b);
	free(change);
	return difference;
}

static double difference_of_instructions(const struct spread *a, const struct spread *b)
{
	double difference = a->median - b->median;
	double doubt = fmax(LEAST_INSTRUCTIONS, fmax(a->max - a->min, b->max - b->min));

	return fabs(difference) > doubt ? difference : 0;
}

enum break_even break_even(const struct cell *a, const struct cell *b, bool instructions, double *share)
{
	double (*const difference)(const struct spread *, const struct spread *) =
		instructions ? difference_of_instructions : difference_of_times;
	double migrate, write;

	if (!a || !b || !a->migrate.n || !b->migrate.n || !a->write.n || !b->write.n)
		return BREAK_EVEN_UNKNOWN;
	migrate = difference(&a->migrate, &b->migrate);
	write = difference(&a->write, &b->write);
	if (isnan(migrate) || isnan(write))
		return BREAK_EVEN_UNKNOWN;
	if (migrate == 0 && write == 0)
		return BREAK_EVEN_EQUAL;
	if (migrate * write >= 0)
		return migrate < 0 || write < 0 ? BREAK_EVEN_A : BREAK_EVEN_B;
	*share = -migrate / write;
	if (*share <= 1)
		return BREAK_EVEN_SHARE;
	return migrate < 0 ? BREAK_EVEN_A : BREAK_EVEN_B;
}
