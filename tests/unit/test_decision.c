// SPDX-License-Identifier: GPL-2.0-or-later
/* Decisions from estimates, what could have been seen, and how many blocks it takes. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decision.h"
#include "paired.h"

/* ---- thresholds ---- */

static struct estimate from_to(double low, double high)
{
	return (struct estimate){ .value = (low + high) / 2, .low = low, .high = high, .level = 0.95, .exact = true };
}

static void the_interval_decides(void **state)
{
	const struct estimate above = from_to(0.021, 0.05), below = from_to(-0.5, 0.019), across = from_to(0.01, 0.9);

	(void)state;
	assert_int_equal(decide(&above, 0.02), DECISION_REGRESSION);
	assert_int_equal(decide(&below, 0.02), DECISION_FINE);
	assert_int_equal(decide(&across, 0.02), DECISION_INCONCLUSIVE);
	assert_int_equal(decide(&across, NAN), DECISION_INCONCLUSIVE);
}

static void an_interval_that_ends_at_the_threshold(void **state)
{
	const struct estimate nothing = from_to(0, 0), up = from_to(2, 3), down = from_to(1, 2);

	(void)state;
	assert_int_equal(decide(&nothing, 0), DECISION_FINE);
	assert_int_equal(decide(&down, 2), DECISION_FINE);
	assert_int_equal(decide(&up, 2), DECISION_INCONCLUSIVE);
}

static void too_few_blocks_are_inconclusive_whatever_they_show(void **state)
{
	const double change[] = { 1e6, 1e6, 1e6, 1e6, 1e6, 1e6 };
	struct estimate estimate;

	(void)state;
	assert_int_equal(paired_median(change, 5, 0.05, &estimate), -ENODATA);
	assert_true(estimate.value == 1e6);
	assert_int_equal(decide(&estimate, 0), DECISION_INCONCLUSIVE);
	assert_true(smallest_effect(&estimate) == INFINITY);
	assert_int_equal(paired_median(change, 6, 0.05, &estimate), 0);
	assert_int_equal(decide(&estimate, 0), DECISION_REGRESSION);
	assert_true(estimate.level == 1 - 2.0 / 64);
}

static void one_spike_decides_nothing(void **state)
{
	double change[12] = { -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, 0, 0 };
	struct estimate quiet, spiked;

	(void)state;
	assert_int_equal(paired_median(change, 12, 0.05, &quiet), 0);
	change[11] = 1e12;
	assert_int_equal(paired_median(change, 12, 0.05, &spiked), 0);
	assert_int_equal(decide(&quiet, 2), DECISION_FINE);
	assert_int_equal(decide(&spiked, 2), DECISION_FINE);
}

static void a_share_of_nothing_is_nothing(void **state)
{
	const double base[6] = { 0 }, same[6] = { 0 }, more[6] = { 1, 1, 1, 2, 1, 3 };
	enum change_unit unit = CHANGE_RATIO;
	struct estimate estimate;
	double change[6];

	(void)state;
	assert_int_equal(paired_changes(base, same, 6, &unit, change) ?: paired_median(change, 6, 0.05, &estimate), 0);
	assert_int_equal(decide(&estimate, threshold_of(0.05, unit, 0)), DECISION_FINE);
	assert_int_equal(paired_changes(base, more, 6, &unit, change) ?: paired_median(change, 6, 0.05, &estimate), 0);
	assert_int_equal(decide(&estimate, threshold_of(0.05, unit, 0)), DECISION_REGRESSION);
	assert_true(threshold_of(0.05, CHANGE_DIFFERENCE, 200) == 10);
	assert_true(threshold_of(0.05, CHANGE_RATIO, 200) == 0.05);
}

/* ---- how many blocks ---- */

static void an_interval_takes_six_pairs_or_more(void **state)
{
	(void)state;
	assert_int_equal(sign_pairs_min(0.05), 6);
	assert_int_equal(sign_pairs_min(0.01), 8);
	assert_int_equal(sign_pairs_min(0.03125), 6);	/* what six pairs have, to the last bit */
	assert_int_equal(sign_pairs_min(0.0312), 7);
	assert_int_equal(sign_pairs_min(0.05 / 15), 10);
}

