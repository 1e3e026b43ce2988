/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A summary for each test, and records for it, as JSON in single quotes. Included once, after cmocka.h. */
#ifndef WBIT_TEST_RECORDS_H
#define WBIT_TEST_RECORDS_H

#include <stdlib.h>
#include <string.h>

#include "summary.h"

static struct summary summary;

static int fresh(void **state)
{
	(void)state;
	summary_init(&summary);
	return 0;
}

static int away(void **state)
{
	(void)state;
	summary_free(&summary);
	return 0;
}

/* Adds one record given as JSON in single quotes, which read better in C. */
__attribute__((format(printf, 1, 2))) static int add(const char *format, ...)
{
	char line[4096], error[200];
	json_t *object;
	va_list args;
	int err;

	va_start(args, format);
	assert_true(vsnprintf(line, sizeof(line), format, args) < (int)sizeof(line));
	va_end(args);
	for (char *c = line; *c; c++) {
		if (*c == '\'')
			*c = '"';
	}
	if (record_parse_line(line, strlen(line), &object, error, sizeof(error)))
		fail_msg("%s", error);
	err = summary_add(&summary, object);
	json_decref(object);
	return err;
}

__attribute__((unused)) static int add_env(const char *run, const char *kernel, const char *clock)
{
	return add("{'type':'env','schema':0,'run':'%s','kernel':'%s','platform':'%s','clock':'%s'}", run, kernel,
		   strcmp(clock, "insn") ? "vm" : "lab-exact", clock);
}

__attribute__((unused)) static int add_end(const char *run, unsigned trials)
{
	return add("{'type':'end','run':'%s','trials':%u,'ok':%u,'fail':0,'broken':0,'skip':0}", run, trials, trials);
}

/* A trial of 4 pages; `more` are further keys, "" for none. */
__attribute__((unused)) static int add_trial(const char *run, const char *cell, const char *outcome, const char *more)
{
	return add("{'type':'trial','run':'%s',%s,'source':'native','trigger':'move_pages','pages':4,'page_bytes':4096,"
		   "'block':0,'order':0,'outcome':'%s',%s'why':{}}", run, cell, outcome, more);
}

#define CELL(workload, policy) "'workload':'" workload "','policy':'" policy "','clock':'insn'"
#define EXPECT(faults, kind) "'expected':{'faults':" faults ",'kind':'" kind "'},"
#define TRACED(n, faults) "'traced':true,'w_before':4,'w_after':" n ",'faults':{'write_protect':" faults "}," \
	"'migrate':{},'write':{},"
#define TIMED(migrate, write) "'traced':false,'faults':{},'migrate':{'elapsed':999999,'oncpu':" migrate ",'waits':2}," \
	"'write':{'elapsed':" write ",'oncpu':999999,'waits':0},"

/* Each test has a summary of its own. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, away)

#endif
