// SPDX-License-Identifier: GPL-2.0-or-later
#include "pairwise.h"

#include <string.h>

#define SIGN_BIT (UINT64_C(1) << 63)

/* Numbers in the order of the doubles, so that halving a range of them halves the doubles in it. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits & SIGN_BIT ? ~bits : bits | SIGN_BIT;
}

static double value_of(uint64_t key)
{
	uint64_t bits = key & SIGN_BIT ? key & ~SIGN_BIT : ~key;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static double walsh(double a, double b)
{
	return 0.5 * a + 0.5 * b;
}

/* Rounding keeps order, so the pairs up to the limit are a staircase: as i goes up, j goes down. */
static uint64_t averages_up_to(const struct pairwise *p, double limit)
{
	size_t j = p->nr_x;	/* one past the last partner of x[i] */
	uint64_t count = 0;

	for (size_t i = 0; i < p->nr_x; i++) {
		while (j > i && walsh(p->x[i], p->x[j - 1]) > limit)
			j--;
		if (j <= i)
			break;
		count += j - i;
	}
	return count;
}

static uint64_t differences_up_to(const struct pairwise *p, double limit)
{
	size_t i = 0;		/* the first x that is near enough to y[j] */
	uint64_t count = 0;

	for (size_t j = 0; j < p->nr_y; j++) {
		while (i < p->nr_x && p->y[j] - p->x[i] > limit)
			i++;
		count += p->nr_x - i;
	}
	return count;
}

uint64_t pairwise_pairs(const struct pairwise *p)
{
	return p->y ? (uint64_t)p->nr_x * p->nr_y : (uint64_t)p->nr_x * (p->nr_x + 1) / 2;
}

double pairwise_select(const struct pairwise *p, uint64_t rank)
{
	uint64_t low = key_of(p->y ? p->y[0] - p->x[p->nr_x - 1] : walsh(p->x[0], p->x[0]));
	uint64_t high = key_of(p->y ? p->y[p->nr_y - 1] - p->x[0] : walsh(p->x[p->nr_x - 1], p->x[p->nr_x - 1]));

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		double limit = value_of(middle);

		if ((p->y ? differences_up_to(p, limit) : averages_up_to(p, limit)) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return value_of(low) + 0.0;	/* zeros of both signs count as equal; what comes back is 0.0 */
}

int pairwise_estimate(const struct pairwise *p, const struct rank_null *null, double alpha, struct estimate *estimate)
{
	uint64_t pairs = pairwise_pairs(p), critical;

	estimate->value = pairwise_select(p, pairs / 2 + 1);
	if (pairs % 2 == 0)
		estimate->value = walsh(pairwise_select(p, pairs / 2), estimate->value);
	critical = rank_null_critical(null, alpha, &estimate->level);
	if (!critical)
		return estimate_unbounded(estimate);
	estimate->low = pairwise_select(p, critical);
	estimate->high = pairwise_select(p, pairs + 1 - critical);
	estimate->exact = null->exact;
	return 0;
}