static void too_few_blocks_need_the_least_number(void **state)
{
	const double change[4] = { 1, 2, 3, 4 };
	struct estimate estimate;
	size_t more;

	(void)state;
	assert_int_equal(paired_median(change, 4, 0.05, &estimate), -ENODATA);
	assert_int_equal(blocks_to_decide(&estimate, 4, 0.05, 0, &more), -ENODATA);
	assert_int_equal(more, 2);
}

static void no_block_decides_what_lies_on_the_threshold(void **state)
{
	const struct estimate centred = from_to(-1, 1), decided = from_to(3, 5);
	size_t more;

	(void)state;
	assert_int_equal(blocks_to_decide(&centred, 12, 0.05, 0, &more), -ERANGE);
	assert_true(more == SIZE_MAX);
	assert_int_equal(blocks_to_decide(&centred, 12, 0.05, 1e-5, &more), -ERANGE);
	assert_int_equal(blocks_to_decide(&centred, 12, 0.05, NAN, &more), -EINVAL);
	assert_int_equal(blocks_to_decide(&centred, 5, 0.05, 0.5, &more), -EINVAL);	/* five have no interval */
	assert_int_equal(blocks_to_decide(&decided, 12, 0.05, 1, &more), 0);
	assert_int_equal(more, 0);
}

static void half_the_width_takes_about_four_times_the_blocks(void **state)
{
	const struct estimate estimate = from_to(-2, 2);
	size_t more;

	(void)state;
	assert_int_equal(blocks_for_half_width(&estimate, 12, 0.05, 1, &more), 0);
	assert_in_range(more, 24, 48);
	assert_int_equal(blocks_for_half_width(&estimate, 12, 0.05, 2.1, &more), 0);
	assert_int_equal(more, 0);
	assert_int_equal(blocks_for_half_width(&estimate, 12, 0.05, 0, &more), -ERANGE);
}

static void the_smallest_effect_is_what_would_have_been_seen(void **state)
{
	double change[12] = { -5, -1, -4, -3, 2, 1, 3, 8, 0, 1, -2, 9 };
	struct estimate same, shifted;
	double effect;

	(void)state;
	assert_int_equal(paired_median(change, 12, 0.05, &same), 0);
	effect = smallest_effect(&same);
	assert_true(same.low == -3 && same.high == 3 && effect == 3);
	for (size_t i = 0; i < 12; i++)
		change[i] += effect + 0.5;
	assert_int_equal(paired_median(change, 12, 0.05, &shifted), 0);
	assert_true(shifted.low > 0);
	for (size_t i = 0; i < 12; i++)
		change[i] -= 1;
	assert_int_equal(paired_median(change, 12, 0.05, &shifted), 0);
	assert_true(shifted.low < 0);
}

static void the_smallest_effect_knows_a_bias(void **state)
{
	const struct estimate biased = from_to(-7, 1);

	(void)state;
	assert_true(smallest_effect(&biased) == 7);
}

static void holm_refuses_what_is_no_probability(void **state)
{
	double p[][2] = { { 0.5, 1.5 }, { 0.5, -0.1 }, { 0.01, NAN } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		double first = p[i][0];

		assert_int_equal(holm_adjust(p[i], 2), -EINVAL);
		assert_true(p[i][0] == first);
	}
	assert_int_equal(holm_adjust(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interval_decides),
		cmocka_unit_test(an_interval_that_ends_at_the_threshold),
		cmocka_unit_test(too_few_blocks_are_inconclusive_whatever_they_show),
		cmocka_unit_test(one_spike_decides_nothing),
		cmocka_unit_test(a_share_of_nothing_is_nothing),
		cmocka_unit_test(an_interval_takes_six_pairs_or_more),
		cmocka_unit_test(too_few_blocks_need_the_least_number),
		cmocka_unit_test(no_block_decides_what_lies_on_the_threshold),
		cmocka_unit_test(half_the_width_takes_about_four_times_the_blocks),
		cmocka_unit_test(the_smallest_effect_is_what_would_have_been_seen),
		cmocka_unit_test(the_smallest_effect_knows_a_bias),
		cmocka_unit_test(holm_refuses_what_is_no_probability),
	};

	return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
