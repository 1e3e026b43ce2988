// SPDX-License-Identifier: GPL-2.0-or-later
/* What perf script prints, folded: right for right text, bounded and clean for any other. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fold.h"

static int take(struct fold *f, const char *text)
{
	int err = fold_take(f, text, strlen(text));

	return err ? err : fold_end(f);
}

/* Folds a text and returns what is written; freed by the caller. */
static char *folded(struct fold *f)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(fold_write(f, out), 0);
	fclose(out);
	return text;
}

static void expect(const char *text, const char *want)
{
	struct fold *f = fold_new(NULL, 0);
	char *got;

	assert_int_equal(take(f, text), 0);
	got = folded(f);
	assert_string_equal(got, want);
	free(got);
	fold_free(f);
}

static char *fixture(void)
{
	FILE *file = fopen(FIXTURES "/perf-script.txt", "re");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

#define WRITES "wbit;[unknown];write_phase;asm_exc_page_fault;handle_mm_fault;do_wp_page 2\n"

static void equal_stacks_are_one_line(void **state)
{
	struct fold *f = fold_new(NULL, 0);
	char *text = fixture(), *got;

	(void)state;
	assert_int_equal(take(f, text), 0);
	assert_int_equal(fold_samples(f), 7);
	got = folded(f);
	assert_string_equal(got, "wbit 1\n" WRITES "wbit;dither 1\nwbit;in_another_file 1\nwbit;schedule 1\nwbit;write_phase 1\n");
	free(got);
	free(text);
	fold_free(f);
}

static void text_may_come_byte_by_byte(void **state)
{
	struct fold *f = fold_new(NULL, 0), *whole = fold_new(NULL, 0);
	char *text = fixture(), *got, *want;

	(void)state;
	for (const char *at = text; *at; at++)
		assert_int_equal(fold_take(f, at, 1), 0);
	assert_int_equal(fold_end(f), 0);
	assert_int_equal(take(whole, text), 0);
	got = folded(f);
	want = folded(whole);
	assert_string_equal(got, want);
	free(got);
	free(want);
	free(text);
	fold_free(f);
	fold_free(whole);
}

/* By process, by file and offset, and by address. */
static void what_is_not_of_the_phase_is_passed_over(void **state)
{
	const struct fold_window windows[] = { { "/usr/bin/wbit", 0x67000, 0x67100 }, { NULL, 0x57020, 0x57021 } };
	struct fold *f = fold_new(windows, 2);
	char *text = fixture(), *got;

	(void)state;
	assert_int_equal(fold_pass_over(f, 4711), 0);
	assert_int_equal(fold_pass_over(f, 4700), 0);
	assert_int_equal(take(f, text), 0);
	assert_int_equal(fold_samples(f), 2);
	assert_int_equal(fold_passed_over(f), 5);
	got = folded(f);
	assert_string_equal(got, "wbit 1\nwbit;in_another_file 1\n");
	free(got);
	free(text);
	fold_free(f);
}

static void symbols_stand_by_their_share(void **state)
{
	struct fold *f = fold_new(NULL, 0);
	struct fold_symbol top[16];
	char *text = fixture();

	(void)state;
	assert_int_equal(take(f, text), 0);
	assert_int_equal(fold_top(f, top, 16), 8);
	assert_string_equal(top[0].name, "do_wp_page");
	assert_int_equal(top[0].self, 2);
	assert_int_equal(top[0].total, 2);
	assert_string_equal(top[4].name, "write_phase");
	assert_int_equal(top[4].self, 1);
	assert_int_equal(top[4].total, 3);
	assert_int_equal(fold_top(f, top, 1), 1);
	assert_int_equal(fold_unresolved(f), 1);	/* the sample without a frame */
	free(text);
	fold_free(f);
}

static void a_symbol_counts_once_a_stack(void **state)
{
	struct fold *f = fold_new(NULL, 0);
	struct fold_symbol top[4];

	(void)state;
	assert_int_equal(take(f, "x 1\n\t1 f (a)\n\t2 g (a)\n\t3 f (a)\n\n"), 0);
	assert_int_equal(fold_top(f, top, 4), 2);
	assert_string_equal(top[0].name, "f");
	assert_int_equal(top[0].total, 1);
	fold_free(f);
}

static void names_cannot_break_the_format(void **state)
{
	(void)state;
	expect("a;b c 12 \n\t1 op;erator() const (x)\n\n", "a:b c;op:erator() const 1\n");
	expect("x 1\n\t1 \x1b[31mred\xff (y)\n\n", "x;?[31mred? 1\n");
	expect("x 1\n\t1  (y)\n\n", "x;[unknown] 1\n");
	expect("x 1\n\t1\n\n", "x;[unknown] 1\n");
	expect("x 1\n\t1 f", "x;f 1\n");		/* no end of line, no empty line */
	expect("x 1\n\t1 f\nx 2\n\t1 f\n", "x;f 2\n");	/* no empty line between */
	expect("\n\n\n", "");
	expect("", "");
}

static void what_is_no_sample_is_refused(void **state)
{
	static const char *const texts[] = { "\t1 f\n", "x\n", "x y\n", " 1\n", "12\n", "x 99999999999\n", "x 1\n\tzz f\n", "x 1\n\t g\n",
					     "x 1\n\t11112222333344445 f\n", "x 1\n\t12:34 f\n", "x1\n" };
	struct fold *f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		f = fold_new(NULL, 0);
		if (take(f, texts[i]) != -EPROTO)
			fail_msg("taken: %s", texts[i]);
		fold_free(f);
	}
}

