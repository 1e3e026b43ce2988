// SPDX-License-Identifier: GPL-2.0-or-later
/* The first write to every page after the migration. */
#include "stats.h"
#include "trial_course.h"

#define CHUNK 16		/* pages */

/* The default write without a look at the trial, so that nothing but the store stands in the loop. */
static inline __attribute__((always_inline)) int write_one(struct trial *t, int (*write)(struct trial *, uint64_t),
							   char *region, size_t page_bytes, uint64_t page)
{
	if (write)
		return write(t, page);
	((volatile uint64_t *)(region + page * page_bytes))[1] = page_written(page);
	return 0;
}

/* Each write by itself: a reading of the clock after each. */
static inline __attribute__((always_inline)) int write_sampled(struct course *c, enum sample_source clock,
							       int (*write)(struct trial *, uint64_t), uint64_t i, uint64_t end)
{
	uint64_t *sample = c->samples + c->nr_samples, before, now;
	size_t page_bytes = c->t.page_bytes;
	const int *moved = c->t.moved;
	char *region = c->t.region;
	int err = 0;

	before = sample_now(clock);
	for (; i < end && !err; i++) {
		if (moved && !moved[i])
			continue;
		err = write_one(&c->t, write, region, page_bytes, i);
		now = sample_now(clock);
		*sample++ = now - before;
		before = now;
	}
	c->nr_samples = sample - c->samples;
	return err;
}

/* All in a row: one reading before the first and one behind the last. */
static inline __attribute__((always_inline)) int write_batch(struct course *c, enum sample_source clock,
							     int (*write)(struct trial *, uint64_t), uint64_t i, uint64_t end)
{
	uint64_t start, nr = end - i;
	size_t page_bytes = c->t.page_bytes;
	const int *moved = c->t.moved;
	char *region = c->t.region;
	int err = 0;

	start = sample_now(clock);
	if (moved) {
		for (nr = 0; i < end && !err; i++) {
			if (moved[i]) {
				err = write_one(&c->t, write, region, page_bytes, i);
				nr++;
			}
		}
	} else {
		for (; i < end && !err; i++)
			err = write_one(&c->t, write, region, page_bytes, i);
	}
	c->batch_ticks += sample_now(clock) - start;
	c->batch_pages += nr;
	return err;
}

/*
 * Chunks of pages are timed write by write and in batch in turn, in one trial, so that what the readings of the clock add shows
 * between neighbours. A region of less than two chunks is timed write by write. One copy for each clock and for the default write.
 */
static inline __attribute__((always_inline)) int timed_writes(struct course *c, enum sample_source clock,
							      int (*write)(struct trial *, uint64_t))
{
	uint64_t nr = c->t.nr_pages, chunk = nr < 2 * CHUNK ? nr : CHUNK, i, middle, end;
	int err = 0;

	c->nr_samples = c->batch_pages = c->batch_ticks = 0;
	for (i = 0; i < nr && !err; i = end) {
		middle = i + chunk < nr ? i + chunk : nr;
		end = middle + chunk < nr ? middle + chunk : nr;
		err = write_sampled(c, clock, write, i, middle);
		if (!err && middle < end)
			err = write_batch(c, clock, write, middle, end);
	}
	return err;
}

static int write_all(struct course *c)
{
	int (*write)(struct trial *, uint64_t) = c->w->write;

	switch (c->spec->sample_clock.source) {
	case SAMPLE_RDTSC:
		return write ? timed_writes(c, SAMPLE_RDTSC, write) : timed_writes(c, SAMPLE_RDTSC, NULL);
	case SAMPLE_FENCED:
		return write ? timed_writes(c, SAMPLE_FENCED, write) : timed_writes(c, SAMPLE_FENCED, NULL);
	default:
		return write ? timed_writes(c, SAMPLE_CLOCK_GETTIME, write) : timed_writes(c, SAMPLE_CLOCK_GETTIME, NULL);
	}
}

void latency_of_writes(struct course *c)
{
	const struct sample_clock *clock = &c->spec->sample_clock;
	struct batch *b = &c->r->batch;
	uint64_t i;

	b->sampled_pages = c->nr_samples;
	b->sampled_elapsed = 0;
	for (i = 0; i < c->nr_samples; i++) {
		b->sampled_elapsed += c->samples[i];
		c->samples[i] = sample_ticks_to_units(clock, c->samples[i]);
	}
	b->sampled_elapsed = sample_ticks_to_units(clock, b->sampled_elapsed);
	if (c->batch_pages) {
		b->pages = c->batch_pages;
		b->elapsed = sample_ticks_to_units(clock, c->batch_ticks);
	} else {
		trial_record_why(c->r, "write.batch", "too few pages to time some of them in batch");
	}
	distribution_from_samples(&c->r->latency, c->samples, c->nr_samples);
}

/* A page's first write after the migration is a writer's or this thread's: both together are what is predicted. */
static void add_writers_faults(struct trial_record *r)
{
	if (r->beside.threads && r->faults.write_protect != NOT_MEASURED)
		r->faults.write_protect = r->beside.faults.write_protect == NOT_MEASURED ? NOT_MEASURED :
					  r->faults.write_protect + r->beside.faults.write_protect;
}

int write_phase(struct course *c)
{
	struct trial_record *r = c->r;
	uint64_t reused;
	int err;

	rehearse(c);
	reused = reused_pages(c);
	if (c->spec->traced)
		evidence_watch_writes(&c->evidence, &c->t);
	err = region_begin(c, PHASE_WRITE);
	if (err)
		return err;
	err = write_all(c);
	err = region_end(c, PHASE_WRITE, &r->write) ?: err;
	r->faults.page_faults = stopwatch_faults(&c->watch);
	if (c->spec->traced) {
		r->faults.write_protect = see(c, SEE_WRITE_PROTECT, "faults.write_protect");
		add_writers_faults(r);
		evidence_close(&c->evidence);
	}
	if (c->t.uffd >= 0)
		r->faults.userfault = __atomic_load_n(&c->t.userfaults, __ATOMIC_RELAXED);
	if (c->spec->gate)
		trial_record_why(r, "faults.reuse", "perf ran beside, and pgreuse is system-wide");
	else if (reused != NOT_MEASURED && !c->writers)
		r->faults.reuse = reused_pages(c) - reused;
	return err;
}
