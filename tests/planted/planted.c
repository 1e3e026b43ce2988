// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sets planted faults off, and counts them by wbit's own means, or by none, so that another tool can be run around it.
 *
 *	planted [--faults N] [--hits N] [--reads N] [--touches N] [--outside N]
 *		[--watch none|counted|timed|traced|event] [--region PAGES] [--passes N] [--clock ns|insn] [--cpu N]
 *
 * More faults than --region (default: 16,384) are set off in rounds of the largest divisor of N that is no more than that;
 * all other plants stand in each round.
 * Watched by:
 *	none	two clock reads around all
 *	counted	the stopwatch of a timed trial around all, which has the thread's page faults
 *	timed	the same, and a reading of the sample clock after each write
 *	traced	what a traced twin does: the counter of write-protection faults in the region
 *	event	the event perf::PAGE-FAULTS of --events, as a traced twin carries it
 *
 * Each pass prints one line of JSON: what was planted, what was counted, and what it took; null is what that way of watching
 * does not tell. `told`: pages whose write took so long (SLOW or more) that it must have met something; `missed`: planted faults that are
 * not among them; `mistaken`: what is among them and did not fault.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/rseq.h>

#include "clock.h"
#include "door.h"
#include "evidence.h"
#include "mounts.h"
#include "plants.h"
#include "sample_clock.h"
#include "surroundings.h"

#define SLOW 200	/* ns, or instructions: no fault takes less, and no write that meets nothing takes as much */

enum watch { WATCH_NONE, WATCH_COUNTED, WATCH_TIMED, WATCH_TRACED, WATCH_EVENT, NR_WATCHES };
static const char *const watch_names[] = { "none", "counted", "timed", "traced", "event" };
static const char *const plant_names[] = { "faults", "hits", "reads", "touches", "outside" };

struct options {
	uint64_t nr[NR_PLANTS], region, passes, cpu;
	enum watch watch;
	enum clock_unit unit;
};

struct counts {
	uint64_t write_protect, page_faults, told, missed, mistaken;
	struct region took;
};

struct observer {
	const struct options *options;
	struct plants plants;
	struct stopwatch watch;
	struct sample_clock clock;
	struct evidence evidence;
	struct door door;
	uint64_t *samples;
	char *stack_top;
	struct region took;		/* of the round */
};

/* ---- the writes ---- */

static inline __attribute__((always_inline)) void timed_writes(struct observer *o, enum sample_source source)
{
	uint64_t i, nr = o->plants.t.nr_pages, last = sample_now(source), now;
	uint64_t *samples = o->samples;

	for (i = 0; i < nr; i++) {
		plants_set_off(&o->plants, i);
		now = sample_now(source);
		samples[i] = now - last;
		last = now;
	}
}

static void set_off(struct observer *o)
{
	uint64_t i, nr = o->plants.t.nr_pages;

	plants_write_outside(&o->plants, 0);
	if (o->options->watch != WATCH_TIMED)
		for (i = 0; i < nr; i++)
			plants_set_off(&o->plants, i);
	else if (o->clock.source == SAMPLE_RDTSC)
		timed_writes(o, SAMPLE_RDTSC);
	else if (o->clock.source == SAMPLE_FENCED)
		timed_writes(o, SAMPLE_FENCED);
	else
		timed_writes(o, SAMPLE_CLOCK_GETTIME);
	plants_write_outside(&o->plants, 1);
}

static bool by_stopwatch(const struct options *options)
{
	return options->watch == WATCH_COUNTED || options->watch == WATCH_TIMED;
}

static void start(struct observer *o)
{
	if (by_stopwatch(o->options)) {
		stopwatch_start(&o->watch);
		return;
	}
	o->took.oncpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	o->took.elapsed = clock_now(o->options->unit);
}

static void stop(struct observer *o)
{
	uint64_t now;

	if (by_stopwatch(o->options)) {
		stopwatch_stop(&o->watch, &o->took);
		return;
	}
	now = clock_now(o->options->unit);
	o->took.oncpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - o->took.oncpu;
	o->took.elapsed = now - o->took.elapsed;
}

/* ---- a round ---- */

