// SPDX-License-Identifier: GPL-2.0-or-later
/* The writers' threads: writers.h says what they do. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <x86intrin.h>

#include "clock.h"
#include "stats.h"
#include "surroundings.h"
#include "writers.h"

/* Units of the clock: a write without a fault takes some dozens, the cheapest fault 700 instructions or 400 ns. */
#define SLOW 200
#define SAMPLES_SPARE 4096	/* that a writer has room for, beyond four a page */
#define WORD 2			/* of a page: marks and the measured write have the two before it */

enum stage { WARMING, WATCHED, ENDED };

struct writer {
	struct writers *all;
	unsigned number;
	pthread_t thread;
	bool started;
	int err;
	struct evidence evidence;
	uint64_t own, stride;		/* pages; and how far it is from one to the next */
	uint64_t at, round, done;	/* the page of its own that is next; how often all were written, and how many since */
	uint64_t faults, waits, faults_before;
	uint64_t writes, met, waited;
	uint64_t write_protect, not_present;
	uint64_t *samples, nr_samples, room;
};

struct writers {
	struct writers_spec spec;
	struct trial *t;
	volatile enum stage stage;
	sem_t ready;			/* posted by each that has written all of its pages once, or failed */
	struct writer writers[WRITERS_MAX];
};

/* ---- which pages ---- */

uint64_t writers_pages(unsigned k, unsigned n, uint64_t nr)
{
	return k < nr ? (nr - k + n - 1) / n : 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Near the golden section of them, so that neighbours in time are far apart; prime to them, so that it comes to all. */
static uint64_t stride_of(uint64_t own)
{
	uint64_t stride = own * 618 / 1000 + 1;

	while (common_divisor(own, stride) != 1)
		stride++;
	return stride % own ? stride % own : 1;
}

static uint64_t page_at(unsigned k, unsigned n, uint64_t at)
{
	return k + n * at;
}

uint64_t writers_page(unsigned k, unsigned n, uint64_t nr, uint64_t i)
{
	uint64_t own = writers_pages(k, n, nr);

	return page_at(k, n, i % own * stride_of(own) % own);
}

/* ---- one thread ---- */

static void count_faults(uint64_t *faults, uint64_t *waits)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	*faults = usage.ru_minflt + usage.ru_majflt;
	*waits = usage.ru_nvcsw;
}

/* A slow write: did it fault, and did it wait? */
static __attribute__((noinline)) void look_closer(struct writer *w, uint64_t took)
{
	uint64_t faults, waits;

	count_faults(&faults, &waits);
	if (w->all->stage != WARMING && faults != w->faults) {
		w->met++;
		w->waited += waits != w->waits;
		if (w->nr_samples < w->room)
			w->samples[w->nr_samples] = took;
		w->nr_samples++;
	}
	w->faults = faults;
	w->waits = waits;
}

static void go_on(struct writer *w)
{
	w->at += w->stride;
	if (w->at >= w->own)
		w->at -= w->own;
	if (++w->done == w->own) {
		w->done = 0;
		w->round++;
	}
}

/*
 * One copy for each clock. In the lab CPUs take turns, and PAUSE ends a turn: without it this one would leave nothing to the
 * one that migrates.
 */
static inline __attribute__((always_inline)) void write_until(struct writer *w, enum clock_unit unit, enum stage until,
							      uint64_t rounds)
{
	const unsigned n = w->all->spec.nr;
	enum stage stage;
	uint64_t start, took;

	while ((stage = w->all->stage) < until && w->round <= rounds) {
		volatile uint64_t *word = page_words(w->all->t, page_at(w->number, n, w->at)) + WORD;

		start = clock_now(unit);
		*word = w->round;
		took = clock_now(unit) - start;
		w->writes += stage == WATCHED;
		if (took > SLOW)
			look_closer(w, took);
		go_on(w);
		if (unit == CLOCK_INSN)
			_mm_pause();
	}
}

static void write_pages(struct writer *w, enum stage until, uint64_t rounds)
{
	if (w->all->spec.clock == CLOCK_INSN)
		write_until(w, CLOCK_INSN, until, rounds);
	else
		write_until(w, CLOCK_NS, until, rounds);
}

static void *run_writer(void *arg)
{
	struct writer *w = arg;
	uint64_t waits;

	w->err = pin_to(w->all->spec.cpus[w->number]) ?: run_fairly();
	if (!w->err && w->own) {
		w->round = 1;
		write_pages(w, ENDED, 1);
		count_faults(&w->faults, &w->waits);
		w->faults_before = w->faults;
		if (w->all->spec.traced)
			evidence_watch_writer(&w->evidence, w->all->t);
	}
	sem_post(&w->all->ready);
	if (!w->err && w->own) {
		write_pages(w, ENDED, UINT64_MAX);
		count_faults(&w->faults, &waits);
		w->write_protect = evidence_count(&w->evidence, SEE_WRITE_PROTECT);
		w->not_present = evidence_count(&w->evidence, SEE_NOT_PRESENT);
	}
	evidence_close(&w->evidence);
	return NULL;
}

