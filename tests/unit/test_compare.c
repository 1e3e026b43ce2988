// SPDX-License-Identifier: GPL-2.0-or-later
/* What differs between two sides of records, and when it is called a difference. */
#include "sides.h"

/* ---- what is called a difference ---- */

static void equal_cells_are_equal(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.2", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 640000, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_MIGRATE, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(line_of(FIGURE_WRITE, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(line_of(FIGURE_FAULTS, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(line_of(FIGURE_W_AFTER, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(line_of(FIGURE_OUTCOME, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(counts().equal, 1);
	assert_int_equal(counts().differ, 0);
}

static void one_instruction_a_page_more_is_found(void **state)
{
	struct difference line;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 640064, 1216);
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_MIGRATE, 64);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_close(line.change, 1);
	assert_close(line.spread, 0);
	line = line_of(FIGURE_WRITE, 64);
	assert_int_equal(line.verdict, VERDICT_LESS);
	assert_close(line.change, -1);
	assert_int_equal(counts().differ, 1);
}

static void three_instructions_a_call_are_below_the_resolution(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 640003, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_MIGRATE, 64).verdict, VERDICT_WITHIN);
	assert_int_equal(counts().within, 1);
	assert_int_equal(counts().widest.figure, FIGURE_MIGRATE);
}

static void a_difference_within_the_spread_is_not_called_one(void **state)
{
	struct difference line;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	for (unsigned i = 0; i < 3; i++) {
		add_timed(&base, &one, 640000 + 64 * i, 1280, 2);	/* 10,000 .. 10,002 */
		add_timed(&new, &one, 640064 + 64 * i, 1280, 2);	/* 10,001 .. 10,003 */
	}
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_MIGRATE, 64);
	assert_int_equal(line.verdict, VERDICT_WITHIN);
	assert_close(line.change, 1);
	assert_close(line.spread, 2);
	assert_close(counts().widest.change, 1);
}

static void trials_with_another_wait_are_set_aside_and_counted(void **state)
{
	struct difference line;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	for (unsigned i = 0; i < 3; i++) {
		add_timed(&base, &one, 640000, 1280, 2);
		add_timed(&new, &one, 640768, 1280, 2);
	}
	add_timed(&base, &one, 642583, 1280, 3);
	add_timed(&new, &one, 643351, 1280, 3);
	add_timed(&new, &one, 650000, 1280, 7);
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_MIGRATE, 64);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_close(line.change, 12);
	assert_close(line.spread, 0);
	assert_int_equal(line.base.trials, 3);
	assert_int_equal(line.base.of, 4);
	assert_int_equal(line.new.of, 5);
}

static void without_a_like_trial_all_are_compared(void **state)
{
	struct difference line;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_timed(&base, &one, 640000, 1280, 2);
	add_timed(&base, &one, 640640, 1280, 2);
	add_timed(&new, &one, 640128, 1280, 3);
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_MIGRATE, 64);
	assert_int_equal(line.verdict, VERDICT_WITHIN);
	assert_close(line.spread, 10);
	assert_int_equal(line.base.trials, 2);
}

static void faults_from_zero_are_a_difference_without_a_ratio(void **state)
{
	struct difference line;
	double percent;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_twin(&base, &one, 0, 64);
	add_twin(&new, &one, 64, 0);
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_FAULTS, 64);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_close(line.change, 1);
	assert_false(difference_percent(&line, &percent));
	line = line_of(FIGURE_W_AFTER, 64);
	assert_int_equal(line.verdict, VERDICT_LESS);
	assert_true(difference_percent(&line, &percent));
	assert_close(percent, -100);
	line = line_of(FIGURE_KIND, 64);
	assert_int_equal(line.verdict, VERDICT_DIFFERS);
	assert_string_equal(line.new.word, "cow-reuse");
}

static void one_fault_of_many_is_found(void **state)
{
	struct difference line;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_twin(&base, &one, 63, 0);
	add_twin(&new, &one, 64, 0);
	assert_int_equal(make(0), 0);
	line = line_of(FIGURE_FAULTS, 64);
	assert_int_equal(line.verdict, VERDICT_MORE);
	assert_close(line.change, 1 / 64.0);
}

