// SPDX-License-Identifier: GPL-2.0-or-later
#include "paired.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "null_distribution.h"
#include "pairwise.h"
#include "record.h"

static bool ratios(const double *base, const double *new, size_t n, double *change)
{
	for (size_t i = 0; i < n; i++) {
		if (!(base[i] > 0))
			return false;
		change[i] = (new[i] - base[i]) / base[i];
		if (!(fabs(change[i]) <= VALUE_MAX))
			return false;	/* a base next to nothing is no base either */
	}
	return true;
}

int paired_changes(const double *base, const double *new, size_t n, enum change_unit *unit, double *change)
{
	int err = values_check(base, n) ?: values_check(new, n);

	if (err)
		return err;
	if (*unit == CHANGE_RATIO && ratios(base, new, n, change))
		return 0;
	*unit = CHANGE_DIFFERENCE;
	for (size_t i = 0; i < n; i++)
		change[i] = new[i] - base[i];
	return values_check(change, n);
}

int paired_count_changes(const uint64_t *base, const uint64_t *new, size_t n, double *change)
{
	if (!n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (base[i] == NOT_MEASURED || new[i] == NOT_MEASURED)
			return -EINVAL;
		change[i] = new[i] < base[i] ? -(double)(base[i] - new[i]) : (double)(new[i] - base[i]);
	}
	return 0;
}

int paired_median(const double *change, size_t n, double alpha, struct estimate *estimate)
{
	double *sorted;
	int err = alpha_check(alpha) ?: values_sorted(change, n, &sorted);
	size_t critical;

	if (err)
		return err;
	estimate->value = median_of_sorted(sorted, n);
	critical = sign_critical(n, alpha, &estimate->level);
	if (critical) {
		estimate->low = sorted[critical - 1];
		estimate->high = sorted[n - critical];
		estimate->exact = true;
	}
	free(sorted);
	return critical ? 0 : estimate_unbounded(estimate);
}

size_t sign_pairs_min(double alpha)
{
	double level;
	size_t n = 2;

	if (alpha_check(alpha))
		return SIZE_MAX;
	while (!sign_critical(n, alpha, &level))
		n++;
	return n;
}

int sign_test(const double *change, size_t n, struct sign_test *result)
{
	int err = values_check(change, n);
	size_t fewer;

	if (err)
		return err;
	*result = (struct sign_test){ 0 };
	for (size_t i = 0; i < n; i++) {
		result->above += change[i] > 0;
		result->below += change[i] < 0;
	}
	result->zeros = n - result->above - result->below;
	fewer = result->above < result->below ? result->above : result->below;
	result->p = fmin(1, 2 * sign_cdf(result->above + result->below, fewer));
	return 0;
}

static int compare_magnitudes(const void *left, const void *right)
{
	const double a = fabs(*(const double *)left), b = fabs(*(const double *)right);

	return (a > b) - (a < b);
}

static size_t copy_nonzero(const double *change, size_t n, double *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (change[i] != 0)
			out[kept++] = change[i];
	}
	return kept;
}

/* Returns W+ of changes in the order of their magnitudes; *ties is the sum of t^3 - t over groups of t equal ones. */
static double rank_magnitudes(const double *ordered, size_t n, double *ties)
{
	double w_above = 0;

	*ties = 0;
	for (size_t i = 0, end; i < n; i = end) {
		size_t above = 0;
		double t;

		for (end = i; end < n && fabs(ordered[end]) == fabs(ordered[i]); end++)
			above += ordered[end] > 0;
		t = (double)(end - i);
		w_above += above * ((double)i + (t + 1) / 2);
		*ties += t * t * t - t;
	}
	return w_above;
}

int signed_rank_test(const double *change, size_t n, struct signed_rank_test *result)
{
	int err = values_check(change, n);
	struct rank_null null;
	double *ordered, ties;
	size_t kept;

	if (err)
		return err;
	ordered = malloc(n * sizeof(*ordered));
	if (!ordered)
		return -ENOMEM;
	kept = copy_nonzero(change, n, ordered);
	qsort(ordered, kept, sizeof(*ordered), compare_magnitudes);
	result->w_above = rank_magnitudes(ordered, kept, &ties);
	free(ordered);
	signed_rank_null(&null, kept);
	null.sd = sqrt((kept * (kept + 1.0) * (2.0 * kept + 1) - ties / 2) / 24);
	null.exact = null.exact && kept == n && ties == 0;
	result->exact = null.exact;
	result->p = rank_null_p(&null, result->w_above);
	return 0;
}

int paired_hodges_lehmann(const double *change, size_t n, double alpha, struct estimate *estimate)
{
	struct pairwise averages = { .nr_x = n };
	struct rank_null null;
	double *sorted;
	int err = alpha_check(alpha) ?: values_sorted(change, n, &sorted);

	if (err)
		return err;
	signed_rank_null(&null, n);
	averages.x = sorted;
	err = pairwise_estimate(&averages, &null, alpha, estimate);
	free(sorted);
	return err;
}
