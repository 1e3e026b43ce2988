// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters over perf calls that a test makes up: each way to fail comes out as unavailable, with its reason, in the record. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "counters.h"
#include "env.h"
#include "reader.h"

/* ---- a kernel ---- */

#define FIRST_FD 100

static struct {
	int fits;		/* counters that the PMU has; opening more is -EINVAL */
	int open_error;		/* of each hardware event */
	bool running_short, error_state, short_read, read_error, no_ioctl;
	int nr_open, in_group, opened;
	uint64_t time;
	struct perf_event_attr last;
} fake;

static int fake_open(struct perf_event_attr *attr, int group_fd)
{
	fake.last = *attr;
	if (attr->type != PERF_TYPE_SOFTWARE && fake.open_error)
		return fake.open_error;
	if (group_fd < 0)
		fake.in_group = 0;
	if (fake.in_group == fake.fits)
		return -EINVAL;
	fake.in_group++;
	fake.nr_open++;
	return FIRST_FD + fake.opened++;
}

static int fake_ioctl(int fd, unsigned long request, unsigned long argument)
{
	(void)request;
	assert_true(fd >= FIRST_FD);
	assert_int_equal(argument, PERF_IOC_FLAG_GROUP);
	return fake.no_ioctl ? -EIO : 0;
}

static ssize_t fake_read(int fd, void *buffer, size_t size)
{
	uint64_t *words = buffer;
	size_t i, nr = size / sizeof(*words) - 3;

	(void)fd;
	if (fake.error_state)
		return 0;
	if (fake.read_error)
		return -EIO;
	fake.time += 1000;
	words[0] = nr;
	words[1] = fake.time;
	words[2] = fake.running_short ? fake.time / 2 : fake.time;
	for (i = 0; i < nr; i++)
		words[3 + i] = 10 * (i + 1);
	return fake.short_read ? (ssize_t)size - 8 : (ssize_t)size;
}

static int fake_close(int fd)
{
	assert_true(fd >= FIRST_FD);
	fake.nr_open--;
	return 0;
}

static const struct perf_calls calls = { fake_open, fake_ioctl, fake_read, fake_close };

/* ---- through to the record ---- */

static struct counters counters;
static json_t *env, *trial;
static char error[400];

static int fresh(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.fits = 8;
	counters_init(&counters, &calls);
	return 0;
}

static int away(void **state)
{
	(void)state;
	assert_int_equal(fake.nr_open, 0);
	json_decref(env);
	json_decref(trial);
	env = trial = NULL;
	return 0;
}

static void add(const char *set)
{
	if (counters_add(&counters, set, error, sizeof(error)))
		fail_msg("%s", error);
}

static void write_trial(const struct trial_record *r)
{
	struct record_sink sink = { .run = "test" };
	size_t len = 0;
	char *text = NULL;

	sink.file = open_memstream(&text, &len);
	assert_int_equal(record_write_trial(&sink, r), 0);
	fclose(sink.file);
	assert_true(len <= RECORD_LINE_MAX);
	if (record_parse_line(text, len - 1, &trial, error, sizeof(error)))
		fail_msg("%s", error);
	free(text);
}

static void fill(struct trial_record *r)
{
	trial_record_init(r);
	r->workload = "anon-private";
	r->policy = "vma";
	r->trigger = "move_pages";
	r->pages = 256;
	r->page_bytes = 4096;
}

/* As a trial does it. The record's strings are the counters'. */
static void run_trial(bool traced, unsigned turn, const char *why)
{
	struct counting counting;
	struct trial_record r;
	unsigned phase;

	fill(&r);
	counting_open(&counting, &counters, traced, turn, &r);
	counting_rehearse(&counting);
	for (phase = 0; phase < 2; phase++) {
		counting_start(&counting);
		counting_stop(&counting);
		counting_read(&counting, phase, phase ? NULL : why, &r);
	}
	counting_close(&counting);
	json_decref(trial);
	write_trial(&r);
}

static void try_and_run(void)
{
	counters_try(&counters, CLOCK_NS);
	json_decref(env);
	env = env_counters(&counters);
	run_trial(false, 0, NULL);
}

static const json_t *of_env(const char *name)
{
	json_t *counter;
	size_t i;

	json_array_foreach(env, i, counter)
		if (!strcmp(json_string_value(json_object_get(counter, "name")), name))
			return counter;
	fail_msg("no %s in the env line", name);
	return NULL;
}

static const char *why_of_env(const char *name)
{
	return json_string_value(json_object_get(of_env(name), "why"));
}

static json_t *figure(const char *phase, const char *name)
{
	json_t *counters_of = json_object_get(json_object_get(trial, phase), "counters");
	json_t *figure = json_object_get(counters_of, name);

	if (!figure)
		fail_msg("no %s in %s", name, phase);
	return figure;
}

static const char *why_of_trial(const char *key)
{
	return json_string_value(json_object_get(json_object_get(trial, "why"), key));
}

static void assert_says(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("'%s' does not say '%s'", text ? text : "(null)", part);
}

/* In both lines: no figure, and the reason. */
static void assert_unavailable(const char *name, const char *reason)
{
	assert_says(why_of_env(name), reason);
	assert_true(json_is_null(json_object_get(of_env(name), "overhead")));
	assert_true(json_is_null(figure("migrate", name)));
	assert_true(json_is_null(figure("write", name)));
	assert_says(why_of_trial("migrate.counters"), reason);
	assert_says(why_of_trial("write.counters"), reason);
}

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

static void bad_events_are_refused_with_what_is_wrong(void **state)
{
	char many[COUNTER_SET_TEXT_MAX + 10] = "";
	unsigned i;

	(void)state;
	assert_refused("nonsense", "'nonsense': event not found");
	assert_refused("perf::CYCLE", "event not found");
	assert_refused("CYCLE:u", "event not found");
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

#define CASE(test) cmocka_unit_test_setup_teardown(test, fresh, away)

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
		CASE(a_group_that_does_not_fit),
		CASE(multiplexing),
		CASE(an_error_state),
		CASE(a_short_read),
		CASE(an_error_of_open),
		CASE(software_events_are_counted_where_there_is_no_pmu),
		CASE(an_event_of_another_machine),
		CASE(a_failure_in_the_trial_alone),
		CASE(a_line_keeps_within_its_limit),
		CASE(bad_events_are_refused_with_what_is_wrong),
		CASE(too_many_are_refused),
		CASE(what_is_there_already_is_passed_over),
		CASE(raw_events_and_names_of_ones_own),
	};

	records_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
