// SPDX-License-Identifier: GPL-2.0-or-later
/* The writing side of records, read back as text and as JSON. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "reader.h"
#include "record.h"
#include "stats.h"

struct memory_sink {
	struct record_sink sink;
	char *text;
	size_t len;
};

static void open_memory(struct memory_sink *m)
{
	memset(m, 0, sizeof(*m));
	m->sink.file = open_memstream(&m->text, &m->len);
	m->sink.run = "test-run";
	assert_non_null(m->sink.file);
}

static void close_memory(struct memory_sink *m)
{
	fclose(m->sink.file);
	free(m->text);
}

static void a_trial(struct trial_record *r)
{
	trial_record_init(r);
	r->workload = "anon-private";
	r->policy = "vma";
	r->trigger = "move_pages";
	r->pages = 256;
	r->page_bytes = 4096;
	r->to = 1;
	r->threads = 1;
	r->clock = CLOCK_INSN;
}

/* The one line written so far, parsed by the strict reader: what is written must be readable. */
static json_t *read_back(const struct memory_sink *m)
{
	char error[200] = "";
	json_t *object;

	assert_true(m->len > 0);
	assert_int_equal(m->text[m->len - 1], '\n');
	assert_null(memchr(m->text, '\n', m->len - 1));
	if (record_parse_line(m->text, m->len - 1, &object, error, sizeof(error)))
		fail_msg("%s", error);
	return object;
}

static const char *why(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(json_object_get(object, "why"), key));
}

static json_t *write_and_read(struct memory_sink *m, const struct trial_record *r)
{
	open_memory(m);
	assert_int_equal(record_write_trial(&m->sink, r), 0);
	return read_back(m);
}

static void keys_stand_in_the_order_of_the_format(void **state)
{
	static const char *const order[] = {
		"type", "run", "workload", "policy", "source", "trigger", "pages", "page_bytes", "from", "to",
		"threads", "clock", "block", "order", "start_ns", "traced", "outcome", "reason", "migrated", "failed", "w_before",
		"w_after", "dirty_after", "young_after", "restored", "entries", "expected", "faults", "migrate", "write",
		"why", NULL
	};
	static const char *const in_write[] = {
		"elapsed", "oncpu", "ticks", "waits", "p50", "p90", "p99", "p999", "max", "hist", "hist_error_milli",
		"batch", "counters", NULL
	};
	struct memory_sink m;
	struct trial_record r;
	json_t *object, *value;
	const char *key;
	unsigned i = 0;

	(void)state;
	a_trial(&r);
	object = write_and_read(&m, &r);
	json_object_foreach(object, key, value)
		assert_string_equal(key, order[i++]);
	assert_null(order[i]);
	i = 0;
	json_object_foreach(json_object_get(object, "write"), key, value)
		assert_string_equal(key, in_write[i++]);
	assert_null(in_write[i]);
	json_decref(object);
	close_memory(&m);
}

static void what_was_not_measured_is_null_with_a_reason(void **state)
{
	static const char *const keys[] = { "migrated", "failed", "w_before", "w_after", "dirty_after", "young_after",
					    "restored", "entries", "expected", "faults", "migrate", "write" };
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	object = write_and_read(&m, &r);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_non_null(why(object, keys[i]));
	assert_int_equal(json_object_size(json_object_get(object, "why")), sizeof(keys) / sizeof(keys[0]));
	assert_string_equal(why(object, "faults"), "not measured");
	assert_string_equal(why(object, "expected"), "not predicted");
	assert_true(json_is_null(json_object_get(object, "w_before")));
	assert_true(json_is_null(json_object_get(json_object_get(object, "write"), "hist")));
	assert_true(record_count(object, "faults.reuse") == NOT_MEASURED);
	json_decref(object);
	close_memory(&m);
}

