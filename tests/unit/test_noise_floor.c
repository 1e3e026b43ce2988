// SPDX-License-Identifier: GPL-2.0-or-later
/* The A/A figures against planted noise: what is said to be resolved is found that often, and nothing is not found. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "noise_floor.h"
#include "paired.h"

#define MANY 4000

static uint64_t random_state = 1;

/* Uniform in (0, 1), by Knuth's MMIX generator: the same each time. */
static double draw(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

/* About normal, with a spike of 30 % once in twenty: a shared machine. */
static double noise(void)
{
	double sum = -6;
	int i;

	for (i = 0; i < 12; i++)
		sum += draw();
	return 0.01 * sum + (draw() < 0.05 ? 0.3 : 0);
}

static void fill(double *a, double *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		a[i] = 100 * (1 + noise());
		b[i] = 100 * (1 + noise());
	}
}

static void the_limit_of_the_binomial_is_right(void **state)
{
	(void)state;
	/* k = 1: no block may be beyond, (1 - q)^n = power. */
	assert_true(fabs(binomial_limit(6, 1, 0.8) - (1 - pow(0.8, 1.0 / 6))) < 1e-9);
	assert_true(fabs(binomial_limit(1, 1, 0.5) - 0.5) < 1e-9);
	/* Summed by hand for 12, 3: 0.130716. And pbinom(49, 100, 0.5) is 0.4602. */
	assert_true(fabs(binomial_limit(12, 3, 0.8) - 0.130716) < 1e-6);
	assert_true(fabs(binomial_limit(100, 50, 0.460205) - 0.5) < 1e-4);
}

static void planted_pairs_have_the_figures_that_they_must(void **state)
{
	/* Changes of -6 % to +6 % in steps of 1 % without 0: the interval of 12 is [3rd, 10th], -4 % to +4 %. */
	double a[12], b[12];
	struct noise_floor floor;
	int i;

	(void)state;
	for (i = 0; i < 12; i++) {
		a[i] = 100;
		b[i] = 100 + (i < 6 ? i - 6 : i - 5);
	}
	assert_int_equal(noise_floor_find(a, b, 12, 12, &floor), 0);
	assert_int_equal(floor.pairs, 12);
	assert_true(fabs(floor.change) < 1e-12);
	assert_true(fabs(floor.floor - 0.04) < 1e-12);
	/*
	 * By how much the larger exceeds the smaller: 1/100 and 1/99, ... 6/100 and 6/94. The place is 13 * (1 - 2 * 0.13072) = 9.601,
	 * between 5/100, the ninth, and 5/95, the tenth.
	 */
	assert_true(fabs(floor.resolves - (0.05 + 0.6014 * (5.0 / 95 - 0.05))) < 1e-5);
	/* More blocks resolve less, fewer more. */
	assert_int_equal(noise_floor_find(a, b, 12, 48, &floor), 0);
	assert_true(floor.resolves < 0.04);
	assert_int_equal(noise_floor_find(a, b, 12, 9, &floor), 0);
	assert_true(floor.resolves > 0.05 && floor.resolves < 6.0 / 94 && !floor.unseen);
	/* Six ask for the place 13 * (1 - 2 * 0.03651), behind the twelfth: that is more than was seen, and nobody knows how much. */
	assert_int_equal(noise_floor_find(a, b, 12, 6, &floor), 0);
	assert_true(isinf(floor.resolves) && floor.unseen);
	assert_int_equal(noise_floor_find(a, b, 12, 5, &floor), 0);
	assert_true(isinf(floor.resolves) && !floor.unseen);
}

static void what_has_no_figures_is_refused(void **state)
{
	double a[6] = { 1, 1, 1, 1, 1, 1 }, b[6] = { 1, 1, 1, 1, 1, 1 };
	struct noise_floor floor;

	(void)state;
	assert_int_equal(noise_floor_find(a, b, 5, 12, &floor), -ENODATA);
	assert_int_equal(noise_floor_find(a, b, 0, 12, &floor), -EINVAL);
	assert_int_equal(noise_floor_find(a, b, 6, 12, &floor), 0);
	assert_true(floor.floor == 0 && floor.resolves == 0);
	a[3] = 0;
	assert_int_equal(noise_floor_find(a, b, 6, 12, &floor), -EDOM);
	a[3] = 1;
	b[2] = 0;
	assert_int_equal(noise_floor_find(a, b, 6, 12, &floor), -EDOM);
	a[3] = NAN;
	assert_int_equal(noise_floor_find(a, b, 6, 12, &floor), -EINVAL);
}

/* How often of MANY runs of n blocks an effect is called one. */
static double found(size_t n, double effect)
{
	double a[64], b[64], change[64];
	enum change_unit unit = CHANGE_RATIO;
	struct estimate estimate;
	unsigned times = 0;

	for (int run = 0; run < MANY; run++) {
		fill(a, b, n);
		for (size_t i = 0; i < n; i++)
			b[i] *= 1 + effect;
		assert_int_equal(paired_changes(a, b, n, &unit, change), 0);
		assert_int_equal(paired_median(change, n, NOISE_FLOOR_ALPHA, &estimate), 0);
		times += estimate.low > 0 || estimate.high < 0;
	}
	return (double)times / MANY;
}

static void an_effect_that_is_resolved_is_found_as_often_as_promised(void **state)
{
	static const size_t blocks[] = { 6, 8, 12, 24, 60 };
	static double a[MANY], b[MANY];
	struct noise_floor floor;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		double often, by_chance;

		fill(a, b, MANY);
		assert_int_equal(noise_floor_find(a, b, MANY, blocks[i], &floor), 0);
		often = found(blocks[i], floor.resolves);
		by_chance = found(blocks[i], 0);
		if (often < 0.75 || often > 0.85 || by_chance > 0.055)
			fail_msg("%zu blocks: %.4f found in %.3f, nothing in %.3f", blocks[i], floor.resolves, often, by_chance);
	}
}

/* From as few pairs as a run has: right in the middle of many A/A passes, and rarely off by a factor. */
static void few_pairs_are_right_in_the_middle(void **state)
{
	double a[24], b[24], truth;
	static double many_a[MANY], many_b[MANY];
	struct noise_floor floor;
	unsigned below = 0, off = 0;

	(void)state;
	fill(many_a, many_b, MANY);
	assert_int_equal(noise_floor_find(many_a, many_b, MANY, 12, &floor), 0);
	truth = floor.resolves;
	for (int pass = 0; pass < MANY; pass++) {
		fill(a, b, 24);
		assert_int_equal(noise_floor_find(a, b, 24, 12, &floor), 0);
		below += floor.resolves < truth;
		off += floor.resolves < truth / 2 || floor.resolves > truth * 2;
	}
	if (below < 0.4 * MANY || below > 0.6 * MANY || off > 0.05 * MANY)
		fail_msg("%u of %d below, %u off by a factor of two", below, MANY, off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_of_the_binomial_is_right),
		cmocka_unit_test(planted_pairs_have_the_figures_that_they_must),
		cmocka_unit_test(what_has_no_figures_is_refused),
		cmocka_unit_test(an_effect_that_is_resolved_is_found_as_often_as_promised),
		cmocka_unit_test(few_pairs_are_right_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
