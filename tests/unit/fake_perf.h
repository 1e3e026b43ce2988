/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Perf calls of a kernel that is made up, and counters through to the record. Included once, after cmocka.h. */
#ifndef WBIT_TEST_FAKE_PERF_H
#define WBIT_TEST_FAKE_PERF_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	assert_true(fd >= FIRST_FD);
	assert_int_equal(argument, request == PERF_EVENT_IOC_RESET ? PERF_IOC_FLAG_GROUP : 0);	/* what is switched is the leader */
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

#define CASE(test) cmocka_unit_test_setup_teardown(test, fresh, away)

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
__attribute__((unused)) static void assert_unavailable(const char *name, const char *reason)
{
	assert_says(why_of_env(name), reason);
	assert_true(json_is_null(json_object_get(of_env(name), "overhead")));
	assert_true(json_is_null(figure("migrate", name)));
	assert_true(json_is_null(figure("write", name)));
	assert_says(why_of_trial("migrate.counters"), reason);
	assert_says(why_of_trial("write.counters"), reason);
}

#endif
