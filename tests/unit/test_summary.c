// SPDX-License-Identifier: GPL-2.0-or-later
/* Records folded into cells. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "records.h"

static void trials_fold_into_cells(void **state)
{
	const struct cell *cell;

	(void)state;
	add_env("a", "6.1", "insn");
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TIMED("400", "48")), 0);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TIMED("440", "40")), 0);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TIMED("420", "44")), 0);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0")), 0);
	assert_int_equal(add_trial("a", CELL("w", "entry"), "ok", EXPECT("4", "shared-reuse") TRACED("0", "4")), 0);
	assert_int_equal(add_end("a", 5), 0);
	summary_finish(&summary);
	assert_int_equal(summary.nr_cells, 2);
	cell = &summary.cells[0];
	assert_int_equal(cell->timed.trials, 3);
	assert_int_equal(cell->traced.by_outcome[OUTCOME_OK], 1);
	assert_int_equal(cell->migrate.n, 3);
	assert_true(cell->migrate.min == 100 && cell->migrate.median == 105 && cell->migrate.max == 110);
	assert_true(cell->write.median == 11);	/* elapsed: nothing waited there */
	assert_int_equal(cell->w_after_min, 4);
	assert_true(cell_equals_oracle(cell));
	assert_true(cell_equals_oracle(&summary.cells[1]));
	assert_string_equal(summary.cells[1].expected_kind, "shared-reuse");
	assert_true(summary.runs[0].ended);
	assert_null(summary.runs[0].cut_short);
}

static void trials_that_disagree_widen_the_range(void **state)
{
	const struct cell *cell;

	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("w", "vma"), "ok", EXPECT("4", "cow-reuse") TRACED("0", "4"));
	add_trial("a", CELL("w", "vma"), "fail", "'reason':'3 of 4'," EXPECT("4", "cow-reuse") TRACED("1", "3"));
	cell = &summary.cells[0];
	assert_int_equal(cell->faults_min, 3);
	assert_int_equal(cell->faults_max, 4);
	assert_int_equal(cell->w_after_max, 1);
	assert_false(cell_equals_oracle(cell));
	assert_true(cell_is_bad(cell));
	assert_string_equal(cell->reason, "3 of 4");
}

/* Compaction moves some pages twice and others never: W bits are of PTEs that came back, whatever their number. */
static void w_bits_are_scaled_to_the_pages_but_never_to_all_or_none(void **state)
{
	static const struct {
		unsigned w, restored, scaled;
	} cases[] = { { 8, 8, 4 }, { 2, 2, 4 }, { 0, 8, 0 }, { 7, 8, 3 }, { 1, 8, 1 }, { 3, 4, 3 }, { 3, 0, 3 } };

	(void)state;
	add_env("a", "6.1", "insn");
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char more[200], cell[80];

		snprintf(more, sizeof(more), "'traced':true,'restored':%u,'entries':{'all':%u},'w_before':%u,'w_after':%u,'faults':{},"
			 "'migrate':{},'write':{},'expected':{},", cases[i].restored, cases[i].restored, cases[i].w, cases[i].w);
		snprintf(cell, sizeof(cell), "'workload':'w%u','policy':'vma','clock':'insn'", i);
		assert_int_equal(add_trial("a", cell, "ok", more), 0);
		assert_int_equal(summary.cells[i].w_after_min, cases[i].scaled);
		assert_int_equal(summary.cells[i].w_before_max, cases[i].scaled);
	}
}

static void the_worst_outcome_gives_the_reason(void **state)
{
	static const struct {
		const char *outcome;
		enum outcome worst;
	} steps[] = { { "ok", OUTCOME_OK }, { "skip", OUTCOME_SKIP }, { "ok", OUTCOME_SKIP },
		      { "state-not-reached", OUTCOME_STATE_NOT_REACHED }, { "broken", OUTCOME_BROKEN },
		      { "state-not-reached", OUTCOME_BROKEN }, { "fail", OUTCOME_FAIL }, { "broken", OUTCOME_FAIL } };

	(void)state;
	add_env("a", "6.1", "insn");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char more[200];

		snprintf(more, sizeof(more), "'reason':'%s %zu'," EXPECT("0", "none") TRACED("4", "0"), steps[i].outcome, i);
		add_trial("a", CELL("w", "vma"), steps[i].outcome, more);
		assert_int_equal(summary.cells[0].worst, steps[i].worst);
	}
	assert_string_equal(summary.cells[0].reason, "fail 6");
	assert_int_equal(summary.runs[0].tally.by_outcome[OUTCOME_STATE_NOT_REACHED], 2);
}

