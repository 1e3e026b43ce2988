/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cell against itself (A/A): how far two sides lie apart that differ in nothing, and how large an effect has to be for the
 * blocks of a run to show it.
 *
 * Pair i gave a[i] and b[i], measured one after the other, and which came first was drawn by lot; d[i] = b[i] / a[i] - 1. The floor
 * is half the width of the interval of their median (paired_median()).
 *
 * What resolves: let a run of N blocks compare two sides, one of which takes 1 + s times what the other takes. The interval is [k-th
 * smallest, k-th largest] of the blocks' changes (sign_critical()), and leaves zero out when at most k - 1 of the N changes came out
 * on zero's other side, that is, when noise has made up for 1 + s in at most k - 1 blocks. Of two sides that differ in nothing one is
 * the larger as often as the other, so the chance of such a block is q(s) = P(e >= s) / 2, where e = max(a, b) / min(a, b) - 1 is
 * by how much the larger one exceeds the smaller. So the effect is found with the chance
 *
 *	P(B <= k - 1),  B binomial with N and q(s)
 *
 * and the smallest effect that is found in NOISE_FLOOR_POWER of all cases is the s at which q(s) is the largest q that allows that:
 * the quantile 1 - 2 q of e, taken between the n sorted values at the places i / (n + 1). Beyond the last of them the pairs do not
 * show it: six to eight blocks ask for noise so rare that it takes 13 to 18 pairs. Nothing is assumed of how noise is distributed, but
 * that blocks are independent and that the noise of the run's other cells is this one's.
 */
#ifndef WBIT_NOISE_FLOOR_H
#define WBIT_NOISE_FLOOR_H

#include <stdbool.h>
#include <stddef.h>

#define NOISE_FLOOR_ALPHA 0.05
#define NOISE_FLOOR_POWER 0.8

struct noise_floor {
	size_t pairs, blocks;
	double change;		/* the median of d: 0.01 is 1 % */
	double floor;
	double resolves;	/* INFINITY: so few blocks have no interval at all, or `unseen` */
	bool unseen;		/* the pairs are too few to show what it is */
};

/*
 * 0; -ENODATA: pairs too few for an interval; -EDOM: a value of 0, which has no ratio; -EINVAL, -E2BIG, -ENOMEM as in
 * estimate.h. O(n log n + blocks).
 */
int noise_floor_find(const double *a, const double *b, size_t pairs, size_t blocks, struct noise_floor *floor);

/* The largest q with P(B <= k - 1) >= power, B binomial with n and q; 0 < k <= n / 2. */
double binomial_limit(size_t n, size_t k, double power);

#endif