/* From below what a round will use up to the frame of run(): the callers' frames were written before the fork. */
static __attribute__((noinline)) void touch_stack(const struct observer *o)
{
	volatile char stack[32768], *at;

	for (at = stack; at < o->stack_top; at += 256)
		*at = at < stack + sizeof(stack) ? 0 : *at;
}

/*
 * The code that a round goes through: the kernel maps what surrounds a page that was run, and where that ends is up to the
 * randomised address.
 */
static int map_code(void)
{
	extern const char __executable_start[], etext[];
	uintptr_t from = (uintptr_t)__executable_start & -4096ul, to = ((uintptr_t)etext + 4095) & -4096ul;

	return madvise((void *)from, to - from, MADV_POPULATE_READ) ? -errno : 0;
}

/* Writes all that a round touches, which the fork has write-protected too: the harness's faults are not to be counted. */
static void rehearse(struct observer *o)
{
	volatile struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	touch_stack(o);
	if (__rseq_size)
		area->flags = area->flags;	/* the kernel writes there when it has preempted the thread */
	memset(o->samples, 0, (o->plants.t.nr_pages + 1) * sizeof(*o->samples));
	if (o->options->watch == WATCH_EVENT)
		counting_rehearse(&o->door.counting);
	start(o);
	stop(o);
}

static void tell(struct observer *o, struct counts *counts)
{
	uint64_t i;
	bool slow, fault;

	for (i = 0; i < o->plants.t.nr_pages; i++) {
		slow = sample_ticks_to_units(&o->clock, o->samples[i]) >= SLOW;
		fault = o->plants.kind[i] != PLANT_HIT;
		counts->told += slow;
		counts->missed += fault && !slow;
		counts->mistaken += slow && !fault;
	}
}

static int run_round(struct observer *o, struct counts *counts)
{
	int err = plants_arm(&o->plants);
	uint64_t seen;

	if (err)
		return err;
	rehearse(o);
	if (o->options->watch == WATCH_TRACED)
		evidence_watch_writes(&o->evidence, &o->plants.t);
	if (o->options->watch == WATCH_EVENT)
		counting_start(&o->door.counting);
	start(o);
	set_off(o);
	stop(o);
	if (o->options->watch == WATCH_EVENT)
		counting_stop(&o->door.counting);
	counts->took.elapsed += o->took.elapsed;
	counts->took.oncpu += o->took.oncpu;
	if (by_stopwatch(o->options))
		counts->page_faults += stopwatch_faults(&o->watch);
	if (o->options->watch == WATCH_TIMED) {
		tell(o, counts);
	} else if (o->options->watch == WATCH_TRACED) {
		seen = evidence_count(&o->evidence, SEE_WRITE_PROTECT);
		if (seen == NOT_MEASURED) {
			fprintf(stderr, "planted: not counted: %s\n", evidence_why(&o->evidence, SEE_WRITE_PROTECT));
			exit(2);
		}
		counts->write_protect += seen;
		evidence_close(&o->evidence);
	}
	if (o->options->watch == WATCH_EVENT && door_read(&o->door, &counts->page_faults))
		exit(2);
	return 0;
}

/* ---- a pass ---- */

static int make(struct observer *o, uint64_t faults)
{
	uint64_t nr[NR_PLANTS];

	memcpy(nr, o->options->nr, sizeof(nr));
	nr[PLANT_FAULT] = faults;
	return plants_make(&o->plants, nr);
}

static void print_figure(const char *name, uint64_t value, bool known)
{
	if (known)
		printf(",\"%s\":%" PRIu64, name, value);
	else
		printf(",\"%s\":null", name);
}

static void print_counts(const struct options *options, uint64_t rounds, const struct counts *counts)
{
	bool timed = options->watch == WATCH_TIMED, traced = options->watch == WATCH_TRACED;
	int i;

	printf("{\"watch\":\"%s\",\"clock\":\"%s\",\"rounds\":%" PRIu64, watch_names[options->watch],
	       clock_unit_name(options->unit), rounds);
	for (i = 0; i < NR_PLANTS; i++)
		print_figure(plant_names[i], options->nr[i] * (i == PLANT_FAULT ? 1 : rounds), true);
	print_figure("write_protect", counts->write_protect, traced);
	print_figure("page_faults", counts->page_faults, by_stopwatch(options) || options->watch == WATCH_EVENT);
	print_figure("told", counts->told, timed);
	print_figure("missed", counts->missed, timed);
	print_figure("mistaken", counts->mistaken, timed);
	print_figure("elapsed", counts->took.elapsed, true);
	print_figure("oncpu", counts->took.oncpu, true);
	puts("}");
	fflush(stdout);
}

