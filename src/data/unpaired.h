/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unpaired comparison: two samples that have no blocks in common, of boots or of files. A positive shift: new is
 * larger. What is let in, alpha and the meaning of -ENODATA: estimate.h. Values are taken for independent; those of
 * one boot are not.
 */
#ifndef WBIT_UNPAIRED_H
#define WBIT_UNPAIRED_H

#include "estimate.h"

/*
 * Mann and Whitney's U (1947), two-sided: the number of pairs with new > base, and half of those that are equal.
 * Exact when neither sample has more than MANN_WHITNEY_EXACT_MAX values and no two of all values are equal; else
 * normal, variance corrected for ties, with continuity correction of 1/2. As scipy.stats.mannwhitneyu(new, base). All
 * equal: p is 1. O(n log n), 8 bytes a value.
 */
struct mann_whitney {
	double u;
	double superiority;	/* u over the number of pairs: how often new is larger. 0.5: as often as not */
	bool exact;
	double p;
};
int mann_whitney(const double *base, size_t nr_base, const double *new, size_t nr_new, struct mann_whitney *result);

/*
 * Hodges and Lehmann's shift (1963): the median of all new - base, and the interval of Moses (1965): [k-th smallest,
 * k-th largest] difference at the critical rank of U, ties taken for none. Exact where neither sample has more than
 * MANN_WHITNEY_EXACT_MAX values, ties or not. Too few values: -ENODATA; at alpha 0.05 it takes 4 and 4, 3 and 5, or 2
 * and 8. O(n log n + 64 n), 8 bytes a value: the differences are never listed (pairwise.h).
 */
int unpaired_shift(const double *base, size_t nr_base, const double *new, size_t nr_new, double alpha,
		   struct estimate *estimate);

/*
 * The same as a ratio less 1 (0.05: 5 % more): the shift of the logarithms, back on the scale of the values. -EDOM
 * when a value is not above zero: then it takes the shift, and threshold_of() in decision.h.
 */
int unpaired_ratio(const double *base, size_t nr_base, const double *new, size_t nr_new, double alpha,
		   struct estimate *estimate);

#endif
