// SPDX-License-Identifier: GPL-2.0-or-later
#include "unpaired.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "null_distribution.h"
#include "pairwise.h"

static int sort_both(const double *base, size_t nr_base, const double *new, size_t nr_new, double **sorted_base,
		     double **sorted_new)
{
	int err = values_sorted(base, nr_base, sorted_base);

	if (err)
		return err;
	err = values_sorted(new, nr_new, sorted_new);
	if (err)
		free(*sorted_base);
	return err;
}

/* U of sorted samples; *ties is the sum of t^3 - t over groups of t equal values. */
static double count_pairs(const double *base, size_t nr_base, const double *new, size_t nr_new, double *ties)
{
	size_t i = 0, j = 0;
	double u = 0;

	*ties = 0;
	while (i < nr_base || j < nr_new) {
		double value = j == nr_new || (i < nr_base && base[i] < new[j]) ? base[i] : new[j];
		size_t below = i, from = j;
		double t;

		while (i < nr_base && base[i] == value)
			i++;
		while (j < nr_new && new[j] == value)
			j++;
		u += (double)(j - from) * ((double)below + (double)(i - below) / 2);
		t = (double)(i - below + j - from);
		*ties += t * t * t - t;
	}
	return u;
}

int mann_whitney(const double *base, size_t nr_base, const double *new, size_t nr_new, struct mann_whitney *result)
{
	double *sorted_base, *sorted_new, ties, pairs = (double)nr_base * (double)nr_new;
	double all = (double)nr_base + (double)nr_new;
	struct rank_null null;
	int err = sort_both(base, nr_base, new, nr_new, &sorted_base, &sorted_new);

	if (err)
		return err;
	result->u = count_pairs(sorted_base, nr_base, sorted_new, nr_new, &ties);
	result->superiority = result->u / pairs;
	free(sorted_base);
	free(sorted_new);
	mann_whitney_null(&null, nr_base, nr_new);
	null.sd = sqrt(pairs / 12 * (all + 1 - ties / (all * (all - 1))));
	null.exact = null.exact && ties == 0;
	result->exact = null.exact;
	result->p = rank_null_p(&null, result->u);
	return 0;
}

int unpaired_shift(const double *base, size_t nr_base, const double *new, size_t nr_new, double alpha,
		   struct estimate *estimate)
{
	struct pairwise differences = { .nr_x = nr_base, .nr_y = nr_new };
	double *sorted_base, *sorted_new;
	struct rank_null null;
	int err = alpha_check(alpha) ?: sort_both(base, nr_base, new, nr_new, &sorted_base, &sorted_new);

	if (err)
		return err;
	mann_whitney_null(&null, nr_base, nr_new);
	differences.x = sorted_base;
	differences.y = sorted_new;
	err = pairwise_estimate(&differences, &null, alpha, estimate);
	free(sorted_base);
	free(sorted_new);
	return err;
}

static int take_logarithms(const double *values, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!(values[i] > 0))
			return -EDOM;
		out[i] = log(values[i]);
	}
	return 0;
}

int unpaired_ratio(const double *base, size_t nr_base, const double *new, size_t nr_new, double alpha,
		   struct estimate *estimate)
{
	int err = alpha_check(alpha) ?: values_check(base, nr_base) ?: values_check(new, nr_new);
	double *logarithms;

	if (err)
		return err;
	logarithms = malloc((nr_base + nr_new) * sizeof(*logarithms));
	if (!logarithms)
		return -ENOMEM;
	err = take_logarithms(base, nr_base, logarithms) ?: take_logarithms(new, nr_new, logarithms + nr_base);
	if (!err)
		err = unpaired_shift(logarithms, nr_base, logarithms + nr_base, nr_new, alpha, estimate);
	free(logarithms);
	if (err && err != -ENODATA)
		return err;
	estimate->value = expm1(estimate->value);
	if (err)
		return estimate_unbounded(estimate);
	estimate->low = expm1(estimate->low);
	estimate->high = expm1(estimate->high);
	return 0;
}