/* ---- all of them ---- */

static int make_writer(struct writers *all, unsigned k)
{
	struct writer *w = &all->writers[k];

	*w = (struct writer){ .all = all, .number = k, .own = writers_pages(k, all->spec.nr, all->t->nr_pages) };
	evidence_init(&w->evidence);
	w->stride = w->own ? stride_of(w->own) : 0;
	w->room = 4 * w->own + SAMPLES_SPARE;
	w->samples = malloc(w->room * sizeof(*w->samples));
	if (!w->samples)
		return ENOMEM;
	memset(w->samples, 0, w->room * sizeof(*w->samples));	/* here, lest its first touch be a fault of the writer's */
	return pthread_create(&w->thread, NULL, run_writer, w);
}

struct writers *writers_start(const struct writers_spec *spec, struct trial *t)
{
	struct writers *all = calloc(1, sizeof(*all));
	unsigned k, started = 0;
	int err = all ? 0 : ENOMEM;

	if (all) {
		all->spec = *spec;
		all->t = t;
		sem_init(&all->ready, 0, 0);
	}
	for (k = 0; k < spec->nr && !err; k++) {
		err = make_writer(all, k);
		all->writers[k].started = !err;
		started += !err;
	}
	while (started && !sem_wait(&all->ready))
		started--;
	if (err) {
		trial_fail(t, err, "starting the writers");
		writers_free(all);
		return NULL;
	}
	return all;
}

void writers_watch(struct writers *all)
{
	all->stage = WATCHED;
}

static int stop(struct writers *all)
{
	unsigned k;
	int err = 0;

	all->stage = ENDED;
	for (k = 0; k < all->spec.nr; k++) {
		struct writer *w = &all->writers[k];

		if (w->started)
			pthread_join(w->thread, NULL);
		w->started = false;
		if (w->err && !err)
			err = trial_fail(all->t, -w->err, "a writer's CPU or scheduling class");
	}
	return err;
}

/* A sum with a figure that was not measured is none. */
static void add(uint64_t *sum, uint64_t figure)
{
	*sum = *sum == NOT_MEASURED || figure == NOT_MEASURED ? NOT_MEASURED : *sum + figure;
}

static void sum_latency(struct writers *all, struct trial_record *r)
{
	uint64_t *samples, nr = 0;
	unsigned k;

	for (k = 0; k < all->spec.nr; k++) {
		if (all->writers[k].nr_samples > all->writers[k].room) {
			trial_record_why(r, "beside.latency", "more writes met an entry than there is room for");
			return;
		}
		nr += all->writers[k].nr_samples;
	}
	samples = malloc((nr + 1) * sizeof(*samples));
	if (!samples)
		return;
	for (k = 0, nr = 0; k < all->spec.nr; k++) {
		memcpy(samples + nr, all->writers[k].samples, all->writers[k].nr_samples * sizeof(*samples));
		nr += all->writers[k].nr_samples;
	}
	if (!nr)
		trial_record_why(r, "beside", "no write met a migration entry or a PTE without W");
	distribution_from_samples(&r->beside.latency, samples, nr);
	free(samples);
}

int writers_end(struct writers *all, struct trial_record *r)
{
	struct beside *b = &r->beside;
	unsigned k;
	int err = stop(all);

	if (err)
		return err;
	b->writes = b->met = b->waited = b->faults.page_faults = 0;
	b->faults.write_protect = b->faults.not_present = 0;
	for (k = 0; k < all->spec.nr; k++) {
		const struct writer *w = &all->writers[k];

		if (!w->own)
			continue;
		add(&b->writes, w->writes);
		add(&b->met, w->met);
		add(&b->waited, w->waited);
		add(&b->faults.page_faults, w->faults - w->faults_before);
		add(&b->faults.write_protect, w->write_protect);
		add(&b->faults.not_present, w->not_present);
	}
	if (!all->spec.traced)
		sum_latency(all, r);
	return 0;
}

int writers_check(const struct writers *all, struct trial *t)
{
	unsigned k;
	uint64_t i, page, wanted, found;

	for (k = 0; k < all->spec.nr; k++) {
		const struct writer *w = &all->writers[k];

		for (i = 0; i < w->own; i++) {
			page = writers_page(k, all->spec.nr, t->nr_pages, i);
			wanted = i < w->done ? w->round : w->round - 1;
			found = page_words(t, page)[WORD];
			if (found == wanted)
				continue;
			snprintf(t->reason, sizeof(t->reason), "page %llu holds the value of round %llu, the writer beside wrote %llu",
				 (unsigned long long)page, (unsigned long long)found, (unsigned long long)wanted);
			return -EIO;
		}
	}
	return 0;
}

void writers_free(struct writers *all)
{
	unsigned k;

	if (!all)
		return;
	stop(all);
	for (k = 0; k < all->spec.nr; k++)
		free(all->writers[k].samples);
	free(all);
}
