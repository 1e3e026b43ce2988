/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the statistics of the tests are distributed when nothing differs: signs (binomial with 1/2), Wilcoxon's signed
 * ranks, Mann and Whitney's U. All three are symmetric about half their maximum.
 *
 * A critical rank k belongs to the interval [k-th smallest, k-th largest] of what the statistic counts: it misses the
 * true value with probability 2 P(T <= k - 1), T the statistic; the largest k for which that is at most alpha is
 * meant. With ties among the values the true level is higher (Noether 1967), never lower.
 */
#ifndef WBIT_NULL_DISTRIBUTION_H
#define WBIT_NULL_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* P(B <= k), B binomial with n trials of 1/2. O(sqrt(n)); right to 1e-10 of itself for n up to VALUES_MAX. */
double sign_cdf(size_t n, size_t k);

/* The critical rank of the order statistics, 0: there is none. *level: what is reached. O(sqrt(n) log(n)) */
size_t sign_critical(size_t n, double alpha, double *level);

/* Up to these sizes the rank distributions are exact; above, normal with continuity correction. */
#define SIGNED_RANK_EXACT_MAX 50	/* differences */
#define MANN_WHITNEY_EXACT_MAX 25	/* values in the larger sample */
#define RANK_NULL_TABLE 638		/* 50 * 51 / 2 / 2, and 0 */

/* 5 KiB, for the stack. The counts behind the table are integers below 2^53: its only error is the division's. */
struct rank_null {
	uint64_t max;			/* the statistic goes from 0 to max */
	double sd;			/* for the normal approximation */
	bool exact;
	double cdf[RANK_NULL_TABLE];	/* exact: P(T <= t) for t from 0 to max / 2 */
};

void signed_rank_null(struct rank_null *null, size_t n);			/* W+; O(n^3) up to 50, else O(1) */
void mann_whitney_null(struct rank_null *null, size_t n_base, size_t n_new);	/* U; O(n^3) up to 25, else O(1) */

/* The two-sided p of a statistic, which may be a half with ties. */
double rank_null_p(const struct rank_null *null, double statistic);

/* The critical rank, 0: there is none. */
uint64_t rank_null_critical(const struct rank_null *null, double alpha, double *level);

/* The normal quantile of p, 0 < p < 1, to about 1e-15. */
double normal_quantile(double p);

#endif