static void a_null_in_a_group_is_explained_alone(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	r.migrate.elapsed = 10;
	r.migrate.oncpu = 9;
	r.migrate.waits = 0;
	r.faults.write_protect = 0;
	trial_record_why(&r, "faults.reuse", "no /proc/vmstat");
	trial_record_why(&r, "write", "a traced trial is not timed");
	object = write_and_read(&m, &r);
	assert_string_equal(why(object, "migrate.ticks"), "not measured");
	assert_null(why(object, "migrate"));
	assert_null(why(object, "migrate.elapsed"));
	assert_string_equal(why(object, "faults.reuse"), "no /proc/vmstat");
	assert_string_equal(why(object, "faults.userfault"), "not measured");
	assert_null(why(object, "faults.write_protect"));
	assert_string_equal(why(object, "write"), "a traced trial is not timed");
	assert_null(why(object, "write.p50"));
	assert_int_equal(record_count(object, "migrate.waits"), 0);
	json_decref(object);
	close_memory(&m);
}

static void one_reason_can_cover_all(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	trial_record_why(&r, WHY_ALL, "the trial did not come to its end");
	object = write_and_read(&m, &r);
	assert_int_equal(json_object_size(json_object_get(object, "why")), 1);
	json_decref(object);
	close_memory(&m);
}

static void the_first_reason_stays_and_too_many_do_no_harm(void **state)
{
	static char keys[WHY_MAX + 8][16];
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	trial_record_why(&r, "w_after", "first");
	trial_record_why(&r, "w_after", "second");
	for (unsigned i = 0; i < WHY_MAX + 8; i++) {
		snprintf(keys[i], sizeof(keys[i]), "extra_%u", i);
		trial_record_why(&r, keys[i], "?");
	}
	assert_int_equal(r.nr_why, WHY_MAX);
	object = write_and_read(&m, &r);
	assert_string_equal(why(object, "w_after"), "first");
	json_decref(object);
	close_memory(&m);
}

static void idle_emulation_is_said_only_where_it_was(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	object = write_and_read(&m, &r);
	assert_null(json_object_get(object, "emulation_idle"));
	assert_null(json_object_get(object, "kernel_policy"));
	json_decref(object);
	close_memory(&m);
	r.source = SOURCE_EMULATED;
	r.emulation_idle = true;
	r.kernel_policy = "vma";
	object = write_and_read(&m, &r);
	assert_true(record_flag(object, "emulation_idle"));
	assert_non_null(strstr(m.text, "\"source\":\"emulated\",\"kernel_policy\":\"vma\",\"emulation_idle\":true,\"trigger\""));
	json_decref(object);
	close_memory(&m);
}

static void a_crosscheck_is_said_only_where_there_was_one(void **state)
{
	struct trial_record r;
	struct memory_sink m;
	json_t *object, *check;

	(void)state;
	a_trial(&r);
	object = write_and_read(&m, &r);
	assert_null(json_object_get(object, "crosscheck"));
	json_decref(object);
	close_memory(&m);
	r.crosscheck = (struct crosscheck){ "perf trace", NOT_MEASURED, 256 };
	trial_record_why(&r, "crosscheck.faults", "perf trace lost events");
	object = write_and_read(&m, &r);
	check = json_object_get(object, "crosscheck");
	assert_string_equal(json_string_value(json_object_get(check, "tool")), "perf trace");
	assert_true(json_is_null(json_object_get(check, "faults")));
	assert_int_equal(json_integer_value(json_object_get(check, "expected")), 256);
	assert_string_equal(why(object, "crosscheck.faults"), "perf trace lost events");
	json_decref(object);
	close_memory(&m);
}

static void figures_above_a_signed_integer_are_not_written_as_negative(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	r.start_ns = (uint64_t)INT64_MAX + 1;
	r.migrate.elapsed = UINT64_MAX - 1;
	r.w_before = INT64_MAX;
	object = write_and_read(&m, &r);
	assert_null(strstr(m.text, ":-"));
	assert_string_equal(why(object, "start_ns"), "out of range");
	assert_string_equal(why(object, "migrate.elapsed"), "out of range");
	assert_true(record_count(object, "w_before") == INT64_MAX);
	json_decref(object);
	close_memory(&m);
}

