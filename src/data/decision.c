// SPDX-License-Identifier: GPL-2.0-or-later
#include "decision.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "null_distribution.h"

struct ranked_p {
	double p;
	size_t place;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked_p *a = left, *b = right;

	return (a->p > b->p) - (a->p < b->p);
}

int holm_adjust(double *p, size_t m)
{
	struct ranked_p *ranked;
	double floor = 0;

	for (size_t i = 0; i < m; i++) {
		if (!(p[i] >= 0 && p[i] <= 1))
			return -EINVAL;
	}
	if (m > VALUES_MAX)
		return -E2BIG;
	if (!m)
		return 0;
	ranked = malloc(m * sizeof(*ranked));
	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < m; i++)
		ranked[i] = (struct ranked_p){ p[i], i };
	qsort(ranked, m, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < m; i++) {
		floor = fmax(floor, fmin(1, (double)(m - i) * ranked[i].p));
		p[ranked[i].place] = floor;
	}
	free(ranked);
	return 0;
}

enum decision decide(const struct estimate *change, double threshold)
{
	if (change->low > threshold)
		return DECISION_REGRESSION;
	return change->high <= threshold ? DECISION_FINE : DECISION_INCONCLUSIVE;
}

double threshold_of(double share, enum change_unit unit, double base_median)
{
	return unit == CHANGE_RATIO ? share : share * base_median;
}

double smallest_effect(const struct estimate *same)
{
	return fmax(same->high, -same->low);
}

/* The critical rank k of n blocks, taken along while n grows by one at a time. */
struct ladder {
	size_t n, k;
	double missed;		/* P(B <= k - 1) */
	double next;		/* P(B == k) */
};

static void ladder_rise(struct ladder *ladder, double alpha)
{
	double n = (double)ladder->n, k = (double)ladder->k;

	/* Pascal: P(B' <= j) = P(B <= j) - P(B == j) / 2 */
	ladder->missed -= ladder->next * k / (n - k + 1) / 2;
	ladder->next *= (n + 1) / (n + 1 - k) / 2;
	ladder->n++;
	if (2 * (ladder->missed + ladder->next) > alpha)
		return;
	ladder->missed += ladder->next;
	ladder->next *= (n + 1 - k) / (k + 1);
	ladder->k++;
}

/* The smallest N > n with z(N) < factor * z(n). */
static int blocks_until(size_t n, double alpha, double factor, size_t *more)
{
	struct ladder ladder = { .n = n };
	double level, quantile;

	ladder.k = sign_critical(n, alpha, &level);
	if (!ladder.k)
		return -EINVAL;		/* an interval that n blocks do not have */
	ladder.missed = sign_cdf(n, ladder.k - 1);
	ladder.next = sign_cdf(n, ladder.k) - ladder.missed;
	quantile = factor * normal_quantile(ladder.k / (n + 1.0));
	quantile = erfc(-quantile * M_SQRT1_2) / 2;
	while (ladder.n - n < DECISION_BLOCKS_MAX) {
		ladder_rise(&ladder, alpha);
		if (ladder.k / (ladder.n + 1.0) > quantile) {
			*more = ladder.n - n;
			return 0;
		}
	}
	return -ERANGE;
}

/* The part `width` of an interval is to become less than `wanted`. */
static int blocks_to_shrink(const struct estimate *change, size_t n, double alpha, double width, double wanted,
			    size_t *more)
{
	*more = SIZE_MAX;
	if (alpha_check(alpha) || !n || n > VALUES_MAX || isnan(width) || isnan(wanted))
		return -EINVAL;
	if (isinf(change->low) || isinf(change->high)) {
		size_t least = sign_pairs_min(alpha);

		if (n >= least)
			return -EINVAL;
		*more = least - n;
		return -ENODATA;
	}
	if (!(wanted > 0))
		return -ERANGE;
	return blocks_until(n, alpha, wanted / width, more);
}

int blocks_for_half_width(const struct estimate *change, size_t n, double alpha, double half_width, size_t *more)
{
	double now = (change->high - change->low) / 2;

	*more = 0;
	if (now < half_width)
		return 0;
	return blocks_to_shrink(change, n, alpha, now, half_width, more);
}

int blocks_to_decide(const struct estimate *change, size_t n, double alpha, double threshold, size_t *more)
{
	double value = change->value;

	*more = 0;
	if (decide(change, threshold) != DECISION_INCONCLUSIVE)
		return 0;
	return blocks_to_shrink(change, n, alpha, threshold > value ? change->high - value : value - change->low,
				fabs(threshold - value), more);
}

int samples_to_decide(const struct estimate *change, size_t n, double threshold, size_t *more)
{
	double value = change->value, factor;

	*more = 0;
	if (decide(change, threshold) != DECISION_INCONCLUSIVE)
		return 0;
	if (isinf(change->low) || isinf(change->high))
		return -ENODATA;
	*more = SIZE_MAX;
	if (threshold == value)
		return -ERANGE;
	factor = (threshold > value ? change->high - value : value - change->low) / fabs(threshold - value);
	if (!(factor * factor * (double)n <= DECISION_BLOCKS_MAX))
		return -ERANGE;
	*more = (size_t)(factor * factor * (double)n) + 1 - n;
	return 0;
}