static void idle_emulations_and_unknown_policies_have_no_oracle(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("w", "vma-only"), "ok", "'emulation_idle':true," EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("w", "unknown"), "ok", "'expected':{'faults':null,'kind':null}," TRACED("4", "2"));
	add_trial("a", CELL("x", "vma"), "skip", EXPECT("0", "none") "'traced':true,'faults':{},'migrate':{},'write':{},");
	for (unsigned i = 0; i < 3; i++) {
		assert_false(cell_has_oracle(&summary.cells[i]));
		assert_false(cell_equals_oracle(&summary.cells[i]));
		assert_false(cell_is_bad(&summary.cells[i]));
	}
	assert_true(cell_ran(&summary.cells[1]));
	assert_false(cell_ran(&summary.cells[2]));
}

static void an_ok_that_is_off_the_oracle_is_bad(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "4"));
	assert_true(cell_contradicts(&summary.cells[0]));
	assert_true(cell_is_bad(&summary.cells[0]));
	assert_false(cell_equals_oracle(&summary.cells[0]));
}

static void only_timed_ok_trials_give_times(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("w", "vma"), "fail", EXPECT("0", "none") TIMED("400", "48"));
	add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") "'traced':true,'faults':{},"
		  "'migrate':{'oncpu':5},'write':{'oncpu':5},");
	summary_finish(&summary);
	assert_int_equal(summary.cells[0].migrate.n, 0);
	assert_int_equal(summary.cells[0].write.n, 0);
}

static void nanoseconds_are_elapsed_even_where_the_thread_waited(void **state)
{
	(void)state;
	add_env("a", "6.1", "ns");
	add_trial("a", "'workload':'w','policy':'vma','clock':'ns'", "ok", EXPECT("0", "none") TIMED("400", "48"));
	summary_finish(&summary);
	assert_true(summary.cells[0].migrate.median == 999999 / 4.0);
}

static void a_tcg_guest_gives_no_times(void **state)
{
	(void)state;
	add("{'type':'env','schema':0,'run':'a','kernel':'6.1','platform':'lab-tcg','clock':'ns'}");
	add_trial("a", "'workload':'w','policy':'vma','clock':'ns'", "ok", EXPECT("0", "none") TIMED("400", "48"));
	assert_int_equal(summary.cells[0].migrate.n, 0);
}

static void counters_fold_per_page_over_the_trials_that_carried_them(void **state)
{
	const struct cell *cell;

	(void)state;
	add_env("a", "6.12", "insn");
	add_trial("a", CELL("w", "vma"), "ok", "'traced':false,'expected':{},'faults':{},'migrate':{'counters':{'c':null}},"
		  "'write':{'counters':{'c':{'value':4,'enabled_ns':1,'running_ns':1}}},");
	add_trial("a", CELL("w", "vma"), "ok", "'traced':false,'expected':{},'faults':{},'migrate':{'counters':{}},"
		  "'write':{'counters':{'c':{'value':12,'enabled_ns':1,'running_ns':1}}},");
	add_trial("a", CELL("w", "vma"), "ok", "'traced':true,'expected':{},'faults':{},'migrate':{'counters':{'s':"
		  "{'value':2,'enabled_ns':1,'running_ns':1}}},'write':{'counters':{}},");
	add_trial("a", CELL("w", "vma"), "fail", "'traced':false,'expected':{},'faults':{},'migrate':{'counters':{}},"
		  "'write':{'counters':{'c':{'value':400,'enabled_ns':1,'running_ns':1}}},");
	add_end("a", 4);
	summary_finish(&summary);
	cell = &summary.cells[0];
	assert_int_equal(cell->nr_counters, 2);
	assert_string_equal(cell->counters[0].name, "c");
	assert_int_equal(cell->counters[0].migrate.spread.n, 0);
	assert_int_equal(cell->counters[0].write.spread.n, 2);
	assert_true(cell->counters[0].write.spread.min == 1 && cell->counters[0].write.spread.median == 2 && cell->counters[0].write.spread.max == 3);
	assert_true(cell->counters[1].migrate.spread.n == 1 && cell->counters[1].migrate.spread.median == 0.5);
}

