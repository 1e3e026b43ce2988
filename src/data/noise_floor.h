/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cell against itself (A/A): how far two sides lie apart that differ in nothing, and how large an effect has to be for the
 * blocks of a run to show it.
 *
 * Pair i gave a[i] and b[i], measured one after the other, and which came first was drawn by lot; d[i] = b[i] / a[i] - 1. The floor
 * is half the width of the interval of their median (paired_median()).
 *
 * What resolves: let a run of N blocks compare two sides that differ by s. Its interval is [k-th smallest, k-th largest] of the
 * blocks' changes (sign_critical()), and leaves zero out when at most k - 1 of the N changes came out beyond zero, that is, when
 * noise beyond s hit at most k - 1 of them. As the labels mean nothing, noise hits up as often as down: the chance of one such
 * block is q(s) = P(|d| >= s) / 2. So the effect is found with the chance
 *
 *	P(B <= k - 1),  B binomial with N and q(s)
 *
 * and the smallest effect that is found in NOISE_FLOOR_POWER of all cases is the s at which q(s) is the largest q that allows that:
 * the quantile 1 - 2 q of |d|, taken between the n sorted values at the places i / (n + 1), and the largest of them beyond. Nothing is
 * assumed of how noise is distributed, but that blocks are independent and that the noise of the run's other cells is this one's.
 */
#ifndef WBIT_NOISE_FLOOR_H
#define WBIT_NOISE_FLOOR_H

#include <stddef.h>

#define NOISE_FLOOR_ALPHA 0.05
#define NOISE_FLOOR_POWER 0.8

struct noise_floor {
	size_t pairs, blocks;
	double change;		/* the median of d: 0.01 is 1 % */
	double floor;
	double resolves;	/* INFINITY: so few blocks have no interval at all */
};

/*
 * 0; -ENODATA: pairs too few for an interval; -EDOM: an a[i] of 0, which has no ratio; -EINVAL, -E2BIG, -ENOMEM as in
 * estimate.h. O(n log n + blocks).
 */
int noise_floor_find(const double *a, const double *b, size_t pairs, size_t blocks, struct noise_floor *floor);

/* The largest q with P(B <= k - 1) >= power, B binomial with n and q; 0 < k <= n / 2. */
double binomial_limit(size_t n, size_t k, double power);

#endif
