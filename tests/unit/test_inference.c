// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paired and unpaired statistics against fixtures/stats.json, which scipy made (fixtures/make-stats.py), to 1e-9 and
 * closer; and what is refused.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decision.h"
#include "paired.h"
#include "record.h"
#include "unpaired.h"

static json_t *fixtures;
static const char *section, *name;

static int load(void **state)
{
	json_error_t error;

	(void)state;
	fixtures = json_load_file(FIXTURES "/stats.json", 0, &error);
	if (!fixtures)
		print_error("stats.json:%d: %s\n", error.line, error.text);
	return fixtures ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	json_decref(fixtures);
	return 0;
}

/* ---- reading a case ---- */

static json_t *member(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("%s, '%s': no '%s'", section, name, key);
	return value;
}

static double number(const json_t *object, const char *key)
{
	json_t *value = member(object, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static double *numbers(const json_t *object, const char *key, size_t *n)
{
	json_t *array = member(object, key);
	double *values;

	*n = json_array_size(array);
	values = calloc(*n + 1, sizeof(*values));
	assert_non_null(values);
	for (size_t i = 0; i < *n; i++)
		values[i] = json_number_value(json_array_get(array, i));
	return values;
}

/* |is - wanted| <= relative * |wanted| + absolute */
static void near(double is, double wanted, double relative, double absolute, const char *what)
{
	if (!(fabs(is - wanted) <= relative * fabs(wanted) + absolute))
		fail_msg("%s, '%s': %s is %.17g, expected %.17g", section, name, what, is, wanted);
}

/* A p-value or a level: the fixture's own error is that of scipy's distributions. */
static void near_p(double is, double wanted, const char *what)
{
	near(is, wanted, 1e-12, 0, what);
}

static void same_estimate(int err, const struct estimate *is, const json_t *wanted, double slack, const char *what)
{
	bool bounded = json_is_number(member(wanted, "low"));

	near(is->value, number(wanted, "value"), 1e-14, slack, what);
	near_p(is->level, number(wanted, "level"), what);
	assert_int_equal(err, bounded ? 0 : -ENODATA);
	assert_int_equal(is->exact, json_is_true(member(wanted, "exact")));
	if (bounded) {
		near(is->low, number(wanted, "low"), 1e-14, slack, what);
		near(is->high, number(wanted, "high"), 1e-14, slack, what);
	} else if (is->low != -INFINITY || is->high != INFINITY) {
		fail_msg("%s, '%s': %s has an interval", section, name, what);
	}
}

#define for_each_case(key, i, object) \
	section = key; \
	assert_true(json_array_size(json_object_get(fixtures, key)) > 0); \
	json_array_foreach(json_object_get(fixtures, key), i, object)

/* ---- against scipy ---- */

static void paired_tests_are_those_of_scipy(void **state)
{
	json_t *object;
	size_t i, n;

	(void)state;
	for_each_case("paired", i, object) {
		const json_t *sign = json_object_get(object, "sign"), *ranks = json_object_get(object, "signed_rank");
		struct signed_rank_test signed_rank;
		struct sign_test signs;
		double *change;

		name = json_string_value(json_object_get(object, "name"));
		change = numbers(object, "change", &n);
		assert_int_equal(sign_test(change, n, &signs), 0);
		assert_int_equal(signs.above, number(sign, "above"));
		assert_int_equal(signs.below, number(sign, "below"));
		assert_int_equal(signs.zeros, number(sign, "zeros"));
		near_p(signs.p, number(sign, "p"), "p of the signs");
		assert_int_equal(signed_rank_test(change, n, &signed_rank), 0);
		assert_true(signed_rank.w_above == number(ranks, "w_above"));
		assert_int_equal(signed_rank.exact, json_is_true(member(ranks, "exact")));
		near_p(signed_rank.p, number(ranks, "p"), "p of the signed ranks");
		free(change);
	}
}

static void paired_intervals_are_the_order_statistics(void **state)
{
	const json_t *object, *wanted;
	struct estimate estimate;
	size_t i, j, n;

	(void)state;
	for_each_case("paired", i, object) {
		double *change = numbers(object, "change", &n);
		int err;

		name = json_string_value(json_object_get(object, "name"));
		assert_int_equal(json_array_size(member(object, "median")), 3);
		json_array_foreach(member(object, "median"), j, wanted) {
			err = paired_median(change, n, number(wanted, "alpha"), &estimate);
			same_estimate(err, &estimate, wanted, 0, "median");
		}
		assert_int_equal(json_array_size(member(object, "hodges_lehmann")), 3);
		json_array_foreach(member(object, "hodges_lehmann"), j, wanted) {
			err = paired_hodges_lehmann(change, n, number(wanted, "alpha"), &estimate);
			same_estimate(err, &estimate, wanted, 0, "Hodges-Lehmann");
		}
		free(change);
	}
}

static void unpaired_tests_are_those_of_scipy(void **state)
{
	size_t i, nr_base, nr_new;
	struct mann_whitney result;
	json_t *object;

	(void)state;
	for_each_case("unpaired", i, object) {
		double *base = numbers(object, "base", &nr_base), *new = numbers(object, "new", &nr_new);

		name = json_string_value(json_object_get(object, "name"));
		assert_int_equal(mann_whitney(base, nr_base, new, nr_new, &result), 0);
		assert_true(result.u == number(object, "u"));
		assert_true(result.superiority == result.u / ((double)nr_base * (double)nr_new));
		assert_int_equal(result.exact, json_is_true(member(object, "exact")));
		near_p(result.p, number(object, "p"), "p of U");
		free(base);
		free(new);
	}
}

static void unpaired_intervals_are_the_order_statistics(void **state)
{
	size_t i, j, nr_base, nr_new;
	const json_t *object, *wanted;
	struct estimate estimate;

	(void)state;
	for_each_case("unpaired", i, object) {
		double *base = numbers(object, "base", &nr_base), *new = numbers(object, "new", &nr_new);
		int err;

		name = json_string_value(json_object_get(object, "name"));
		assert_int_equal(json_array_size(member(object, "shift")), 3);
		json_array_foreach(member(object, "shift"), j, wanted) {
			err = unpaired_shift(base, nr_base, new, nr_new, number(wanted, "alpha"), &estimate);
			same_estimate(err, &estimate, wanted, 0, "shift");
		}
		if (json_is_null(member(object, "ratio"))) {
			assert_int_equal(unpaired_ratio(base, nr_base, new, nr_new, 0.05, &estimate), -EDOM);
		}
		json_array_foreach(member(object, "ratio"), j, wanted) {
			err = unpaired_ratio(base, nr_base, new, nr_new, number(wanted, "alpha"), &estimate);
			same_estimate(err, &estimate, wanted, 1e-13, "ratio");
		}
		free(base);
		free(new);
	}
}

static void holm_is_its_definition(void **state)
{
	size_t i, n, m;
	json_t *object;

	(void)state;
	name = "";
	for_each_case("holm", i, object) {
		double *p = numbers(object, "p", &m), *wanted = numbers(object, "adjusted", &n);

		assert_int_equal(n, m);
		assert_int_equal(holm_adjust(p, m), 0);
		for (size_t j = 0; j < m; j++)
			near(p[j], wanted[j], 1e-14, 0, "an adjusted p");
		free(p);
		free(wanted);
	}
}

static void blocks_to_decide_is_the_smallest_number(void **state)
{
	json_t *object;
	size_t i, more;

	(void)state;
	for_each_case("blocks", i, object) {
		struct estimate now = { .value = number(object, "value"), .low = number(object, "low"),
					.high = number(object, "high") };

		assert_int_equal(blocks_to_decide(&now, (size_t)number(object, "n"), number(object, "alpha"),
						  number(object, "threshold"), &more), 0);
		assert_int_equal(more, number(object, "more"));
	}
}

/* ---- what is refused, and what changes are ---- */

static void what_is_no_number_is_refused(void **state)
{
	const double bad[] = { NAN, INFINITY, -INFINITY, 2e300 };
	double values[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, fine[12] = { 1 }, change[12];
	enum change_unit unit = CHANGE_DIFFERENCE;
	struct signed_rank_test signed_rank;
	struct mann_whitney u;
	struct estimate e;
	struct sign_test signs;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		values[7] = bad[i];
		assert_int_equal(sign_test(values, 12, &signs), -EINVAL);
		assert_int_equal(signed_rank_test(values, 12, &signed_rank), -EINVAL);
		assert_int_equal(paired_median(values, 12, 0.05, &e), -EINVAL);
		assert_int_equal(paired_hodges_lehmann(values, 12, 0.05, &e), -EINVAL);
		assert_int_equal(mann_whitney(values, 12, fine, 12, &u), -EINVAL);
		assert_int_equal(mann_whitney(fine, 12, values, 12, &u), -EINVAL);
		assert_int_equal(unpaired_shift(values, 12, fine, 12, 0.05, &e), -EINVAL);
		assert_int_equal(unpaired_shift(fine, 12, values, 12, 0.05, &e), -EINVAL);
		assert_int_equal(unpaired_ratio(fine, 12, values, 12, 0.05, &e), -EINVAL);
		assert_int_equal(paired_changes(values, fine, 12, &unit, change), -EINVAL);
		assert_int_equal(paired_changes(fine, values, 12, &unit, change), -EINVAL);
	}
}

static void nothing_and_senseless_levels_are_refused(void **state)
{
	const double senseless[] = { 0, 1, -0.05, 1.05, NAN };
	const double values[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct signed_rank_test signed_rank;
	struct mann_whitney u;
	struct estimate e;
	struct sign_test signs;

	(void)state;
	assert_int_equal(sign_test(values, 0, &signs), -EINVAL);
	assert_int_equal(signed_rank_test(values, 0, &signed_rank), -EINVAL);
	assert_int_equal(paired_median(values, 0, 0.05, &e), -EINVAL);
	assert_int_equal(mann_whitney(values, 12, values, 0, &u), -EINVAL);
	assert_int_equal(unpaired_shift(values, 0, values, 12, 0.05, &e), -EINVAL);
	assert_int_equal(paired_median(values, VALUES_MAX + 1, 0.05, &e), -E2BIG);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(paired_median(values, 12, senseless[i], &e), -EINVAL);
		assert_int_equal(paired_hodges_lehmann(values, 12, senseless[i], &e), -EINVAL);
		assert_int_equal(unpaired_shift(values, 12, values, 12, senseless[i], &e), -EINVAL);
		assert_int_equal(unpaired_ratio(values, 12, values, 12, senseless[i], &e), -EINVAL);
	}
}

static void a_change_from_zero_is_a_difference(void **state)
{
	const double base[] = { 100, 0, 50 }, above[] = { 100, 200, 50 }, new[] = { 110, 7, 25 };
	enum change_unit unit = CHANGE_RATIO;
	double change[3];

	(void)state;
	assert_int_equal(paired_changes(above, new, 3, &unit, change), 0);
	assert_int_equal(unit, CHANGE_RATIO);
	assert_true(change[0] == 0.1 && change[1] == -0.965 && change[2] == -0.5);
	assert_int_equal(paired_changes(base, new, 3, &unit, change), 0);
	assert_int_equal(unit, CHANGE_DIFFERENCE);
	assert_true(change[0] == 10 && change[1] == 7 && change[2] == -25);
}

static void counts_are_subtracted_as_integers(void **state)
{
	const uint64_t base[] = { (UINT64_C(1) << 62) + 1, 9, 0 }, new[] = { UINT64_C(1) << 62, 12, 0 };
	const uint64_t missing[] = { 1, NOT_MEASURED, 3 };
	double change[3];

	(void)state;
	assert_int_equal(paired_count_changes(base, new, 3, change), 0);
	assert_true(change[0] == -1 && change[1] == 3 && change[2] == 0);
	assert_int_equal(paired_count_changes(base, missing, 3, change), -EINVAL);
	assert_int_equal(paired_count_changes(missing, base, 3, change), -EINVAL);
	assert_int_equal(paired_count_changes(base, new, 0, change), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paired_tests_are_those_of_scipy),
		cmocka_unit_test(paired_intervals_are_the_order_statistics),
		cmocka_unit_test(unpaired_tests_are_those_of_scipy),
		cmocka_unit_test(unpaired_intervals_are_the_order_statistics),
		cmocka_unit_test(holm_is_its_definition),
		cmocka_unit_test(blocks_to_decide_is_the_smallest_number),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(nothing_and_senseless_levels_are_refused),
		cmocka_unit_test(a_change_from_zero_is_a_difference),
		cmocka_unit_test(counts_are_subtracted_as_integers),
	};

	return cmocka_run_group_tests_name("inference", tests, load, unload);
}