static void a_run_without_its_end_was_cut_off(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	assert_false(summary.runs[0].ended);
	add("{'type':'end','run':'a','trials':1,'ok':1,'fail':0,'broken':0,'skip':0,'cut_short':'interrupted'}");
	assert_true(summary.runs[0].ended);
	assert_string_equal(summary.runs[0].cut_short, "interrupted");
}

static void an_end_that_counts_other_trials_is_told(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	assert_int_equal(add_end("a", 7), 0);
	assert_string_equal(summary.runs[0].cut_short, "its end line counts 7 trials");
}

static void records_out_of_order_are_refused(void **state)
{
	(void)state;
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0")), -EINVAL);
	assert_string_equal(summary.error, "trial of run a, which has no env line");
	assert_int_equal(add_end("a", 0), -EINVAL);
	assert_int_equal(add_env("a", "6.1", "insn"), 0);
	assert_int_equal(add_env("a", "6.1", "insn"), -EEXIST);
	assert_string_equal(summary.error, "run a appears twice");
	assert_int_equal(add_trial("a", "'workload':'w','policy':'vma','clock':'ns'", "ok",
				   EXPECT("0", "none") TRACED("4", "0")), -EINVAL);
	assert_non_null(strstr(summary.error, "another clock"));
	assert_int_equal(add_end("a", 0), 0);
	assert_int_equal(add_end("a", 0), -EEXIST);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0")), -EINVAL);
}

static void two_expectations_for_one_cell_are_refused(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("0", "none") TRACED("4", "0")), 0);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", EXPECT("4", "cow-copy") TRACED("4", "4")), -EINVAL);
}

static void absurdly_many_runs_are_refused(void **state)
{
	char run[16];

	(void)state;
	for (unsigned i = 0; i < SUMMARY_RUNS_MAX; i++) {
		snprintf(run, sizeof(run), "%u", i);
		assert_int_equal(add_env(run, "6.1", "insn"), 0);
	}
	assert_int_equal(add_env("one more", "6.1", "insn"), -E2BIG);
	assert_int_equal(summary.nr_runs, SUMMARY_RUNS_MAX);
}

static void absurdly_many_cells_and_long_names_are_refused(void **state)
{
	char cell[1200] = "'workload':'", *end = cell + strlen(cell);
	json_t *trial;
	int err = 0;

	(void)state;
	add_env("a", "6.1", "insn");
	memset(end, 'x', 1000);
	strcpy(end + 1000, "','policy':'vma','clock':'insn'");
	assert_int_equal(add_trial("a", cell, "ok", EXPECT("0", "none") TRACED("4", "0")), -EINVAL);
	trial = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:b,s:s}", "type", "trial", "run", "a", "workload", "w",
			  "policy", "vma", "source", "native", "trigger", "move_pages", "pages", 1, "page_bytes", 4096,
			  "traced", 1, "outcome", "ok");
	json_object_set_new(trial, "clock", json_string("insn"));
	for (int i = 0; i <= SUMMARY_CELLS_MAX && !err; i++) {
		json_object_set_new(trial, "pages", json_integer(i + 1));
		err = summary_add(&summary, trial);
	}
	json_decref(trial);
	assert_int_equal(err, -E2BIG);
	assert_int_equal(summary.nr_cells, SUMMARY_CELLS_MAX);
}

static void the_fixture_adds_up(void **state)
{
	unsigned equal = 0, idle = 0;

	(void)state;
	if (summary_add_file(&summary, FIXTURES "/three.jsonl"))
		fail_msg("%s", summary.error);
	summary_finish(&summary);
	assert_int_equal(summary.nr_runs, 2);
	assert_int_equal(summary.nr_cells, 9);
	assert_string_equal(summary.runs[1].kernel, "6.12.117+deb12-cloud-amd64");
	assert_string_equal(summary.runs[0].labels, "fixture=made by hand for tests");
	assert_int_equal(summary.runs[0].from, 0);
	assert_int_equal(summary.runs[0].to, 1);
	for (unsigned i = 0; i < 9; i++) {
		equal += cell_equals_oracle(&summary.cells[i]);
		idle += summary.cells[i].emulation_idle;
	}
	assert_int_equal(equal, 7);
	assert_int_equal(idle, 2);
	assert_int_equal(summary_add_file(&summary, FIXTURES "/three.jsonl"), -EEXIST);
	assert_non_null(strstr(summary.error, "three.jsonl:1: run "));
	assert_non_null(strstr(summary.error, " (column 32)"));	/* of the run's ID */
}

