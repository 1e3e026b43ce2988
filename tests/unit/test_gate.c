// SPDX-License-Identifier: GPL-2.0-or-later
/* Gates: what a spec may be, and what trips one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "gate.h"

static struct gate gate_of(const char *spec)
{
	struct gate gate;
	char error[200];

	if (gate_parse(spec, &gate, error, sizeof(error)))
		fail_msg("%s", error);
	return gate;
}

static struct difference migrate(double base, double change, double doubt)
{
	return (struct difference){
		.figure = FIGURE_MIGRATE_SLOPE, .change = change, .doubt = doubt,
		.base = { .measured = true, .value = base }, .new = { .measured = true, .value = base + change },
		.verdict = VERDICT_MORE,
	};
}

static struct difference faults(uint64_t base, uint64_t low, uint64_t high)
{
	return (struct difference){
		.figure = FIGURE_FAULTS, .pages = 64,
		.base = { .measured = true, .value = base, .min = base, .max = base },
		.new = { .measured = true, .value = low, .min = low, .max = high },
	};
}

static enum gate_verdict judge(const char *spec, struct difference line)
{
	const struct gate gate = gate_of(spec);
	double allowed;

	return gate_judge(&gate, &line, &allowed);
}

static void specs_are_read(void **state)
{
	(void)state;
	assert_int_equal(gate_of("faults=0").figure, FIGURE_FAULTS);
	assert_true(gate_of("migrate=2%").percent);
	assert_true(gate_of("write=0.5%").threshold == 0.5);
	assert_false(gate_of("migrate=12").percent);
}

static void bad_specs_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "=", "faults", "faults=", "faults=x", "faults=1%", "fault=0", "migrate=-1", "migrate=+1", "migrate=1e3",
		"migrate=0x10", "migrate=nan", "migrate=inf", "migrate=2 %", "migrate=2%%", "migrate= 2", "migrate=1.", "migrate=.5",
		"write=1,5", "migrate=99999999999999999999", "migrate=1000000000000000000000000000000000000", "migrate=2%,faults=0",
	};
	struct gate gate;
	char error[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (gate_parse(bad[i], &gate, error, sizeof(error)) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void what_exceeds_trips(void **state)
{
	(void)state;
	assert_int_equal(judge("migrate=2%", migrate(10000, 201, 0)), GATE_TRIPS);
	assert_int_equal(judge("migrate=2%", migrate(10000, 200, 0)), GATE_PASSES);
	assert_int_equal(judge("migrate=11", migrate(10000, 12, 0.9)), GATE_TRIPS);
	assert_int_equal(judge("migrate=12", migrate(10000, 12, 0)), GATE_PASSES);
	assert_int_equal(judge("migrate=0", migrate(0, 1, 0)), GATE_TRIPS);
	assert_int_equal(judge("migrate=5%", migrate(0, 1, 0)), GATE_TRIPS);
}

static void a_spread_wider_than_the_threshold_is_undecided(void **state)
{
	(void)state;
	assert_int_equal(judge("migrate=11", migrate(10000, 12, 2)), GATE_UNDECIDED);
	assert_int_equal(judge("migrate=11", migrate(10000, 5, 50)), GATE_UNDECIDED);
}

static void what_is_better_never_trips(void **state)
{
	(void)state;
	assert_int_equal(judge("migrate=0", migrate(10000, -500, 3)), GATE_PASSES);
	assert_int_not_equal(judge("migrate=0", migrate(10000, -500, 5000)), GATE_TRIPS);
	assert_int_equal(judge("faults=0", faults(64, 0, 0)), GATE_PASSES);
}

static void faults_count_to_the_last_one(void **state)
{
	(void)state;
	assert_int_equal(judge("faults=0", faults(0, 0, 0)), GATE_PASSES);
	assert_int_equal(judge("faults=0", faults(0, 1, 1)), GATE_TRIPS);
	assert_int_equal(judge("faults=1", faults(0, 64, 64)), GATE_PASSES);
	assert_int_equal(judge("faults=1", faults(0, 65, 65)), GATE_TRIPS);
	assert_int_equal(judge("faults=0", faults(0, 0, 1)), GATE_UNDECIDED);	/* its trials disagree */
}