/* A race goes otherwise each time: it is neither equal nor different, nor is what a side without a race has. */
static void counts_of_a_race_are_not_compared(void **state)
{
	static const char *const raced = "'traced':true,'w_after':%u,'expected':{'faults':null,'kind':'shared-reuse'},'faults':"
					 "{'write_protect':%u,'userfault':0},'migrate':{},'write':{}";
	char rest[300];

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	snprintf(rest, sizeof(rest), raced, 60, 4);
	add_trial(&base, &one, "ok", rest);
	snprintf(rest, sizeof(rest), raced, 40, 24);
	add_trial(&new, &one, "ok", rest);
	assert_int_equal(make(0), 0);
	assert_int_equal(lines_of(FIGURE_FAULTS, 64), 0);
	assert_int_equal(lines_of(FIGURE_W_AFTER, 64), 0);
	assert_int_equal(line_of(FIGURE_OUTCOME, 64).verdict, VERDICT_EQUAL);
	assert_int_equal(line_of(FIGURE_USERFAULTS, 64).verdict, VERDICT_EQUAL);
}

static void huge_counts_compare_to_the_last_one(void **state)
{
	const char *counts[] = { "9223372036854775806", "9223372036854775807" };	/* one double for both */
	struct difference line;
	char rest[400];

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(rest, sizeof(rest), "'traced':true,'expected':{},'faults':{'write_protect':%s},'migrate':{},'write':{}",
			 counts[i]);
		add_trial(i ? &new : &base, &one, "ok", rest);
		snprintf(rest, sizeof(rest), "'traced':false,'expected':{},'faults':{},'migrate':{'oncpu':%s,'ticks':%s,'waits':%s},"
			 "'write':{}", counts[i], counts[i], counts[i]);
		add_trial(i ? &new : &base, &one, "ok", rest);
	}
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_FAULTS, 64).verdict, VERDICT_MORE);
	line = line_of(FIGURE_MIGRATE, 64);
	assert_int_equal(line.verdict, VERDICT_EQUAL);
	assert_true(line.base.value > 1e17);
}

static void what_one_side_did_not_measure_is_unknown(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_twin(&new, &one, 0, 64);
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_MIGRATE, 64).verdict, VERDICT_UNKNOWN);
	assert_false(line_of(FIGURE_MIGRATE, 64).new.measured);
	assert_int_equal(counts().differ, 0);
}

static void outcomes_that_differ_are_a_difference(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_trial(&new, &one, "skip", "'traced':true,'expected':{},'faults':{},'migrate':{},'write':{}");
	assert_int_equal(make(0), 0);
	assert_int_equal(line_of(FIGURE_OUTCOME, 64).verdict, VERDICT_DIFFERS);
	assert_string_equal(line_of(FIGURE_OUTCOME, 64).new.word, "skip");
}

/* ---- over sizes ---- */

static void slope_and_fixed_cost_come_from_two_sizes(void **state)
{
	const struct spec few = { "w", "vma", "native", 64 }, many = { "w", "vma", "native", 256 };
	struct difference slope, fixed;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &few, 8000 + 64 * 10000, 1280);		/* 8,000 a call and 10,000 a page */
	add_cell(&base, &many, 8000 + 256 * 10000, 5120);
	add_cell(&new, &few, 8500 + 64 * 10012, 1280);
	add_cell(&new, &many, 8500 + 256 * 10012, 5120);
	assert_int_equal(make(0), 0);
	slope = line_of(FIGURE_MIGRATE_SLOPE, 0);
	fixed = line_of(FIGURE_MIGRATE_FIXED, 0);
	assert_close(slope.base.value, 10000);
	assert_close(slope.change, 12);
	assert_int_equal(slope.verdict, VERDICT_MORE);
	assert_close(fixed.base.value, 8000);
	assert_close(fixed.change, 500);
	assert_int_equal(fixed.verdict, VERDICT_MORE);
	assert_int_equal(line_of(FIGURE_WRITE_SLOPE, 0).verdict, VERDICT_EQUAL);
	assert_int_equal(comparison.nr_groups, 1);
	assert_int_equal(comparison.nr_pairs, 2);
}