static void a_file_that_cannot_be_used_says_why(void **state)
{
	(void)state;
	assert_int_equal(summary_add_file(&summary, "/nonexistent"), -ENOENT);
	assert_int_equal(summary_add_file(&summary, "/dev/null"), -ENODATA);
	assert_string_equal(summary.error, "/dev/null: no run in it");
}

static void a_condition_and_a_race_are_kept_with_the_cell(void **state)
{
	(void)state;
	add_env("a", "6.1", "insn");
	add_trial("a", CELL("plain", "entry"), "ok", EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("hint", "entry"), "ok", "'condition':'hint-keeps-w'," EXPECT("0", "none") TRACED("4", "0"));
	add_trial("a", CELL("race", "entry"), "ok", EXPECT("null", "shared-reuse") TRACED("3", "1"));
	add_trial("a", CELL("unknown", "unknown"), "ok", "'expected':{'faults':null,'kind':null}," TRACED("3", "1"));
	assert_null(summary.cells[0].condition);
	assert_string_equal(summary.cells[1].condition, "hint-keeps-w");
	assert_false(summary.cells[1].race);
	assert_true(summary.cells[2].race);
	assert_string_equal(summary.cells[2].expected_kind, "shared-reuse");
	assert_int_equal(summary.cells[2].expected_faults, NOT_MEASURED);
	assert_false(cell_has_oracle(&summary.cells[2]) || cell_is_bad(&summary.cells[2]));
	assert_false(summary.cells[3].race);
}

#define FROM_TO(from, to, migrated) "'from':" from ",'to':" to ",'migrated':" migrated ","

static void pages_that_stay_are_a_failure_and_change_no_expectation(void **state)
{
	(void)state;
	add_env("a", "6.12", "insn");
	assert_int_equal(add_trial("a", CELL("w", "vma"), "ok", FROM_TO("0", "1", "4") EXPECT("4", "cow-copy") TRACED("0", "4")), 0);
	assert_int_equal(add_trial("a", CELL("w", "vma"), "fail", FROM_TO("0", "1", "3") EXPECT("4", "cow-copy") TRACED("0", "4")), 0);
	assert_int_equal(summary.cells[0].expected_faults, 4);
	assert_true(cell_is_bad(&summary.cells[0]));
	/* compaction judges those that moved */
	assert_int_equal(add_trial("a", CELL("c", "vma"), "ok", FROM_TO("0", "0", "2") EXPECT("2", "cow-copy") TRACED("0", "2")), 0);
	assert_int_equal(summary.cells[1].expected_faults, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_that_stay_are_a_failure_and_change_no_expectation),
		TEST(trials_fold_into_cells),
		TEST(trials_that_disagree_widen_the_range),
		TEST(w_bits_are_scaled_to_the_pages_but_never_to_all_or_none),
		TEST(the_worst_outcome_gives_the_reason),
		TEST(idle_emulations_and_unknown_policies_have_no_oracle),
		TEST(an_ok_that_is_off_the_oracle_is_bad),
		TEST(only_timed_ok_trials_give_times),
		TEST(nanoseconds_are_elapsed_even_where_the_thread_waited),
		TEST(a_tcg_guest_gives_no_times),
		TEST(counters_fold_per_page_over_the_trials_that_carried_them),
		TEST(a_run_without_its_end_was_cut_off),
		TEST(an_end_that_counts_other_trials_is_told),
		TEST(records_out_of_order_are_refused),
		TEST(two_expectations_for_one_cell_are_refused),
		TEST(a_condition_and_a_race_are_kept_with_the_cell),
		TEST(absurdly_many_runs_are_refused),
		TEST(absurdly_many_cells_and_long_names_are_refused),
		TEST(the_fixture_adds_up),
		TEST(a_file_that_cannot_be_used_says_why),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