static void a_line_stays_short_whatever_is_in_it(void **state)
{
	static const char long_reason[] =
		"a reason that goes on and on, about counters that this kernel does not have, files that cannot be opened, "
		"privileges that are missing, and what else a kernel may refuse to tell a program about itself";
	static const char *const keys[] = { "migrated", "failed", "w_before", "w_after", "dirty_after", "young_after",
		"entries.read", "entries.read_exclusive", "entries.write", "faults.reuse", "faults.userfault",
		"migrate.ticks", "migrate.waits", "write.ticks", "write.waits", "expected.faults", "expected.kind",
		"faults.page_faults", "faults.write_protect" };
	struct memory_sink m;
	struct trial_record r;
	json_t *object, *hist, *bucket;
	uint64_t total = 0;
	size_t i;

	(void)state;
	a_trial(&r);
	memset(r.reason, '\1', sizeof(r.reason) - 1);	/* each becomes \u0001 */
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		trial_record_why(&r, keys[i], long_reason);
	r.write.elapsed = r.latency.p50 = r.latency.max = INT64_MAX;
	r.latency.nr_buckets = HIST_BUCKETS;
	for (i = 0; i < HIST_BUCKETS; i++) {
		r.latency.hist[i].low = (UINT64_C(1) << 62) + i * (UINT64_C(1) << 55);
		r.latency.hist[i].count = UINT64_C(1000000000000000) + i;
	}
	object = write_and_read(&m, &r);
	assert_true(m.len <= RECORD_LINE_MAX);
	hist = json_object_get(json_object_get(object, "write"), "hist");
	json_array_foreach(hist, i, bucket)
		total += (uint64_t)json_integer_value(json_array_get(bucket, 1));
	assert_true(total == HIST_BUCKETS * UINT64_C(1000000000000000) + HIST_BUCKETS * (HIST_BUCKETS - 1) / 2);
	json_decref(object);
	close_memory(&m);
}

static void a_name_that_cannot_fit_is_an_error_and_no_line(void **state)
{
	static char name[2 * RECORD_LINE_MAX];
	struct memory_sink m;
	struct trial_record r;

	(void)state;
	open_memory(&m);
	a_trial(&r);
	memset(name, 'x', sizeof(name) - 1);
	r.workload = name;
	assert_int_equal(record_write_trial(&m.sink, &r), -EMSGSIZE);
	assert_int_equal(m.sink.error, -EMSGSIZE);
	r.workload = NULL;
	assert_int_equal(record_write_trial(&m.sink, &r), -EINVAL);
	fflush(m.sink.file);
	assert_int_equal(m.len, 0);
	assert_int_equal(m.sink.tally.trials, 0);
	close_memory(&m);
}

static void text_that_is_no_utf8_is_still_a_line(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	json_t *object;

	(void)state;
	a_trial(&r);
	strcpy(r.reason, "open(\"/tmp/\xff\x80\"): \x1b[31mno\n");
	object = write_and_read(&m, &r);
	assert_string_equal(record_string(object, "reason", NULL), "open(\"/tmp/\?\?\"): \x1b[31mno\n");
	for (size_t i = 0; i + 1 < m.len; i++)
		assert_in_range(m.text[i], ' ', '~');
	json_decref(object);
	close_memory(&m);
}

static void an_env_line_begins_with_type_schema_and_run(void **state)
{
	struct memory_sink m;
	json_t *object;

	(void)state;
	open_memory(&m);
	object = json_pack("{s:s, s:s, s:s, s:s}", "kernel", "6.1", "platform", "vm", "clock", "ns", "run", "not this");
	assert_int_equal(record_write_env(&m.sink, object), 0);
	assert_string_equal(m.text, "{\"type\":\"env\",\"schema\":0,\"run\":\"test-run\",\"kernel\":\"6.1\","
				    "\"platform\":\"vm\",\"clock\":\"ns\"}\n");
	json_decref(read_back(&m));
	close_memory(&m);
}

