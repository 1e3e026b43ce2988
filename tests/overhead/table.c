// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What watching adds to a fault, by method: from lines "ROUND METHOD FAULTS ONCPU ELAPSED" (ns) on stdin to a table, and to how
 * many times more another tool adds than wbit does.
 *
 *	overhead-table [MARGIN]
 *
 * Each round has every method once, so that what a method adds is the median over rounds of its difference from `bare` in that
 * round, with the sign test's interval at 95 % (paired.h). A ratio takes two of those, at 97.5 % each: between what the one adds at
 * least and the other at most, and the other way round. Ratios are of the time on CPU, which leaves out what others ran
 * meanwhile, the tool itself among them.
 *
 * Status: 0 all targets, each divided by MARGIN (default: 1), are met; 1 the interval of one lies on the wrong side; 3 it
 * cannot be told of one; 2 the input is none.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paired.h"

#define ROUNDS_MAX 1000

enum method { BARE, COUNTED, EVENT, STAT, TIMED, TRACED, RECORD, TRACE, NR_METHODS };

static const struct {
	const char *key, *name, *tells;
} methods[NR_METHODS] = {
	[BARE] = { "bare", "nothing", "" },
	[COUNTED] = { "counted", "wbit, thread's page faults", "count" },
	[EVENT] = { "event", "wbit, --events perf::PAGE-FAULTS", "count" },
	[STAT] = { "stat", "perf stat -e page-faults", "count" },
	[TIMED] = { "timed", "wbit, timed trial", "page, latency" },
	[TRACED] = { "traced", "wbit, traced twin", "count by address" },
	[RECORD] = { "record", "perf record -e page-faults -c 1 -d", "address" },
	[TRACE] = { "trace", "perf trace -F all --no-syscalls", "address" },
};

/* A tool adds at least so many times what wbit adds; 0: it is shown, and nothing is asked of it. */
static const struct target {
	enum method tool, wbit;
	double times;
} targets[] = {
	{ STAT, COUNTED, 1 }, { RECORD, TIMED, 10 }, { TRACE, TIMED, 100 }, { TRACE, TRACED, 100 }, { RECORD, TRACED, 0 },
	{ STAT, EVENT, 0 },
};

enum clock { ONCPU, ELAPSED, NR_CLOCKS };

struct rounds {
	size_t n;
	double ns[NR_METHODS][NR_CLOCKS][ROUNDS_MAX];	/* a fault's; NAN before it was read */
};

static int method_of(const char *key)
{
	int i;

	for (i = 0; i < NR_METHODS; i++)
		if (!strcmp(methods[i].key, key))
			return i;
	return -EINVAL;
}

/* 0, or -EINVAL: a line is none, or a method is missing in a round. */
static int read_rounds(FILE *from, struct rounds *r)
{
	uint64_t round, faults, oncpu, elapsed;
	char key[16];
	size_t i;
	int n, method;

	for (i = 0; i < sizeof(r->ns) / sizeof(double); i++)
		((double *)r->ns)[i] = NAN;
	while ((n = fscanf(from, "%" SCNu64 " %15s %" SCNu64 " %" SCNu64 " %" SCNu64, &round, key, &faults, &oncpu, &elapsed)) == 5) {
		method = method_of(key);
		if (method < 0 || round >= ROUNDS_MAX || !faults)
			return -EINVAL;
		r->ns[method][ONCPU][round] = (double)oncpu / faults;
		r->ns[method][ELAPSED][round] = (double)elapsed / faults;
		r->n = round + 1 > r->n ? round + 1 : r->n;
	}
	for (method = 0; method < NR_METHODS; method++)
		for (i = 0; i < r->n; i++)
			if (isnan(r->ns[method][ONCPU][i]))
				return -EINVAL;
	return n == EOF && r->n ? 0 : -EINVAL;
}

