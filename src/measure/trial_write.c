// SPDX-License-Identifier: GPL-2.0-or-later
/* The first write to every page after the migration. */
#include "trial_course.h"

/* One copy for each clock and for the default write, so that nothing but the store stands between the clock reads. */
static inline __attribute__((always_inline)) int timed_writes(struct course *c, enum clock_unit unit,
							      int (*write)(struct trial *, uint64_t))
{
	uint64_t i, nr = c->t.nr_pages, last = clock_now(unit), now;
	const int *moved = c->t.moved;
	uint64_t *sample = c->samples;
	int err = 0;

	for (i = 0; i < nr && !err; i++) {
		if (moved && !moved[i])
			continue;
		err = write(&c->t, i);
		now = clock_now(unit);
		*sample++ = now - last;
		last = now;
	}
	c->nr_samples = sample - c->samples;
	return err;
}

static int write_all(struct course *c)
{
	bool insn = c->spec->clock == CLOCK_INSN;

	if (c->w->write)
		return insn ? timed_writes(c, CLOCK_INSN, c->w->write) : timed_writes(c, CLOCK_NS, c->w->write);
	return insn ? timed_writes(c, CLOCK_INSN, write_page) : timed_writes(c, CLOCK_NS, write_page);
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
	if (reused != NOT_MEASURED && !c->writers)
		r->faults.reuse = reused_pages(c) - reused;
	return err;
}
