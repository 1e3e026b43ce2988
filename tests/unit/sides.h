/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sides of made-up records and their comparison, for the tests of compare.h. One test file takes it once. */
#ifndef WBIT_TEST_SIDES_H
#define WBIT_TEST_SIDES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compare.h"

static struct summary base, new;
static struct comparison comparison;

static int fresh(void **state)
{
	(void)state;
	summary_init(&base);
	summary_init(&new);
	memset(&comparison, 0, sizeof(comparison));
	return 0;
}

static int away(void **state)
{
	(void)state;
	compare_free(&comparison);
	summary_free(&base);
	summary_free(&new);
	return 0;
}

/* Adds one record given as JSON in single quotes. */
__attribute__((format(printf, 2, 3))) static void add(struct summary *summary, const char *format, ...)
{
	char line[4096], error[200];
	json_t *object;
	va_list args;

	va_start(args, format);
	assert_true(vsnprintf(line, sizeof(line), format, args) < (int)sizeof(line));
	va_end(args);
	for (char *c = line; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	if (record_parse_line(line, strlen(line), &object, error, sizeof(error)))
		fail_msg("%s in %s", error, line);
	if (summary_add(summary, object))
		fail_msg("%s", summary->error);
	json_decref(object);
}

/* more: further keys of the env line, each with its comma before it. */
static __attribute__((unused)) void add_env(struct summary *summary, const char *kernel, const char *more)
{
	add(summary, "{'type':'env','schema':0,'run':'a','kernel':'%s','platform':'lab-exact','clock':'insn'%s}", kernel, more);
}

static __attribute__((unused)) void add_end(struct summary *summary)
{
	add(summary, "{'type':'end','run':'a','trials':%llu,'ok':0,'fail':0,'broken':0,'skip':0}",
	    (unsigned long long)summary->nr_trials);
	summary_finish(summary);
}

/* A cell: workload, policy, source, pages. */
struct spec {
	const char *workload, *policy, *source;
	unsigned pages;
};

static const __attribute__((unused)) struct spec one = { "w", "vma", "native", 64 };

static __attribute__((unused)) void add_trial(struct summary *summary, const struct spec *cell, const char *outcome, const char *rest)
{
	add(summary, "{'type':'trial','run':'a','workload':'%s','policy':'%s','source':'%s','trigger':'move_pages','pages':%u,"
	    "'page_bytes':4096,'from':0,'to':1,'clock':'insn','block':0,'order':0,'outcome':'%s',%s,'why':{}}", cell->workload,
	    cell->policy, cell->source, cell->pages, outcome, rest);
}

/* The twin: its faults and the W bits after. */
static __attribute__((unused)) void add_twin(struct summary *summary, const struct spec *cell, unsigned faults, unsigned w_after)
{
	char rest[300];

	snprintf(rest, sizeof(rest), "'traced':true,'w_after':%u,'expected':{'faults':%u,'kind':'%s'},'faults':"
		 "{'write_protect':%u,'userfault':0},'migrate':{},'write':{}", w_after, faults, faults ? "cow-reuse" : "none",
		 faults);
	add_trial(summary, cell, "ok", rest);
}

/* A timed trial: instructions of the migration in all, of the write in all, waits of the migration. */
static __attribute__((unused)) void add_timed(struct summary *summary, const struct spec *cell, unsigned long long migrate,
		      unsigned long long write, unsigned waits)
{
	char rest[300];

	snprintf(rest, sizeof(rest), "'traced':false,'expected':{},'faults':{},'migrate':{'oncpu':%llu,'ticks':0,'waits':%u},"
		 "'write':{'elapsed':%llu,'ticks':0,'waits':0}", migrate, waits, write);
	add_trial(summary, cell, "ok", rest);
}

/* Three like trials and a twin without faults. */
static __attribute__((unused)) void add_cell(struct summary *summary, const struct spec *cell, unsigned long long migrate, unsigned long long write)
{
	add_twin(summary, cell, 0, cell->pages);
	for (unsigned i = 0; i < 3; i++)
		add_timed(summary, cell, migrate, write, 2);
}

static __attribute__((unused)) int make(unsigned flags)
{
	const struct compare_side a = { .summary = &base }, b = { .summary = &new };

	add_end(&base);
	add_end(&new);
	return compare_make(&comparison, &a, &b, flags);
}

/* ---- finding a line ---- */

struct wanted {
	enum figure figure;
	uint64_t pages;
	struct difference found;
	bool explained;
	unsigned nr;
};

static int look(void *arg, const struct difference *line, bool explained)
{
	struct wanted *wanted = arg;

	if (line->figure != wanted->figure || line->pages != wanted->pages)
		return 0;
	wanted->found = *line;
	wanted->explained = explained;
	wanted->nr++;
	return 0;
}

static __attribute__((unused)) struct difference line_of(enum figure figure, uint64_t pages)
{
	struct wanted wanted = { .figure = figure, .pages = pages };

	assert_int_equal(compare_walk(&comparison, look, &wanted), 0);
	assert_int_equal(wanted.nr, 1);
	return wanted.found;
}

static __attribute__((unused)) unsigned lines_of(enum figure figure, uint64_t pages)
{
	struct wanted wanted = { .figure = figure, .pages = pages };

	assert_int_equal(compare_walk(&comparison, look, &wanted), 0);
	return wanted.nr;
}

static __attribute__((unused)) void assert_close(double value, double expected)
{
	if (!(value > expected - 1e-6 && value < expected + 1e-6))
		fail_msg("%.9f is not %.9f", value, expected);
}

static __attribute__((unused)) struct compare_tally counts(void)
{
	struct compare_tally tally;

	assert_int_equal(compare_count(&comparison, &tally), 0);
	return tally;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, away)

#endif
