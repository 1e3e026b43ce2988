// SPDX-License-Identifier: GPL-2.0-or-later
#include "estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int values_check(const double *values, size_t n)
{
	if (!n)
		return -EINVAL;
	if (n > VALUES_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		if (!(fabs(values[i]) <= VALUE_MAX))	/* a NaN is not */
			return -EINVAL;
	}
	return 0;
}

int alpha_check(double alpha)
{
	return alpha > 0 && alpha < 1 ? 0 : -EINVAL;
}

int values_sorted(const double *values, size_t n, double **sorted)
{
	int err = values_check(values, n);

	*sorted = NULL;
	if (err)
		return err;
	*sorted = malloc(n * sizeof(**sorted));
	if (!*sorted)
		return -ENOMEM;
	memcpy(*sorted, values, n * sizeof(**sorted));
	qsort(*sorted, n, sizeof(**sorted), compare_doubles);
	return 0;
}

double median_of_sorted(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

int estimate_unbounded(struct estimate *estimate)
{
	estimate->low = -INFINITY;
	estimate->high = INFINITY;
	estimate->level = 1;
	estimate->exact = true;
	return -ENODATA;
}
