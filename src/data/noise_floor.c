// SPDX-License-Identifier: GPL-2.0-or-later
#include "noise_floor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "null_distribution.h"
#include "paired.h"

#define HALVINGS 50

/* P(B <= k), B binomial with n and q, 0 < q < 1. */
static double binomial_cdf(size_t n, size_t k, double q)
{
	double term, sum = 0;

	for (size_t i = 0; i <= k; i++) {
		term = lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) + i * log(q) + (n - i) * log1p(-q);
		sum += exp(term);
	}
	return fmin(sum, 1);
}

double binomial_limit(size_t n, size_t k, double power)
{
	double low = 0, high = 1, q;

	for (int i = 0; i < HALVINGS; i++) {
		q = (low + high) / 2;
		if (binomial_cdf(n, k - 1, q) >= power)
			low = q;
		else
			high = q;
	}
	return low;
}

/* Between the sorted values, at the places i / (n + 1). */
static double quantile_of_sorted(const double *sorted, size_t n, double p)
{
	double place = p * (n + 1.0);
	size_t below = place > 0 ? (size_t)place : 0;

	if (below < 1)
		return sorted[0];
	if (below >= n)
		return sorted[n - 1];
	return sorted[below - 1] + (place - below) * (sorted[below] - sorted[below - 1]);
}

/* excess: room for a value of each pair. */
static int find_resolution(const double *a, const double *b, double *excess, struct noise_floor *floor)
{
	double level, *sorted, quantile;
	size_t critical = sign_critical(floor->blocks, NOISE_FLOOR_ALPHA, &level);
	int err;

	floor->resolves = INFINITY;
	if (!critical)
		return 0;
	quantile = 1 - 2 * binomial_limit(floor->blocks, critical, NOISE_FLOOR_POWER);
	floor->unseen = quantile * (floor->pairs + 1.0) > floor->pairs;
	if (floor->unseen)
		return 0;
	for (size_t i = 0; i < floor->pairs; i++)
		excess[i] = fmax(a[i], b[i]) / fmin(a[i], b[i]) - 1;
	err = values_sorted(excess, floor->pairs, &sorted);
	if (err)
		return err;
	floor->resolves = quantile_of_sorted(sorted, floor->pairs, quantile);
	free(sorted);
	return 0;
}

int noise_floor_find(const double *a, const double *b, size_t pairs, size_t blocks, struct noise_floor *floor)
{
	double *change = malloc((pairs + 1) * sizeof(*change));
	enum change_unit unit = CHANGE_RATIO;
	struct estimate estimate;
	int err = change ? paired_changes(a, b, pairs, &unit, change) : -ENOMEM;

	for (size_t i = 0; i < pairs && !err; i++) {
		if (unit != CHANGE_RATIO || !(b[i] > 0))
			err = -EDOM;
	}
	err = err ?: paired_median(change, pairs, NOISE_FLOOR_ALPHA, &estimate);
	if (!err) {
		*floor = (struct noise_floor){
			.pairs = pairs,
			.blocks = blocks,
			.change = estimate.value,
			.floor = (estimate.high - estimate.low) / 2,
		};
		err = find_resolution(a, b, change, floor);
	}
	free(change);
	return err;
}
