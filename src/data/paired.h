/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paired comparison: block i gave base[i] and new[i], and what counts is how they differ within the block, so that
 * drift from block to block cancels. A positive change: new is larger. What is let in, alpha and the meaning of
 * -ENODATA: estimate.h.
 *
 * The interval of the median and the sign test assume nothing but independent blocks. Hodges-Lehmann and the signed
 * ranks assume in addition that the differences are symmetric about their median; they are the second opinion.
 */
#ifndef WBIT_PAIRED_H
#define WBIT_PAIRED_H

#include <stdint.h>

#include "estimate.h"

enum change_unit {
	CHANGE_DIFFERENCE,	/* new - base, in their unit */
	CHANGE_RATIO,		/* new / base - 1: 0.05 is 5 % more */
};

/*
 * Fills n changes, by ratio when it is wanted and all of base are above zero; else by difference: a change from zero
 * has no ratio. *unit: in, what is wanted; out, what it is. O(n), no memory.
 */
int paired_changes(const double *base, const double *new, size_t n, enum change_unit *unit, double *change);

/* new - base of counts and of times in ns, subtracted as integers, so exact below 2^53. -EINVAL for a NOT_MEASURED. */
int paired_count_changes(const uint64_t *base, const uint64_t *new, size_t n, double *change);

/*
 * The median change and the interval of the sign test: [k-th smallest, k-th largest] change, k the largest with 2 P(B
 * <= k - 1) <= alpha, B binomial with n and 1/2 (Thompson 1936). Zeros are values like any other. Exact at any n;
 * fewer than sign_pairs_min(alpha) changes: -ENODATA. O(n log n), 8 bytes a change.
 */
int paired_median(const double *change, size_t n, double alpha, struct estimate *estimate);

/* How many pairs an interval takes at least: the smallest n with 2^(1-n) <= alpha. 6 for 0.05, 8 for 0.01. */
size_t sign_pairs_min(double alpha);

/*
 * The two-sided exact sign test. Zeros say nothing of a direction and are left out (Dixon and Mood 1946), so
 * p = min(1, 2 P(B <= min(above, below))), B binomial with above + below and 1/2; all zeros: 1. O(n), no memory.
 */
struct sign_test {
	size_t above, below, zeros;
	double p;
};
int sign_test(const double *change, size_t n, struct sign_test *result);

/*
 * Wilcoxon's signed ranks (1945), two-sided. Zeros are left out, equal magnitudes share the mean of their ranks.
 * Exact for up to SIGNED_RANK_EXACT_MAX changes without zeros and ties; else normal, variance corrected for ties,
 * with continuity correction of 1/2. As scipy.stats.wilcoxon with zero_method 'wilcox' and correction. Nothing but
 * zeros: 1. O(n log n), 8 bytes a change.
 */
struct signed_rank_test {
	double w_above;		/* the sum of the ranks of positive changes */
	bool exact;
	double p;
};
int signed_rank_test(const double *change, size_t n, struct signed_rank_test *result);

/*
 * Hodges and Lehmann's estimate (1963): the median of the Walsh averages, and the interval of the signed ranks (Tukey
 * 1949): [k-th smallest, k-th largest] average at the critical rank of W+, ties taken for none. Exact up to
 * SIGNED_RANK_EXACT_MAX changes. O(n log n + 64 n), 8 bytes a change: the averages are never listed (pairwise.h).
 */
int paired_hodges_lehmann(const double *change, size_t n, double alpha, struct estimate *estimate);

#endif