static void a_gate_minds_its_own_figure(void **state)
{
	struct difference line = migrate(10000, 12, 0);

	(void)state;
	assert_int_equal(judge("write=0", line), GATE_NOT_ITS);
	assert_int_equal(judge("faults=0", line), GATE_NOT_ITS);
	line.figure = FIGURE_MIGRATE_FIXED;
	assert_int_equal(judge("migrate=0", line), GATE_NOT_ITS);
}

static void what_is_missing_or_a_time_is_undecided(void **state)
{
	struct difference line = migrate(10000, 12, 0);

	(void)state;
	line.new.measured = false;
	assert_int_equal(judge("migrate=0", line), GATE_UNDECIDED);
	line.base.measured = false;
	assert_int_equal(judge("migrate=0", line), GATE_NOT_ITS);
	line = migrate(10000, 12, 0);
	line.verdict = VERDICT_NONE;
	assert_int_equal(judge("migrate=0", line), GATE_UNDECIDED);
}

static void a_figure_of_few_of_the_trials_never_passes(void **state)
{
	struct difference line = migrate(10000, 0, 0.1);

	(void)state;
	line.base.trials = line.base.of = line.new.of = 6;
	line.new.trials = 3;
	assert_int_equal(judge("migrate=1", line), GATE_PASSES);
	line.new.trials = 2;
	assert_int_equal(judge("migrate=1", line), GATE_UNDECIDED);
	line.change = 12;
	assert_int_equal(judge("migrate=1", line), GATE_TRIPS);
}

static void a_new_failure_trips_and_a_new_skip_is_undecided(void **state)
{
	static const struct {
		enum outcome base, new;
		enum gate_verdict verdict;
	} cases[] = {
		{ OUTCOME_OK, OUTCOME_OK, GATE_NOT_ITS }, { OUTCOME_OK, OUTCOME_FAIL, GATE_TRIPS },
		{ OUTCOME_SKIP, OUTCOME_FAIL, GATE_TRIPS }, { OUTCOME_FAIL, OUTCOME_FAIL, GATE_NOT_ITS },
		{ OUTCOME_OK, OUTCOME_SKIP, GATE_UNDECIDED }, { OUTCOME_OK, OUTCOME_BROKEN, GATE_UNDECIDED },
		{ OUTCOME_OK, OUTCOME_STATE_NOT_REACHED, GATE_UNDECIDED }, { OUTCOME_SKIP, OUTCOME_SKIP, GATE_NOT_ITS },
		{ OUTCOME_FAIL, OUTCOME_OK, GATE_NOT_ITS }, { OUTCOME_FAIL, OUTCOME_BROKEN, GATE_UNDECIDED },
		{ OUTCOME_FAIL, OUTCOME_SKIP, GATE_UNDECIDED }, { OUTCOME_SKIP, OUTCOME_BROKEN, GATE_NOT_ITS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cell base = { .worst = cases[i].base }, new = { .worst = cases[i].new };
		const struct difference line = { .figure = FIGURE_OUTCOME, .cell = &base, .new_cell = &new };

		assert_int_equal(gate_judge_outcome(&line), cases[i].verdict);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs_are_read),
		cmocka_unit_test(bad_specs_are_refused),
		cmocka_unit_test(what_exceeds_trips),
		cmocka_unit_test(a_spread_wider_than_the_threshold_is_undecided),
		cmocka_unit_test(what_is_better_never_trips),
		cmocka_unit_test(faults_count_to_the_last_one),
		cmocka_unit_test(a_gate_minds_its_own_figure),
		cmocka_unit_test(what_is_missing_or_a_time_is_undecided),
		cmocka_unit_test(a_figure_of_few_of_the_trials_never_passes),
		cmocka_unit_test(a_new_failure_trips_and_a_new_skip_is_undecided),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
