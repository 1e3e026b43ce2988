// SPDX-License-Identifier: GPL-2.0-or-later
/* Order statistics of all pairs without a list of them: the same as from the list, and quick where it would not fit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "null_distribution.h"
#include "paired.h"
#include "pairwise.h"
#include "unpaired.h"

static int ascending(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* 500 values of both signs: their 125,250 averages and 150,000 differences, listed here and not there. */
static void selecting_pairs_is_sorting_all_of_them(void **state)
{
	enum { NX = 500, NY = 300 };
	static double x[NX], y[NY], averages[NX * (NX + 1) / 2], differences[NX * NY];
	struct estimate estimate;
	size_t n = 0, m = 0;

	(void)state;
	for (size_t i = 0; i < NX; i++)
		x[i] = (double)(i * 7919 % 1009) / 16 - 30 + (double)(i * i) / 65536;
	for (size_t j = 0; j < NY; j++)
		y[j] = (double)(j * 104729 % 997) / 7 - 70 + (double)(j * j) / 65536;
	for (size_t i = 0; i < NX; i++) {
		for (size_t j = i; j < NX; j++)
			averages[n++] = (x[i] + x[j]) / 2;
		for (size_t j = 0; j < NY; j++)
			differences[m++] = y[j] - x[i];
	}
	qsort(averages, n, sizeof(*averages), ascending);
	qsort(differences, m, sizeof(*differences), ascending);
	assert_int_equal(paired_hodges_lehmann(x, NX, 0.05, &estimate), 0);
	assert_true(estimate.value == (averages[n / 2 - 1] + averages[n / 2]) / 2);
	/* n (n + 1) / 4 + 1/2 - 1.959964 sqrt(n (n + 1) (2 n + 1) / 24) is 56,290.3 */
	assert_true(averages[56290 - 2] < averages[56290 - 1] && averages[56290 - 1] < averages[56290]);
	assert_true(estimate.low == averages[56290 - 1] && estimate.high == averages[n - 56290]);
	assert_int_equal(unpaired_shift(x, NX, y, NY, 0.05, &estimate), 0);
	assert_true(estimate.value == (differences[m / 2 - 1] + differences[m / 2]) / 2);
	/* x y / 2 + 1/2 - 1.959964 sqrt(x y (x + y + 1) / 12) is 68,798.7 */
	assert_true(differences[68798 - 2] < differences[68798 - 1] && differences[68798 - 1] < differences[68798]);
	assert_true(estimate.low == differences[68798 - 1] && estimate.high == differences[m - 68798]);
}

/* A list of the differences would take 80 GB. */
static void a_hundred_thousand_values_are_quick(void **state)
{
	enum { N = 100000 };
	double *base = calloc(N, sizeof(*base)), *new = calloc(N, sizeof(*new)), spent;
	struct estimate estimate;
	struct mann_whitney result;
	clock_t start;

	(void)state;
	assert_true(base && new);
	for (size_t i = 0; i < N; i++) {
		base[i] = 1000 + (double)(i * 7919 % 100003) / 1000;
		new[i] = base[i] + 5;
	}
	start = clock();
	assert_int_equal(unpaired_shift(base, N, new, N, 0.05, &estimate), 0);
	assert_int_equal(paired_hodges_lehmann(base, N, 0.05, &estimate), 0);
	assert_int_equal(mann_whitney(base, N, new, N, &result), 0);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	assert_int_equal(unpaired_shift(base, N, new, N, 0.05, &estimate), 0);
	assert_true(fabs(estimate.value - 5) < 0.001);
	assert_true(result.p < 1e-100);
	if (spent > 2)
		fail_msg("it took %.2f s", spent);
	free(base);
	free(new);
}

static void zeros_of_both_signs_are_zero(void **state)
{
	const double x[] = { -0.0, 0.0, -0.0 }, y[] = { 0.0, -0.0 }, mixed[] = { -3, -0.0, 0, 3 };
	const struct pairwise averages = { .x = x, .nr_x = 3 }, differences = { x, y, 3, 2 };
	const struct pairwise around = { .x = mixed, .nr_x = 4 };

	(void)state;
	for (uint64_t rank = 1; rank <= 6; rank++) {
		assert_true(pairwise_select(&averages, rank) == 0 && !signbit(pairwise_select(&averages, rank)));
		assert_true(pairwise_select(&differences, rank) == 0 && !signbit(pairwise_select(&differences, rank)));
	}
	assert_true(pairwise_select(&around, 1) == -3 && pairwise_select(&around, 10) == 3);
	assert_true(pairwise_select(&around, 5) == 0 && !signbit(pairwise_select(&around, 5)));
}

/* The largest values that are let in: no pair overflows. */
static void huge_values_do_not_overflow(void **state)
{
	const double x[] = { -VALUE_MAX, VALUE_MAX }, y[] = { -VALUE_MAX, VALUE_MAX };
	const struct pairwise averages = { .x = x, .nr_x = 2 }, differences = { x, y, 2, 2 };

	(void)state;
	assert_true(pairwise_select(&averages, 1) == -VALUE_MAX && pairwise_select(&averages, 3) == VALUE_MAX);
	assert_true(pairwise_select(&averages, 2) == 0);
	assert_true(pairwise_select(&differences, 1) == -2 * VALUE_MAX && pairwise_select(&differences, 3) == 0);
	assert_true(pairwise_select(&differences, 4) == 2 * VALUE_MAX);
}

/* Sums of binomial coefficients over powers of two; the last two are from whole numbers of 100,000 bits. */
static void signs_of_many_are_right_to_the_tail(void **state)
{
	const struct { size_t n, k; double p; } cases[] = {
		{ 0, 0, 1 }, { 1, 0, 0.5 }, { 5, 0, 1.0 / 32 }, { 12, 2, 79.0 / 4096 }, { 7, 4, 99.0 / 128 },
		{ 53, 53, 1 }, { 2000, 0, 0 },
		{ 100000, 49600, 0.005757462745114603 }, { 100000, 49000, 1.2943580191734376e-10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double p = sign_cdf(cases[i].n, cases[i].k);

		if (!(fabs(p - cases[i].p) <= 1e-12 * cases[i].p))
			fail_msg("P(B <= %zu) of %zu is %.17g, not %.17g", cases[i].k, cases[i].n, p, cases[i].p);
	}
}

static void quantiles_are_those_of_the_normal_tables(void **state)
{
	(void)state;
	assert_true(fabs(normal_quantile(0.025) + 1.9599639845400545) < 1e-14);
	assert_true(fabs(normal_quantile(0.9999) - 3.719016485455709) < 1e-12);
	assert_true(fabs(normal_quantile(0.5)) < 1e-15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selecting_pairs_is_sorting_all_of_them),
		cmocka_unit_test(a_hundred_thousand_values_are_quick),
		cmocka_unit_test(zeros_of_both_signs_are_zero),
		cmocka_unit_test(huge_values_do_not_overflow),
		cmocka_unit_test(signs_of_many_are_right_to_the_tail),
		cmocka_unit_test(quantiles_are_those_of_the_normal_tables),
	};

	return cmocka_run_group_tests_name("pairwise", tests, NULL, NULL);
}
