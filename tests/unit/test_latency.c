// SPDX-License-Identifier: GPL-2.0-or-later
/* The latency of single writes: their clock, the histogram's error, and batch beside in the record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "reader.h"
#include "sample_clock.h"
#include "stats.h"

/* ---- the clock ---- */

static void a_tick_of_the_exact_lab_is_an_instruction(void **state)
{
	struct sample_clock clock;

	(void)state;
	sample_clock_choose(&clock, CLOCK_INSN);
	assert_int_equal(clock.source, SAMPLE_RDTSC);
	assert_null(clock.why);
	assert_int_equal(sample_ticks_to_units(&clock, 12345), 12345);
}

static void ticks_become_the_nearest_nanosecond(void **state)
{
	const struct sample_clock clock = { .source = SAMPLE_FENCED, .khz = 2596120 };

	(void)state;
	assert_int_equal(sample_ticks_to_units(&clock, 0), 0);
	assert_int_equal(sample_ticks_to_units(&clock, 1), 0);		/* 0.39 ns */
	assert_int_equal(sample_ticks_to_units(&clock, 2), 1);		/* 0.77 ns */
	assert_int_equal(sample_ticks_to_units(&clock, 2596120), 1000000);
	assert_int_equal(sample_ticks_to_units(&clock, UINT64_C(2596120) * 3600000), UINT64_C(3600000) * 1000000);
}

/* The TSC against the clock, over a time that calibration did not see; where this machine has none, the reason. */
static void the_clock_runs_as_fast_as_it_says(void **state)
{
	const struct timespec pause = { 0, 50000000 };
	uint64_t ns, ticks, took, off;
	struct sample_clock clock;

	(void)state;
	sample_clock_choose(&clock, CLOCK_NS);
	assert_true((clock.source == SAMPLE_CLOCK_GETTIME) == (clock.why != NULL));
	ns = clock_ns(CLOCK_MONOTONIC_RAW);
	ticks = clock.source == SAMPLE_FENCED ? sample_now(SAMPLE_FENCED) : sample_now(SAMPLE_CLOCK_GETTIME);
	nanosleep(&pause, NULL);
	ticks = (clock.source == SAMPLE_FENCED ? sample_now(SAMPLE_FENCED) : sample_now(SAMPLE_CLOCK_GETTIME)) - ticks;
	ns = clock_ns(CLOCK_MONOTONIC_RAW) - ns;
	took = sample_ticks_to_units(&clock, ticks);
	off = took > ns ? took - ns : ns - took;
	assert_true(off < ns / 100);	/* wide: this thread may be preempted between two readings */
}

/* ---- the histogram ---- */

static void no_sample_lies_beyond_the_bound(void **state)
{
	uint64_t samples[4096], copy[4096], error, low;
	struct distribution d;
	unsigned bits, b;
	size_t i;

	(void)state;
	srandom(1);
	for (i = 0; i < 4096; i++)
		copy[i] = samples[i] = (uint64_t)random() >> (random() % 20);
	distribution_from_samples(&d, samples, 4096);
	for (bits = HIST_BITS; bits; bits--) {
		distribution_coarsen(&d, bits);
		error = distribution_error_milli(&d);
		assert_true(error >= 125 && error <= 1000);
		for (i = 0; i < 4096; i++) {
			for (b = 0, low = 0; b < d.nr_buckets && d.hist[b].low <= copy[i]; b++)
				low = d.hist[b].low;
			assert_true((copy[i] - low) * 1000 <= low * error);
		}
	}
	distribution_coarsen(&d, 0);
	assert_true(distribution_error_milli(&d) == NOT_MEASURED);
}

static void the_bound_is_that_of_the_width(void **state)
{
	uint64_t samples[] = { 100, 101, 120, 1000 };
	struct distribution d;

	(void)state;
	distribution_from_samples(&d, samples, 4);
	assert_int_equal(distribution_error_milli(&d), 125);
	distribution_coarsen(&d, 2);
	assert_int_equal(distribution_error_milli(&d), 500);
	distribution_from_samples(&d, samples, 0);
	assert_true(distribution_error_milli(&d) == NOT_MEASURED);
}

/* ---- batch, in the record ---- */

static json_t *record_of(const struct batch *batch)
{
	struct record_sink sink = { .run = "test-run" };
	struct trial_record r;
	char *text, error[200];
	json_t *object = NULL;
	size_t len;

	trial_record_init(&r);
	r.workload = "anon-private";
	r.policy = "vma";
	r.trigger = "move_pages";
	r.pages = 256;
	r.page_bytes = 4096;
	r.batch = *batch;
	sink.file = open_memstream(&text, &len);
	assert_int_equal(record_write_trial(&sink, &r), 0);
	fclose(sink.file);
	if (record_parse_line(text, len - 1, &object, error, sizeof(error)))
		fail_msg("%s", error);
	free(text);
	return object;
}

static json_int_t difference_of(json_t *object)
{
	json_t *difference = json_object_get(json_object_get(json_object_get(object, "write"), "batch"), "difference_milli");
	json_int_t value = json_integer_value(difference);

	assert_true(json_is_integer(difference));
	json_decref(object);
	return value;
}

static void the_difference_is_a_pages(void **state)
{
	const struct batch dearer = { .pages = 128, .elapsed = 888, .sampled_pages = 128, .sampled_elapsed = 2077 };
	const struct batch cheaper = { .pages = 100, .elapsed = 1000, .sampled_pages = 50, .sampled_elapsed = 475 };

	(void)state;
	assert_int_equal(difference_of(record_of(&dearer)), 16226 - 6937);
	assert_int_equal(difference_of(record_of(&cheaper)), -500);
}

static void no_batch_is_null_with_a_reason(void **state)
{
	json_t *object = record_of(&batch_not_measured), *why = json_object_get(object, "why");

	(void)state;
	assert_true(json_is_null(json_object_get(json_object_get(object, "write"), "batch")));
	assert_non_null(json_object_get(why, "write"));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tick_of_the_exact_lab_is_an_instruction),
		cmocka_unit_test(ticks_become_the_nearest_nanosecond),
		cmocka_unit_test(the_clock_runs_as_fast_as_it_says),
		cmocka_unit_test(no_sample_lies_beyond_the_bound),
		cmocka_unit_test(the_bound_is_that_of_the_width),
		cmocka_unit_test(the_difference_is_a_pages),
		cmocka_unit_test(no_batch_is_null_with_a_reason),
	};

	records_init();
	return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