static void the_end_line_counts_what_was_written(void **state)
{
	struct memory_sink m;
	struct trial_record r;
	const char *last;

	(void)state;
	open_memory(&m);
	a_trial(&r);
	for (unsigned outcome = 0; outcome < NR_OUTCOMES; outcome++) {
		r.outcome = outcome;
		assert_int_equal(record_write_trial(&m.sink, &r), 0);
	}
	r.outcome = OUTCOME_OK;
	record_write_trial(&m.sink, &r);
	assert_int_equal(record_write_end(&m.sink, "interrupted"), 0);
	last = strstr(m.text, "{\"type\":\"end\"");
	assert_string_equal(last, "{\"type\":\"end\",\"run\":\"test-run\",\"trials\":6,\"ok\":2,\"fail\":1,"
				  "\"state_not_reached\":1,\"broken\":1,\"skip\":1,\"cut_short\":\"interrupted\"}\n");
	close_memory(&m);
}

static void a_full_disk_is_an_error_that_stays(void **state)
{
	struct record_sink sink = { .run = "test-run" };
	struct trial_record r;

	(void)state;
	sink.file = fopen("/dev/full", "w");
	if (!sink.file)
		skip();
	a_trial(&r);
	assert_int_equal(record_write_trial(&sink, &r), -ENOSPC);
	assert_int_equal(sink.error, -ENOSPC);
	assert_int_equal(sink.tally.trials, 0);
	assert_int_equal(record_write_end(&sink, NULL), -ENOSPC);
	assert_int_equal(record_write_env(&sink, json_object()), -ENOSPC);
	fclose(sink.file);
}

static void an_object_too_long_to_be_read_again_is_refused(void **state)
{
	static char text[READER_LINE_MAX];
	struct memory_sink m;
	json_t *object;

	(void)state;
	open_memory(&m);
	memset(text, 'x', sizeof(text) - 1);
	object = json_pack("{s:s}", "type", text);
	assert_int_equal(record_write_object(&m.sink, object), -EMSGSIZE);
	json_decref(object);
	close_memory(&m);
}

static void equal_records_give_equal_bytes(void **state)
{
	struct memory_sink a, b;
	struct trial_record r;

	(void)state;
	a_trial(&r);
	trial_record_why(&r, "w_after", "?");
	json_decref(write_and_read(&a, &r));
	json_decref(write_and_read(&b, &r));
	assert_string_equal(a.text, b.text);
	close_memory(&a);
	close_memory(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_stand_in_the_order_of_the_format),
		cmocka_unit_test(what_was_not_measured_is_null_with_a_reason),
		cmocka_unit_test(a_null_in_a_group_is_explained_alone),
		cmocka_unit_test(one_reason_can_cover_all),
		cmocka_unit_test(the_first_reason_stays_and_too_many_do_no_harm),
		cmocka_unit_test(idle_emulation_is_said_only_where_it_was),
		cmocka_unit_test(a_crosscheck_is_said_only_where_there_was_one),
		cmocka_unit_test(figures_above_a_signed_integer_are_not_written_as_negative),
		cmocka_unit_test(a_line_stays_short_whatever_is_in_it),
		cmocka_unit_test(a_name_that_cannot_fit_is_an_error_and_no_line),
		cmocka_unit_test(text_that_is_no_utf8_is_still_a_line),
		cmocka_unit_test(an_env_line_begins_with_type_schema_and_run),
		cmocka_unit_test(the_end_line_counts_what_was_written),
		cmocka_unit_test(a_full_disk_is_an_error_that_stays),
		cmocka_unit_test(an_object_too_long_to_be_read_again_is_refused),
		cmocka_unit_test(equal_records_give_equal_bytes),
	};

	records_init();
	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
