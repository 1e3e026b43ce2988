// SPDX-License-Identifier: GPL-2.0-or-later
/* The share of rewritten pages at which two policies cost the same, and the latencies that figures gather. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "break_even.h"
#include "gather.h"

#define BLOCKS 8

/* A cell whose trials cost that much, the last one `more`. */
static struct cell *make(double migrate, double write, double more)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	for (unsigned i = 0; i < BLOCKS; i++) {
		double extra = i == BLOCKS - 1 ? more : 0;

		assert_int_equal(spread_add(&cell->migrate, (struct sample){ .value = migrate + extra, .block = i }), 0);
		assert_int_equal(spread_add(&cell->write, (struct sample){ .value = write + extra, .block = i }), 0);
	}
	spread_finish(&cell->migrate);
	spread_finish(&cell->write);
	return cell;
}

static void unmake(struct cell *cell)
{
	spread_free(&cell->migrate);
	spread_free(&cell->write);
	free(cell);
}

static enum break_even compare(struct cell *a, struct cell *b, bool instructions, double *share)
{
	enum break_even result = break_even(a, b, instructions, share);

	unmake(a);
	unmake(b);
	return result;
}

static void a_dearer_fault_against_a_dearer_migration_has_a_share(void **state)
{
	double share;

	(void)state;
	assert_int_equal(compare(make(8400, 18, 0), make(8394, 978, 0), true, &share), BREAK_EVEN_SHARE);
	assert_true(share == 6.0 / 960);
	assert_int_equal(compare(make(8394, 978, 0), make(8400, 18, 0), true, &share), BREAK_EVEN_SHARE);
	assert_true(share == 6.0 / 960);
	assert_int_equal(compare(make(8400, 18, 0), make(8394, 24, 0), true, &share), BREAK_EVEN_SHARE);
	assert_true(share == 1);
}

static void a_policy_that_is_never_dearer_is_named(void **state)
{
	double share;

	(void)state;
	assert_int_equal(compare(make(8400, 18, 0), make(8400, 978, 0), true, &share), BREAK_EVEN_A);
	assert_int_equal(compare(make(8406, 978, 0), make(8400, 18, 0), true, &share), BREAK_EVEN_B);
	assert_int_equal(compare(make(8406, 18, 0), make(8400, 18, 0), true, &share), BREAK_EVEN_B);
	/* not even when each page is written does the cheaper write make up for it */
	assert_int_equal(compare(make(9000, 18, 0), make(8000, 978, 0), true, &share), BREAK_EVEN_B);
	assert_int_equal(compare(make(8000, 978, 0), make(9000, 18, 0), true, &share), BREAK_EVEN_A);
}

static void what_lies_within_the_trials_is_no_difference(void **state)
{
	double share;

	(void)state;
	assert_int_equal(compare(make(8400, 18, 0), make(8400.09, 18, 0), true, &share), BREAK_EVEN_EQUAL);
	assert_int_equal(compare(make(8400, 18, 7), make(8406, 18, 0), true, &share), BREAK_EVEN_EQUAL);
	assert_int_equal(compare(make(8400, 18, 5), make(8406, 18, 0), true, &share), BREAK_EVEN_A);
}

static void times_are_paired_by_block(void **state)
{
	double share;

	(void)state;
	assert_int_equal(compare(make(1000, 20, 0), make(900, 220, 0), false, &share), BREAK_EVEN_SHARE);
	assert_true(share == 0.5);
	/* equal times: the interval holds zero, and nothing is told */
	assert_int_equal(compare(make(1000, 20, 0), make(1000, 20, 0), false, &share), BREAK_EVEN_UNKNOWN);
}

static void what_was_not_measured_is_unknown(void **state)
{
	struct cell *a = make(1000, 20, 0), none = { 0 };
	double share;

	(void)state;
	assert_int_equal(break_even(a, NULL, true, &share), BREAK_EVEN_UNKNOWN);
	assert_int_equal(break_even(&none, a, true, &share), BREAK_EVEN_UNKNOWN);
	unmake(a);
}

/* ---- latencies ---- */

static void gather_json(struct gather *gather, const char *text)
{
	json_t *trial = json_loads(text, 0, NULL);
	const struct sample migrate = { .value = 5 };

	assert_non_null(trial);
	assert_int_equal(gather_trial(gather, 0, &migrate, trial), 0);
	json_decref(trial);
}

static void samples_stand_at_exact_percentiles_and_none_is_lost(void **state)
{
	struct gather gather = { 0 };
	const struct latencies *l;

	(void)state;
	gather_json(&gather, "{\"from\":0,\"to\":1,\"write\":{\"p50\":971,\"p90\":971,\"p99\":1203,\"p999\":1203,\"max\":1203,"
		    "\"hist\":[[960,95],[1152,5]]}}");
	gather_json(&gather, "{\"from\":2,\"to\":1,\"write\":{\"p50\":971,\"p90\":971,\"p99\":1203,\"p999\":1203,\"max\":1203,"
		    "\"hist\":[[960,95],[1152,5]]}}");
	gather_finish(&gather);
	l = gather_latencies(&gather, 0);
	assert_int_equal(l->total, 200);
	assert_int_equal(l->nr, 2);
	assert_int_equal(l->bins[0].value, 971);
	assert_int_equal(l->bins[0].count, 190);
	assert_int_equal(l->bins[1].value, 1203);
	assert_null(gather_latencies(&gather, 1));
	assert_int_equal(gather.nr_pairs, 2);
	assert_int_equal(gather.pairs[1].from, 2);
	gather_free(&gather);
}

static void absurd_histograms_do_no_harm(void **state)
{
	struct gather gather = { 0 };

	(void)state;
	gather_json(&gather, "{\"write\":{\"hist\":[[5,9223372036854775807],[9,9223372036854775807]]}}");
	gather_json(&gather, "{\"write\":{\"p50\":1,\"hist\":[[9,1],[5,1],[9,0]]}}");
	gather_json(&gather, "{\"write\":{\"hist\":null}}");
	gather_finish(&gather);
	assert_int_equal(gather_latencies(&gather, 0)->total, 2);
	assert_int_equal(gather.nr_pairs, 0);
	gather_free(&gather);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dearer_fault_against_a_dearer_migration_has_a_share),
		cmocka_unit_test(a_policy_that_is_never_dearer_is_named),
		cmocka_unit_test(what_lies_within_the_trials_is_no_difference),
		cmocka_unit_test(times_are_paired_by_block),
		cmocka_unit_test(what_was_not_measured_is_unknown),
		cmocka_unit_test(samples_stand_at_exact_percentiles_and_none_is_lost),
		cmocka_unit_test(absurd_histograms_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