static void long_lines_and_deep_stacks_are_cut(void **state)
{
	struct fold *f = fold_new(NULL, 0);
	char *got, *name = malloc(100001), frame[64];

	(void)state;
	memset(name, 'n', 100000);
	name[100000] = '\0';
	assert_int_equal(fold_take(f, "x 1\n\t1 ", 7), 0);
	assert_int_equal(take(f, name), 0);
	got = folded(f);
	assert_int_equal(strlen(got), strlen("x; 1\n") + FOLD_NAME_MAX - 1);
	free(got);
	fold_free(f);
	f = fold_new(NULL, 0);
	assert_int_equal(fold_take(f, "x 1\n", 4), 0);
	for (int i = 0; i < 1000; i++) {
		int len = snprintf(frame, sizeof(frame), "\t%d f%d (a)\n", i + 1, i);

		assert_int_equal(fold_take(f, frame, len), 0);
	}
	assert_int_equal(fold_end(f), 0);
	got = folded(f);
	assert_ptr_equal(strstr(got, "x;[cut];f255;f254;"), got);
	assert_non_null(strstr(got, ";f1;f0 1\n"));
	free(got);
	free(name);
	fold_free(f);
}

/* Stacks that never repeat come to an end before memory does. */
static void different_stacks_are_bounded(void **state)
{
	struct fold *f = fold_new(NULL, 0);
	char name[FOLD_NAME_MAX], sample[FOLD_NAME_MAX + 64];
	int err = 0;
	uint64_t n;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (n = 0; n < 2 * FOLD_BYTES_MAX / FOLD_NAME_MAX && !err; n++) {
		int len = snprintf(sample, sizeof(sample), "x 1\n\t1 %llu%s\n\n", (unsigned long long)n, name + 24);

		err = fold_take(f, sample, len);
	}
	assert_int_equal(err, -E2BIG);
	assert_true(n > 10000);
	fold_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_stacks_are_one_line),
		cmocka_unit_test(text_may_come_byte_by_byte),
		cmocka_unit_test(what_is_not_of_the_phase_is_passed_over),
		cmocka_unit_test(symbols_stand_by_their_share),
		cmocka_unit_test(a_symbol_counts_once_a_stack),
		cmocka_unit_test(names_cannot_break_the_format),
		cmocka_unit_test(what_is_no_sample_is_refused),
		cmocka_unit_test(long_lines_and_deep_stacks_are_cut),
		cmocka_unit_test(different_stacks_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
