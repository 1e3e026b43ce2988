// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters over perf calls that a test makes up: which events, on which trials, and what is refused. */
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

/* ---- what is counted ---- */

static void user_and_kernel_are_counted_apart(void **state)
{
	(void)state;
	add("perf::CYCLES,perf::INSTRUCTIONS:k");
	assert_int_equal(counters.nr, 3);
	assert_string_equal(counters.all[0].name, "CYCLES:u");
	assert_true(counters.all[0].attr.exclude_kernel && !counters.all[0].attr.exclude_user);
	assert_string_equal(counters.all[1].name, "CYCLES:k");
	assert_true(!counters.all[1].attr.exclude_kernel && counters.all[1].attr.exclude_user);
	assert_string_equal(counters.all[2].name, "INSTRUCTIONS:k");
	assert_true(counters.all[2].attr.exclude_guest && counters.all[2].attr.exclude_hv);
	try_and_run();
	assert_null(why_of_env("CYCLES:u"));
	assert_int_equal(json_integer_value(json_object_get(figure("migrate", "CYCLES:u"), "value")), 10);
	assert_int_equal(json_integer_value(json_object_get(figure("write", "INSTRUCTIONS:k"), "value")), 30);
	assert_int_equal(json_integer_value(json_object_get(figure("write", "CYCLES:k"), "running_ns")), 1000);
	assert_int_equal(json_integer_value(json_object_get(of_env("CYCLES:k"), "overhead")), 20);
	assert_null(why_of_trial("migrate.counters"));
}

static void the_leader_is_pinned_and_stopped_and_nobody_else(void **state)
{
	struct counting counting;
	struct trial_record r;

	(void)state;
	fill(&r);
	add("perf::CYCLES:u");
	counting_open(&counting, &counters, false, 0, &r);
	assert_true(fake.last.pinned && fake.last.disabled);
	assert_int_equal(fake.last.read_format, PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
			 PERF_FORMAT_TOTAL_TIME_RUNNING);
	counting_close(&counting);
	add("perf::CYCLES:u,perf::INSTRUCTIONS:u");
	fill(&r);
	counting_open(&counting, &counters, false, 1, &r);
	assert_false(fake.last.pinned || fake.last.disabled);
	counting_close(&counting);
}

static void events_without_levels_are_counted_once(void **state)
{
	(void)state;
	add("perf::CONTEXT-SWITCHES,migrate:mm_migrate_pages,perf::CPU-CLOCK");
	assert_int_equal(counters.nr, 3);
	assert_string_equal(counters.all[0].name, "CONTEXT-SWITCHES");
	assert_false(counters.all[0].attr.exclude_kernel || counters.all[0].attr.exclude_user);
	assert_string_equal(counters.all[1].name, "migrate:mm_migrate_pages");
	assert_int_equal(counters.all[1].kind, COUNTER_TRACEPOINT);
}

static void software_rides_on_twins_and_hardware_on_timed_trials(void **state)
{
	(void)state;
	add("perf::CYCLES,perf::PAGE-FAULTS");
	add("perf::CONTEXT-SWITCHES");
	try_and_run();
	assert_int_equal(json_object_size(json_object_get(json_object_get(trial, "write"), "counters")), 2);
	figure("write", "CYCLES:u");
	run_trial(true, 0, NULL);
	assert_int_equal(json_object_size(json_object_get(json_object_get(trial, "write"), "counters")), 3);
	figure("write", "PAGE-FAULTS:k");
	figure("write", "CONTEXT-SWITCHES");
}

static void sets_take_turns(void **state)
{
	(void)state;
	add("perf::CYCLES:u");
	add("perf::INSTRUCTIONS:u");
	add("perf::BRANCHES:u");
	try_and_run();
	figure("write", "CYCLES:u");
	run_trial(false, 1, NULL);
	figure("write", "INSTRUCTIONS:u");
	run_trial(false, 2, NULL);
	figure("write", "BRANCHES:u");
	run_trial(false, 3, NULL);
	figure("write", "CYCLES:u");
}

static void a_set_that_cannot_run_has_no_turn(void **state)
{
	(void)state;
	fake.fits = 2;
	add("perf::CYCLES,perf::INSTRUCTIONS");
	add("perf::BRANCHES");
	try_and_run();
	assert_says(why_of_env("CYCLES:u"), "does not fit");
	figure("write", "BRANCHES:u");
	run_trial(false, 1, NULL);
	assert_false(json_is_null(figure("write", "BRANCHES:k")));
}

static void what_means_nothing_is_null_with_its_reason(void **state)
{
	(void)state;
	add("perf::CYCLES");
	try_and_run();
	run_trial(false, 0, "a worker did it");
	assert_true(json_is_null(figure("migrate", "CYCLES:u")));
	assert_string_equal(why_of_trial("migrate.counters"), "a worker did it");
	assert_false(json_is_null(figure("write", "CYCLES:u")));
}

/* ---- what a line holds ---- */

static void a_line_keeps_within_its_limit(void **state)
{
	struct trial_record r;
	unsigned i, phase;

	(void)state;
	add("A234567890123456789012345678901234567890123456789012345678901=perf::CYCLES:u");
	fill(&r);
	for (i = 0; i < RECORD_COUNTERS_MAX; i++) {
		char *name = strdup(counters.all[0].name);

		name[0] += i;
		trial_record_counter(&r, name);
		for (phase = 0; phase < 2; phase++)
			r.counters[i].in[phase] = (struct record_count){ INT64_MAX, INT64_MAX, INT64_MAX };
	}
	write_trial(&r);
	assert_true(json_is_null(figure("write", r.counters[0].name)));
	assert_says(why_of_trial("write.counters"), "no room");
	for (i = 0; i < RECORD_COUNTERS_MAX; i++)
		free((char *)r.counters[i].name);
}

