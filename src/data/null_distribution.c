// SPDX-License-Identifier: GPL-2.0-or-later
#include "null_distribution.h"

#include <math.h>
#include <string.h>

/* So that a level which the distribution has exactly is not lost to the last bit when it is asked for. */
static bool within(double p, double alpha)
{
	return p <= alpha * (1 + 1e-12);
}

/* ---- signs ---- */

double sign_cdf(size_t n, size_t k)
{
	long double term, sum = 0;

	if (k >= n)
		return 1;
	if (k >= n - k)
		return 1 - sign_cdf(n, n - k - 1);
	/* below the middle the terms fall towards 0: from k downwards, until they no longer count */
	term = expl(lgammal(n + 1.0L) - lgammal(k + 1.0L) - lgammal(n - k + 1.0L) - n * M_LN2l);
	for (size_t i = k; term > sum * 1e-20L; i--) {
		sum += term;
		term = term * i / (n - i + 1);
	}
	return (double)sum;
}

size_t sign_critical(size_t n, double alpha, double *level)
{
	size_t low = 0, high = n / 2;

	while (low < high) {
		size_t k = high - (high - low) / 2;

		if (within(2 * sign_cdf(n, k - 1), alpha))
			low = k;
		else
			high = k - 1;
	}
	*level = low ? 1 - 2 * sign_cdf(n, low - 1) : 1;
	return low;
}

/* ---- ranks ---- */

/* From how many orders have each statistic to how many have it or a smaller one, of `all`. */
static void cumulate(struct rank_null *null, double all)
{
	double sum = 0;

	for (uint64_t t = 0; t <= null->max / 2; t++) {
		sum += null->cdf[t];
		null->cdf[t] = sum / all;
	}
}

/* Subsets of 1 to n by their sum: the coefficients of the product of (1 + q^i). */
void signed_rank_null(struct rank_null *null, size_t n)
{
	null->max = (uint64_t)n * (n + 1) / 2;
	null->sd = sqrt((double)null->max * (2.0 * n + 1) / 12);
	null->exact = n <= SIGNED_RANK_EXACT_MAX;
	if (!null->exact)
		return;
	memset(null->cdf, 0, sizeof(null->cdf));
	null->cdf[0] = 1;
	for (size_t i = 1; i <= n; i++) {
		for (uint64_t t = null->max / 2; t >= i; t--)
			null->cdf[t] += null->cdf[t - i];
	}
	cumulate(null, ldexp(1, (int)n));
}

/* The coefficients of the Gaussian binomial: the product of (1 - q^(n_new + i)) / (1 - q^i), i from 1 to n_base. */
void mann_whitney_null(struct rank_null *null, size_t n_base, size_t n_new)
{
	double all = 1;

	null->max = (uint64_t)n_base * n_new;
	null->sd = sqrt((double)null->max * (n_base + n_new + 1.0) / 12);
	null->exact = n_base <= MANN_WHITNEY_EXACT_MAX && n_new <= MANN_WHITNEY_EXACT_MAX;
	if (!null->exact)
		return;
	memset(null->cdf, 0, sizeof(null->cdf));
	null->cdf[0] = 1;
	for (size_t i = 1; i <= n_base; i++) {
		for (uint64_t t = null->max / 2; t >= n_new + i; t--)
			null->cdf[t] -= null->cdf[t - n_new - i];
		for (uint64_t t = i; t <= null->max / 2; t++)
			null->cdf[t] += null->cdf[t - i];
		all = all * (n_new + i) / i;
	}
	cumulate(null, all);
}

double rank_null_p(const struct rank_null *null, double statistic)
{
	double below = fmin(statistic, (double)null->max - statistic), p;

	if (null->exact)
		p = 2 * null->cdf[(size_t)below];
	else if (null->sd > 0)
		p = erfc(((double)null->max / 2 - below - 0.5) / null->sd * M_SQRT1_2);
	else
		p = 1;
	return fmin(p, 1);
}

uint64_t rank_null_critical(const struct rank_null *null, double alpha, double *level)
{
	uint64_t low = 0, high = null->max / 2;

	while (low < high) {
		uint64_t k = high - (high - low) / 2;

		if (within(rank_null_p(null, (double)(k - 1)), alpha))
			low = k;
		else
			high = k - 1;
	}
	*level = low ? 1 - rank_null_p(null, (double)(low - 1)) : 1;
	return low;
}

/* Bisection on the tail below: nothing to fit, and fast enough for a call or two. */
double normal_quantile(double p)
{
	double low = -40, high = 0;

	if (p > 0.5)
		return -normal_quantile(1 - p);
	while (true) {
		double z = low + (high - low) / 2;

		if (z <= low || z >= high)
			return z;
		if (erfc(-z * M_SQRT1_2) / 2 <= p)
			low = z;
		else
			high = z;
	}
}
