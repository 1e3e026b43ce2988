// SPDX-License-Identifier: GPL-2.0-or-later
/* Times of two sides: which values are compared, when they are too few, and how a table is called together. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "timing.h"

static struct spread base, new;

static int away(void **state)
{
	(void)state;
	spread_free(&base);
	spread_free(&new);
	return 0;
}

static void add(struct spread *spread, unsigned boot, unsigned block, double value)
{
	const struct sample sample = { .value = value, .block = block, .boot = boot };

	assert_int_equal(spread_add(spread, sample), 0);
	spread_finish(spread);
}

static struct timing estimate(enum timing_unit by)
{
	struct timing timing;

	assert_int_equal(timing_estimate(&base, &new, by, &timing), 0);
	return timing;
}

static void assert_close(double value, double expected)
{
	if (!(fabs(value - expected) < 1e-9))
		fail_msg("%.12f is not %.12f", value, expected);
}

static void blocks_are_paired_and_drift_cancels(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		add(&base, 0, i, 100 * (i + 1));	/* twelvefold drift */
		add(&new, 0, 11 - i, 100 * (12 - i) * 1.02);
	}
	t = estimate(TIMING_BLOCK);
	assert_int_equal(t.nr_base, 12);
	assert_close(t.change.value, 0.02);
	assert_true(t.change.low > 0.0199 && t.change.high < 0.0201);
	assert_close(t.second.value, 0.02);
	assert_close(t.p, 2 / 4096.0);
}

static void what_has_no_partner_is_left_out(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		add(&base, 0, i, 100);
		add(&new, 0, i + 2, 110);
		add(&new, 1, i, 500);	/* of another boot */
	}
	t = estimate(TIMING_BLOCK);
	assert_int_equal(t.nr_base, 6);
	assert_close(t.change.value, 0.1);
}

static void one_spike_moves_neither_value_nor_interval(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		add(&base, 0, i, 100);
		add(&new, 0, i, i == 4 ? 5000 : 101 + 0.01 * i);
	}
	t = estimate(TIMING_BLOCK);
	assert_true(t.change.value > 0.01 && t.change.value < 0.0112);
	assert_true(t.change.high < 0.0112);
	assert_int_equal(timing_decide(&t, 0.02), DECISION_FINE);
}

static void too_few_values_say_how_many_are_missing(void **state)
{
	struct timing t;
	size_t more;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		add(&base, i, i, 100);
		add(&new, i, i, 200);
	}
	t = estimate(TIMING_BLOCK);
	assert_int_equal(t.missing_base, 2);
	assert_true(isinf(t.change.low) && isinf(t.change.high));
	assert_int_equal(timing_answer(&t), TIMING_INCONCLUSIVE);
	assert_int_equal(timing_decide(&t, 0.5), DECISION_INCONCLUSIVE);
	assert_int_equal(timing_to_decide(&t, 1, 0.5, &more), -ENODATA);
	assert_int_equal(more, 2);
	t = estimate(TIMING_BOOT);	/* Mann and Whitney would do with four; a verdict between kernels does not */
	assert_int_equal(t.missing_base, 2);
	assert_int_equal(t.missing_new, 2);
	assert_close(t.p, 1);
	t = estimate(TIMING_TRIAL);
	assert_int_equal(t.missing_base, 0);
	assert_true(t.p < 0.05);
}

static void a_boot_counts_once(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned boot = 0; boot < 6; boot++) {
		for (unsigned i = 0; i < 12; i++) {
			add(&base, boot, i, 100 + boot + (i == 3 ? 1e6 : 0));
			add(&new, boot, i, 150 + boot);
		}
	}
	t = estimate(TIMING_BOOT);
	assert_int_equal(t.nr_base, 6);
	assert_int_equal(t.missing_new, 0);
	assert_close(t.p, 2 / 924.0);	/* 12 over 6 */
	assert_true(t.change.low > 0.4 && t.change.high < 0.55);
}

static void from_zero_there_is_a_difference_and_no_ratio(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		add(&base, 0, i, 0);
		add(&new, 0, i, 3);
	}
	t = estimate(TIMING_BLOCK);
	assert_int_equal(t.unit, CHANGE_DIFFERENCE);
	assert_close(t.change.value, 3);
	t = estimate(TIMING_TRIAL);
	assert_int_equal(t.unit, CHANGE_DIFFERENCE);
	assert_close(t.change.value, 3);
}

