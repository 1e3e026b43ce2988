// SPDX-License-Identifier: GPL-2.0-or-later
/* Each way in which perf calls fail comes out as unavailable, with its reason, in the record. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake_perf.h"

/* ---- what goes wrong ---- */

static void a_group_that_does_not_fit(void **state)
{
	(void)state;
	fake.fits = 3;
	add("perf::CYCLES,perf::INSTRUCTIONS");
	try_and_run();
	assert_unavailable("CYCLES:u", "does not fit this PMU: its 4 counters are too many at once");
	assert_unavailable("INSTRUCTIONS:k", "does not fit this PMU");
}

static void multiplexing(void **state)
{
	(void)state;
	fake.running_short = true;
	add("perf::CYCLES");
	try_and_run();
	assert_unavailable("CYCLES:u", "multiplexed");
}

static void an_error_state(void **state)
{
	(void)state;
	fake.error_state = true;
	add("perf::CYCLES");
	try_and_run();
	assert_unavailable("CYCLES:k", "an error state");
}

static void a_short_read(void **state)
{
	(void)state;
	fake.short_read = true;
	add("perf::CYCLES");
	try_and_run();
	assert_unavailable("CYCLES:k", "a short read");
}

static void an_error_of_open(void **state)
{
	static const struct {
		int err;
		const char *says;
	} cases[] = {
		{ -EACCES, "kernel.perf_event_paranoid is " }, { -EPERM, "run as root" }, { -ENOENT, "no PMU" },
		{ -EOPNOTSUPP, "no PMU" }, { -ENODEV, "no PMU" }, { -EMFILE, "too many open files" },
		{ -EINVAL, "does not count it for one thread" }, { -EBUSY, "for itself" }, { -ENOMEM, "it cannot be opened: " },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(state);
		fake.open_error = cases[i].err;
		add("perf::CYCLES");
		try_and_run();
		assert_unavailable("CYCLES:u", cases[i].says);
		assert_unavailable("CYCLES:k", cases[i].says);
	}
}

static void software_events_are_counted_where_there_is_no_pmu(void **state)
{
	(void)state;
	fake.open_error = -ENOENT;
	add("perf::CYCLES,perf::PAGE-FAULTS");
	try_and_run();
	assert_unavailable("CYCLES:u", "no PMU");
	assert_null(why_of_env("PAGE-FAULTS:u"));
	run_trial(true, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(figure("write", "PAGE-FAULTS:k"), "value")), 20);
}

static void an_event_of_another_machine(void **state)
{
	(void)state;
	add("knm::INSTRUCTION_RETIRED,perf::CYCLES");	/* no machine that wbit runs on has this PMU */
	try_and_run();
	assert_says(why_of_env("INSTRUCTION_RETIRED:u"), "no PMU: this CPU's is not knm");
	assert_true(json_is_null(figure("write", "INSTRUCTION_RETIRED:u")));
	assert_int_equal(json_integer_value(json_object_get(figure("write", "CYCLES:u"), "value")), 10);
	assert_says(why_of_trial("write.counters"), "not knm");
}

/* All was well when it was tried, and then it is not. */
static void a_failure_in_the_trial_alone(void **state)
{
	static const struct {
		bool *flag;
		int *err, value;
		const char *says;
	} cases[] = {
		{ &fake.running_short, NULL, 0, "multiplexed" }, { &fake.error_state, NULL, 0, "an error state" },
		{ &fake.short_read, NULL, 0, "a short read" }, { &fake.read_error, NULL, 0, "could not be read" },
		{ &fake.no_ioctl, NULL, 0, "could not be st" },
		{ NULL, &fake.open_error, -EMFILE, "too many open files" }, { NULL, &fake.open_error, -EPERM, "not permitted" },
		{ NULL, &fake.open_error, -ENODEV, "no PMU" }, { NULL, &fake.fits, 1, "did not fit" },
		{ NULL, &fake.open_error, -ENOMEM, "could not be opened" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fresh(state);
		add("perf::CYCLES");
		try_and_run();
		assert_null(why_of_env("CYCLES:u"));
		if (cases[i].flag)
			*cases[i].flag = true;
		else
			*cases[i].err = cases[i].value;
		run_trial(false, 0, NULL);
		assert_true(json_is_null(figure("migrate", "CYCLES:u")));
		assert_true(json_is_null(figure("write", "CYCLES:k")));
		assert_says(why_of_trial("migrate.counters"), cases[i].says);
		assert_says(why_of_trial("write.counters"), cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_group_that_does_not_fit),
		CASE(multiplexing),
		CASE(an_error_state),
		CASE(a_short_read),
		CASE(an_error_of_open),
		CASE(software_events_are_counted_where_there_is_no_pmu),
		CASE(an_event_of_another_machine),
		CASE(a_failure_in_the_trial_alone),
	};

	records_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