/* What `method` adds to `to`. */
static struct estimate added(const struct rounds *r, enum method to, enum method method, enum clock clock, double alpha)
{
	static double change[ROUNDS_MAX];
	enum change_unit unit = CHANGE_DIFFERENCE;
	struct estimate e;
	int err = paired_changes(r->ns[to][clock], r->ns[method][clock], r->n, &unit, change);

	err = err ?: paired_median(change, r->n, alpha, &e);
	if (err && err != -ENODATA)
		exit(2);
	return e;
}

static double median(const struct rounds *r, enum method method, enum clock clock)
{
	double *sorted, middle;

	if (values_sorted(r->ns[method][clock], r->n, &sorted))
		exit(2);
	middle = median_of_sorted(sorted, r->n);
	free(sorted);
	return middle;
}

static void print_interval(const struct estimate *e)
{
	char text[64];

	snprintf(text, sizeof(text), "%.1f (%.1f to %.1f)", e->value, e->low, e->high);
	printf(" | %s", text);
}

static void print_methods(const struct rounds *r)
{
	struct estimate e;
	int i, clock;

	printf("A fault by itself: %.0f ns on CPU, %.0f elapsed; %zu rounds\n\n", median(r, BARE, ONCPU), median(r, BARE, ELAPSED),
	       r->n);
	printf("| watched by | tells | added ns a fault, on CPU | elapsed |\n|---|---|---|---|\n");
	for (i = BARE + 1; i < NR_METHODS; i++) {
		printf("| %s | %s", methods[i].name, methods[i].tells);
		for (clock = 0; clock < NR_CLOCKS; clock++) {
			e = added(r, BARE, i, clock, 0.05);
			print_interval(&e);
		}
		printf(" |\n");
	}
	putchar('\n');
}

/* What the tool adds divided by what wbit adds. Where wbit may add nothing there is no upper bound. */
static struct estimate ratio(const struct rounds *r, const struct target *t)
{
	struct estimate tool = added(r, BARE, t->tool, ONCPU, 0.025), wbit = added(r, BARE, t->wbit, ONCPU, 0.025);

	return (struct estimate){
		.value = wbit.value > 0 ? tool.value / wbit.value : INFINITY,
		.low = wbit.high > 0 ? fmax(tool.low, 0) / wbit.high : INFINITY,
		.high = wbit.low > 0 ? tool.high / wbit.low : INFINITY,
	};
}

static int judge(const struct rounds *r, const struct target *t, double margin)
{
	double wanted = t->times / margin;
	struct estimate e = ratio(r, t);
	int status = e.low >= wanted ? 0 : e.high < wanted ? 1 : 3;

	/* where the one may add nothing at all, it is the difference that tells */
	if (t->times == 1) {
		struct estimate d = added(r, t->tool, t->wbit, ONCPU, 0.05);

		status = d.high <= 0 ? 0 : d.low > 0 && margin == 1 ? 1 : 3;
		printf("%s - %s: %.1f ns (%.1f to %.1f), wanted 0 or less: ", methods[t->wbit].name, methods[t->tool].name, d.value,
		       d.low, d.high);
	} else {
		printf("%s / %s: %.1f times (%.1f to %.1f)", methods[t->tool].name, methods[t->wbit].name, e.value, e.low, e.high);
		if (!t->times) {
			putchar('\n');
			return 0;
		}
		printf(", wanted %g or more: ", wanted);
	}
	puts(status == 0 ? "met" : status == 1 ? "not met" : "cannot be told");
	return status;
}

int main(int argc, char **argv)
{
	static struct rounds rounds;
	double margin = argc > 1 ? atof(argv[1]) : 1;
	int status = 0, one;
	size_t i;

	if (margin < 1 || read_rounds(stdin, &rounds)) {
		fputs("overhead-table: takes lines of rounds, each with every method; and a margin of 1 or more\n", stderr);
		return 2;
	}
	print_methods(&rounds);
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		one = judge(&rounds, &targets[i], margin);
		status = one == 1 || status == 0 ? one : status;
	}
	return status;
}
