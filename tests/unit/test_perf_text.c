// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of perf trace and perf stat: faults by address, what was lost, counts; and nothing of lines that are not whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "perf_text.h"

static void expect_fault(const char *line, uint64_t want)
{
	uint64_t address = 0;

	if (perf_trace_line(line, &address) != TRACE_FAULT)
		fail_msg("no fault: %s", line);
	assert_int_equal(address, want);
}

static void expect_kind(const char *line, enum trace_line kind)
{
	uint64_t address;

	if (perf_trace_line(line, &address) != kind)
		fail_msg("not of kind %d: %s", kind, line);
}

static void faults_have_addresses(void **state)
{
	(void)state;
	expect_fault("18446744073709.551 ( 0.000 ms): minfault [write_phase+0x212] => 0x7ffff52fc008 (?.)", 0x7ffff52fc008);
	expect_fault("     1.250 ( 0.000 ms): f/13750 minfault [main+0x88] => //anon@0x7fa10d927000 (d.)", 0x7fa10d927000);
	expect_fault("     1.146 ( 0.000 ms): f/13750 majfault [f+0x5b] => [stack]@0x7ffea8a7c3f0 (d.)", 0x7ffea8a7c3f0);
	expect_fault("     1.146 ( 0.000 ms): f/1 minfault [0x55] => [heap]@0x5555 (dk)", 0x5555);
	expect_fault("a => 0x1 (?.): minfault [x] => 0xffffffffffffffff (?.)", UINT64_MAX);
}

static void a_file_s_offset_is_no_address(void **state)
{
	(void)state;
	expect_kind("1.1 ( 0.000 ms): f/1 minfault [x+0x1] => /usr/lib/x86_64-linux-gnu/libc.so.6@0x1901f0 (d.)", TRACE_PLACE);
	expect_kind("1.1 ( 0.000 ms): f/1 minfault [x+0x1] => /memfd:wbit (deleted)@0x1000 (d.)", TRACE_PLACE);
	expect_kind("1.1 ( 0.000 ms): f/1 minfault [x+0x1] => /tmp/a//anon@0x1000 (d.)", TRACE_PLACE);
}

static void lost_events_are_seen(void **state)
{
	(void)state;
	expect_kind("LOST 17 events!", TRACE_LOST);
	expect_kind("\x1b[31mLOST 17 events!", TRACE_LOST);
	expect_kind("1.1 ( 0.000 ms): LOST 1 events/9 minfault [x] => 0x1 (?.)", TRACE_FAULT);	/* a program of that name */
}

static void anything_else_is_nothing(void **state)
{
	char *line = malloc(100001);

	(void)state;
	expect_kind("", TRACE_OTHER);
	expect_kind("Error: No permission", TRACE_OTHER);
	expect_kind("minfault [x] => ", TRACE_OTHER);
	expect_kind("minfault [x] => 0x", TRACE_OTHER);
	expect_kind("minfault [x] => 0x12", TRACE_OTHER);		/* cut off: the rest of the number may be missing */
	expect_kind("minfault [x] => 0xzz (?.)", TRACE_OTHER);
	expect_kind("minfault [x] => 0x11112222333344445 (?.)", TRACE_OTHER);
	expect_kind("minfault [x] => //anon@", TRACE_OTHER);
	expect_kind("minfault [x] => @0x", TRACE_OTHER);
	expect_kind("minfault x => 0x1 (?.)", TRACE_OTHER);
	memset(line, 'x', 100000);
	strcpy(line + 99950, "minfault [x] => 0x1000 (?.)");
	expect_kind(line, TRACE_OTHER);
	free(line);
}

static void faults_are_counted_by_their_place(void **state)
{
	static const char text[] =
		"1 ( 0.000 ms): minfault [w+0x1] => 0x1000 (?.)\n"
		"2 ( 0.000 ms): minfault [w+0x1] => 0x1fff (?.)\n"
		"3 ( 0.000 ms): majfault [w+0x1] => 0x2000 (?.)\n"
		"4 ( 0.000 ms): minfault [w+0x1] => 0xfff (?.)\n"
		"\n"
		"5 ( 0.000 ms): minfault [w+0x1] => /bin/wbit@0x1800 (d.)\n"
		"6 ( 0.000 ms): minfault [w+0x1] => 0x1800";
	struct trace_faults faults;

	(void)state;
	perf_trace_count(text, 0x1000, 0x2000, &faults);
	assert_int_equal(faults.inside, 2);
	assert_int_equal(faults.outside, 2);
	assert_int_equal(faults.places, 1);
	assert_int_equal(faults.lost, 0);
	perf_trace_count("LOST 3 events!\nLOST 4 events!", 0, UINT64_MAX, &faults);
	assert_int_equal(faults.lost, 2);
	perf_trace_count("", 0, UINT64_MAX, &faults);
	assert_int_equal(faults.inside + faults.outside + faults.places + faults.lost, 0);
}

static int stat_of(const char *text, uint64_t *count)
{
	*count = 4711;
	return perf_stat_count(text, "page-faults", count);
}

static void a_count_is_found(void **state)
{
	uint64_t count;

	(void)state;
	assert_int_equal(stat_of("Events disabled\nEvents enabled\n5000;;page-faults;7248642;100.00;;\n", &count), 0);
	assert_int_equal(count, 5000);
	assert_int_equal(stat_of("0;;page-faults;1;100.00;;", &count), 0);
	assert_int_equal(count, 0);
}

static void what_was_not_counted_whole_is_no_count(void **state)
{
	static const char *const none[] = { "", "page-faults", "5000;;page-faults:u;7248642;100.00;;", "5000;;cycles;1;100.00;;" };
	static const char *const parts[] = {
		"<not counted>;;page-faults;0;100.00;;", "<not supported>;;page-faults;0;100.00;;", "7;;page-faults;7248642;99.99;;",
		"-7;;page-faults;7248642;100.00;;", "7x;;page-faults;7248642;100.00;;", "7;;page-faults;7248642",
		"99999999999999999999;;page-faults;1;100.00;;", ";;page-faults;1;100.00;;",
	};
	uint64_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(stat_of(none[i], &count), -ENOENT);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_int_equal(stat_of(parts[i], &count), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_have_addresses),
		cmocka_unit_test(a_file_s_offset_is_no_address),
		cmocka_unit_test(lost_events_are_seen),
		cmocka_unit_test(anything_else_is_nothing),
		cmocka_unit_test(faults_are_counted_by_their_place),
		cmocka_unit_test(a_count_is_found),
		cmocka_unit_test(what_was_not_counted_whole_is_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