static void the_same_values_are_equal(void **state)
{
	struct timing t;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		add(&base, 0, i, 100 + i);
		add(&new, 0, i, 100 + i);
	}
	t = estimate(TIMING_BLOCK);
	assert_int_equal(timing_answer(&t), TIMING_EQUAL);
}

/* Alone 12 blocks of a kind are a finding; among 200 lines not one of them is. */
static void many_lines_together_take_more(void **state)
{
	struct timing t, many[200], *all[200];
	size_t m;

	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		add(&base, 0, i, 100);
		add(&new, 0, i, 110 + i);
	}
	t = estimate(TIMING_BLOCK);
	all[0] = &t;
	assert_int_equal(timing_adjust(all, 1, &m), 0);
	assert_int_equal(timing_tighten(&base, &new, m, &t), 0);
	assert_int_equal(timing_answer(&t), TIMING_MORE);
	assert_true(t.floor > 0 && t.floor < 0.1);
	assert_int_equal(timing_decide(&t, 0.05), DECISION_REGRESSION);
	for (unsigned i = 0; i < 200; i++) {
		many[i] = estimate(TIMING_BLOCK);
		all[i] = &many[i];
	}
	assert_int_equal(timing_adjust(all, 200, &m), 0);
	assert_int_equal(m, 200);
	assert_int_equal(timing_tighten(&base, &new, m, &many[0]), 0);
	assert_int_equal(timing_answer(&many[0]), TIMING_INCONCLUSIVE);
	assert_true(isinf(many[0].floor));
	assert_int_equal(timing_decide(&many[0], 0.05), DECISION_INCONCLUSIVE);
	assert_int_equal(timing_decide(&many[0], 0.5), DECISION_FINE);
}

/* What lacks values is no test, and makes no other one harder. */
static void what_is_not_tested_is_not_counted(void **state)
{
	struct timing few, enough, *all[2] = { &few, &enough };
	size_t m;

	(void)state;
	add(&base, 0, 0, 100);
	add(&new, 0, 0, 110);
	few = estimate(TIMING_BLOCK);
	for (unsigned i = 1; i < 8; i++) {
		add(&base, 0, i, 100);
		add(&new, 0, i, 110);
	}
	enough = estimate(TIMING_BLOCK);
	assert_int_equal(timing_adjust(all, 2, &m), 0);
	assert_int_equal(m, 1);
	assert_close(enough.p_adjusted, enough.p);
	assert_close(few.p_adjusted, 1);
}

static void more_samples_come_with_the_square(void **state)
{
	const struct estimate e = { .value = 0.01, .low = -0.03, .high = 0.05, .level = 0.95 };
	const struct estimate none = { .value = 0, .low = -INFINITY, .high = INFINITY };
	size_t more;

	(void)state;
	assert_int_equal(samples_to_decide(&e, 12, 0.06, &more), 0);
	assert_int_equal(more, 0);
	assert_int_equal(samples_to_decide(&e, 12, 0.03, &more), 0);	/* 0.04 has to become 0.02: four times as many */
	assert_in_range(more, 36, 37);
	assert_int_equal(samples_to_decide(&e, 12, 0.01, &more), -ERANGE);
	assert_int_equal(samples_to_decide(&e, 12, 0.0100001, &more), -ERANGE);
	assert_int_equal(samples_to_decide(&none, 12, 0.1, &more), -ENODATA);
}

#define TEST(name) cmocka_unit_test_teardown(name, away)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(blocks_are_paired_and_drift_cancels),
		TEST(what_has_no_partner_is_left_out),
		TEST(one_spike_moves_neither_value_nor_interval),
		TEST(too_few_values_say_how_many_are_missing),
		TEST(a_boot_counts_once),
		TEST(from_zero_there_is_a_difference_and_no_ratio),
		TEST(the_same_values_are_equal),
		TEST(many_lines_together_take_more),
		TEST(what_is_not_tested_is_not_counted),
		TEST(more_samples_come_with_the_square),
	};

	return cmocka_run_group_tests_name("timing", tests, NULL, NULL);
}