static void a_line_that_the_slope_explains_is_marked(void **state)
{
	const struct spec few = { "w", "vma", "native", 64 }, many = { "w", "vma", "native", 256 };
	struct wanted migrate = { .figure = FIGURE_MIGRATE, .pages = 64 }, write = { .figure = FIGURE_WRITE, .pages = 64 };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &few, 640000, 1280);
	add_cell(&base, &many, 2560000, 5120);
	add_cell(&new, &few, 640768, 1280);
	add_cell(&new, &many, 2563072, 5120);
	assert_int_equal(make(0), 0);
	assert_int_equal(compare_walk(&comparison, look, &migrate), 0);
	assert_int_equal(compare_walk(&comparison, look, &write), 0);
	assert_true(migrate.explained);
	assert_false(write.explained);
}

static void the_spread_of_both_sizes_goes_into_the_slope(void **state)
{
	const struct spec few = { "w", "vma", "native", 64 }, many = { "w", "vma", "native", 256 };
	struct difference slope;

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	for (unsigned i = 0; i < 2; i++) {
		add_timed(&base, &few, 640000 + 192 * i, 1280, 2);
		add_timed(&base, &many, 2560000 + 384 * i, 5120, 2);
		add_timed(&new, &few, 640000 + 192 * i, 1280, 2);
		add_timed(&new, &many, 2560000 + 384 * i + 192, 5120, 2);
	}
	assert_int_equal(make(0), 0);
	slope = line_of(FIGURE_MIGRATE_SLOPE, 0);
	assert_close(slope.spread, 3);		/* (192 + 384) / (256 - 64) */
	assert_close(slope.change, 1);
	assert_int_equal(slope.verdict, VERDICT_WITHIN);
}

static void one_size_gives_no_slope(void **state)
{
	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	add_cell(&base, &one, 640000, 1280);
	add_cell(&new, &one, 640000, 1280);
	assert_int_equal(make(0), 0);
	assert_int_equal(lines_of(FIGURE_MIGRATE_SLOPE, 0), 0);
}

/* Elapsed at one size and executed at the other are two figures, not one at two sizes. */
static void a_slope_mixes_no_figures(void **state)
{
	const struct spec few = { "w", "vma", "native", 64 }, many = { "w", "vma", "native", 256 };

	(void)state;
	add_env(&base, "6.12.1", "");
	add_env(&new, "6.12.1", "");
	for (unsigned i = 0; i < 2; i++) {
		struct summary *side = i ? &new : &base;

		add_trial(side, &few, "ok", "'traced':false,'expected':{},'faults':{},'migrate':{'elapsed':5,'oncpu':9,'ticks':0,"
			  "'waits':0},'write':{}");
		add_timed(side, &many, 2560000, 5120, 2);
	}
	assert_int_equal(make(0), 0);
	assert_int_equal(lines_of(FIGURE_MIGRATE, 64), 1);
	assert_int_equal(lines_of(FIGURE_MIGRATE_SLOPE, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_cells_are_equal),
		TEST(one_instruction_a_page_more_is_found),
		TEST(three_instructions_a_call_are_below_the_resolution),
		TEST(a_difference_within_the_spread_is_not_called_one),
		TEST(trials_with_another_wait_are_set_aside_and_counted),
		TEST(without_a_like_trial_all_are_compared),
		TEST(faults_from_zero_are_a_difference_without_a_ratio),
		TEST(one_fault_of_many_is_found),
		TEST(counts_of_a_race_are_not_compared),
		TEST(huge_counts_compare_to_the_last_one),
		TEST(what_one_side_did_not_measure_is_unknown),
		TEST(outcomes_that_differ_are_a_difference),
		TEST(slope_and_fixed_cost_come_from_two_sizes),
		TEST(a_line_that_the_slope_explains_is_marked),
		TEST(the_spread_of_both_sizes_goes_into_the_slope),
		TEST(one_size_gives_no_slope),
		TEST(a_slope_mixes_no_figures),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