/* ---- what is refused ---- */

static void assert_refused(const char *set, const char *says)
{
	if (!counters_add(&counters, set, error, sizeof(error)))
		fail_msg("'%s' was taken", set);
	assert_says(error, says);
	assert_null(strchr(error, '\n'));
}

static void one_name_is_one_event(void **state)
{
	(void)state;
	add("a=perf::PAGE-FAULTS,b=perf::CYCLES,migrate:mm_migrate_pages");
	add("a=perf::PAGE-FAULTS,b=perf::CYCLES,migrate:mm_migrate_pages");
	assert_refused("a=perf::MINOR-FAULTS", "'a': another event goes by this name");
	fresh(state);
	add("b=perf::CYCLES");
	assert_refused("b=perf::INSTRUCTIONS", "another event goes by this name");	/* in another set, too */
	fresh(state);
	assert_refused("a=perf::PAGE-FAULTS,a=perf::CONTEXT-SWITCHES,a=migrate:mm_migrate_pages", "another event");
	fresh(state);
	assert_refused("skx::INSTRUCTION_RETIRED,icx::INSTRUCTION_RETIRED", "another event");
}

static void bad_events_are_refused_with_what_is_wrong(void **state)
{
	char many[COUNTER_SET_TEXT_MAX + 10] = "";
	unsigned i;

	(void)state;
	assert_refused("nonsense", "'nonsense': event not found");
	assert_refused("perf::CYCLE", "event not found");
	assert_refused("CYCLE:u", "event not found");
	assert_refused("cycles:fast", "invalid event attribute");
	assert_refused("skx::DTLB_STORE_MISSES:WALK_COMPLETE", "invalid event attribute");
	assert_refused("perf::CYCLES,", "an event is missing");
	assert_refused("", "an event is missing");
	assert_refused("name=", "an event is missing");
	assert_refused("perf::CYCLES period", "printable characters");
	assert_refused("perf::\033[31m", "printable characters");
	assert_refused("perf::CYCLES:period=100", "for sampling");
	assert_refused("perf::CYCLES:freq=100", "for sampling");
	assert_refused("perf::CYCLES:precise=2", "for sampling");
	assert_refused("perf::CYCLES:cpu=1", "its own thread");
	assert_refused("perf::CYCLES:excl", "excl is for");
	assert_refused("perf::PAGE-FAULTS:u=0:k=0", "neither user nor kernel");
	assert_refused("perf::CONTEXT-SWITCHES:u", "does not tell user and kernel apart");
	for (i = 0; i < 9; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%sn%u=perf::CYCLES", i ? "," : "", i);
	assert_refused(many, "too many events in one set");
	memset(many, 'a', COUNTER_SET_TEXT_MAX);
	assert_refused(many, "at most 1023 characters");
	fresh(state);
	memcpy(many + COUNTER_NAME_MAX - 10, "=perf::CYCLES", 14);
	add(many);
	memset(many, 'a', COUNTER_NAME_MAX);
	memcpy(many + COUNTER_NAME_MAX, "=perf::CYCLES", 14);
	assert_refused(many, "longer than 61 characters");
}

static void too_many_are_refused(void **state)
{
	char one[40];
	unsigned i;

	(void)state;
	for (i = 0; i < COUNTER_SETS_MAX; i++) {
		snprintf(one, sizeof(one), "n%u=perf::CYCLES:u", i);
		add(one);
	}
	assert_refused("perf::CYCLES", "at most 16 sets");
	fresh(state);
	for (i = 0; i < 8; i++) {
		snprintf(one, sizeof(one), "n%u=perf::PAGE-FAULTS", i);
		add(one);
	}
	assert_refused("more=perf::PAGE-FAULTS", "too many software events");
}

static void what_is_there_already_is_passed_over(void **state)
{
	(void)state;
	add("perf::PAGE-FAULTS,perf::PAGE-FAULTS");
	add("perf::PAGE-FAULTS,perf::CYCLES,perf::CYCLES");
	assert_int_equal(counters.nr, 4);
	add("perf::CYCLES");
	assert_int_equal(counters.nr, 6);
}

static void raw_events_and_names_of_ones_own(void **state)
{
	(void)state;
	add("walks=perf_raw::rf045:u,perf_raw::r1ff");
	assert_string_equal(counters.all[0].name, "walks");
	assert_int_equal(counters.all[0].attr.config, 0xf045);
	assert_int_equal(counters.all[0].attr.type, PERF_TYPE_RAW);
	assert_says(counters.all[0].event, "perf_raw::rf045:u=1:k=0");
	assert_string_equal(counters.all[1].name, "r1ff:u");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(user_and_kernel_are_counted_apart),
		CASE(the_leader_is_pinned_and_stopped_and_nobody_else),
		CASE(events_without_levels_are_counted_once),
		CASE(software_rides_on_twins_and_hardware_on_timed_trials),
		CASE(sets_take_turns),
		CASE(a_set_that_cannot_run_has_no_turn),
		CASE(what_means_nothing_is_null_with_its_reason),
		CASE(a_line_keeps_within_its_limit),
		CASE(one_name_is_one_event),
		CASE(bad_events_are_refused_with_what_is_wrong),
		CASE(too_many_are_refused),
		CASE(what_is_there_already_is_passed_over),
		CASE(raw_events_and_names_of_ones_own),
	};

	records_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