static uint64_t faults_of_a_round(uint64_t faults, uint64_t most)
{
	uint64_t n = faults < most ? faults : most;

	while (n > 1 && faults % n)
		n--;
	return n;
}

static int run_pass(struct observer *o, uint64_t rounds)
{
	struct counts counts = { 0 };
	uint64_t i;
	int err = 0;

	for (i = 0; i < rounds && !err; i++)
		err = run_round(o, &counts);
	if (!err)
		print_counts(o->options, rounds, &counts);
	return err;
}

static int run(const struct options *options)
{
	uint64_t faults = faults_of_a_round(options->nr[PLANT_FAULT], options->region);
	uint64_t rounds = faults ? options->nr[PLANT_FAULT] / faults : 1, i;
	struct observer *o = calloc(1, sizeof(*o));
	int err = o ? pin_to(options->cpu) ?: map_code() : -ENOMEM;

	if (err)
		return err;
	o->options = options;
	o->stack_top = __builtin_frame_address(0);
	evidence_init(&o->evidence);
	sample_clock_choose(&o->clock, options->unit);
	stopwatch_init(&o->watch, options->unit, false, options->cpu);
	if (options->watch == WATCH_EVENT && door_open(&o->door, "perf::PAGE-FAULTS:u", options->unit))
		exit(2);
	err = make(o, faults);
	if (!err)
		o->samples = calloc(o->plants.t.nr_pages + 1, sizeof(*o->samples));
	if (!err && !o->samples)
		err = -ENOMEM;
	for (i = 0; i < options->passes && !err; i++)
		err = run_pass(o, rounds);
	return err;
}

/* ---- options ---- */

static int number_of(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end ? -EINVAL : 0;
}

static int name_of(const char *text, const char *const *names, unsigned nr, unsigned *which)
{
	for (*which = 0; *which < nr; ++*which)
		if (!strcmp(text, names[*which]))
			return 0;
	return -EINVAL;
}

static int parse(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{ "faults", 1, NULL, PLANT_FAULT }, { "hits", 1, NULL, PLANT_HIT }, { "reads", 1, NULL, PLANT_READ },
		{ "touches", 1, NULL, PLANT_TOUCH }, { "outside", 1, NULL, PLANT_OUTSIDE }, { "watch", 1, NULL, 'w' },
		{ "region", 1, NULL, 'r' }, { "passes", 1, NULL, 'p' }, { "clock", 1, NULL, 'c' }, { "cpu", 1, NULL, 'u' }, { 0 }
	};
	static const char *const clocks[] = { "ns", "insn" };
	unsigned which = 0;
	int key, err = 0;

	while (!err && (key = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		if (key == 'w') {
			err = name_of(optarg, watch_names, NR_WATCHES, &which);
			options->watch = which;
		} else if (key == 'c') {
			err = name_of(optarg, clocks, 2, &which);
			options->unit = which ? CLOCK_INSN : CLOCK_NS;
		} else if (key == '?') {
			err = -EINVAL;
		} else {
			err = number_of(optarg, key == 'r' ? &options->region : key == 'p' ? &options->passes :
					key == 'u' ? &options->cpu : &options->nr[key]);
		}
	}
	return err ?: optind < argc || !options->region ? -EINVAL : 0;
}

int main(int argc, char **argv)
{
	struct options options = { .region = 16384, .passes = 1 };
	int err = parse(argc, argv, &options);

	if (err) {
		fputs("planted: the head of tests/planted/planted.c says what it takes\n", stderr);
		return 2;
	}
	if (options.watch == WATCH_TRACED || options.watch == WATCH_EVENT)
		mounts_prepare("wbit");
	err = run(&options);
	if (err)
		fprintf(stderr, "planted: %s\n", strerror(-err));
	return err ? 2 : 0;
}
