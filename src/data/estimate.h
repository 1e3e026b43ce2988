/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the statistics of comparisons share: an estimate with its confidence interval, and which numbers are let in.
 *
 * Every function on values refuses, with -EINVAL: none of them (n == 0), NaN, infinities, magnitudes above VALUE_MAX
 * (so that no difference of two overflows), and an `alpha` that does not lie between 0 and 1; with -E2BIG more than
 * VALUES_MAX. Inputs are never changed. Where a function needs memory its comment says how much; it is given back
 * before the function returns, and -ENOMEM is all that its lack does.
 */
#ifndef WBIT_ESTIMATE_H
#define WBIT_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

#define VALUE_MAX 1e300
#define VALUES_MAX 10000000

/*
 * A value and the closed interval [low, high] that holds the true one with probability `level` or more (about that,
 * when not `exact`). The level is asked for by `alpha`, the risk of missing it (0.05: 95 %), and is what was reached,
 * 1 - alpha or more: an interval between observed values cannot have just any level. For m intervals that shall all
 * hold at once ask for alpha / m (Bonferroni).
 *
 * Too few values have no interval at that level: then the function returns -ENODATA, the value is there all the same,
 * and the interval is from -INFINITY to INFINITY with level 1: true, and inconclusive wherever it is used.
 */
struct estimate {
	double value, low, high;
	double level;
	bool exact;		/* the level is by the exact distribution, not by the normal approximation */
};

/* 0, -EINVAL or -E2BIG, as above. */
int values_check(const double *values, size_t n);
int alpha_check(double alpha);

/* A checked copy in ascending order: 8 bytes a value, O(n log n). The caller frees *sorted; NULL on error. */
int values_sorted(const double *values, size_t n, double **sorted);

/* The mean of the middle two when n is even. */
double median_of_sorted(const double *sorted, size_t n);

/* No interval, as above. Returns -ENODATA. */
int estimate_unbounded(struct estimate *estimate);

#endif
