// SPDX-License-Identifier: GPL-2.0-or-later
/* The child's course of a trial, phase after phase. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "emulate.h"
#include "surroundings.h"
#include "trial_course.h"

/* ---- surroundings ---- */

/* Room for the region, at a boundary of its page size, and as much before and behind it. */
static int reserve_region(struct trial *t)
{
	size_t slack = t->page_bytes == 4096 ? 0 : t->page_bytes;
	void *room = mmap(NULL, 3 * t->len_bytes + slack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room == MAP_FAILED)
		return trial_fail(t, errno, "reserving address space");
	t->reserved = (char *)(((uintptr_t)room + slack) & ~(t->page_bytes - 1));
	t->region = t->reserved + t->len_bytes;
	return 0;
}

/*
 * Cuts the region into VMAs of about equal length: what nobody dumps is another VMA than what is, and nothing else about it is
 * different (MADV_DONTDUMP, mm/madvise.c).
 */
static int cut_region(const struct trial_spec *spec, struct trial *t)
{
	uint64_t nr = spec->nr_vmas < t->nr_pages ? spec->nr_vmas : t->nr_pages, i, from, to;

	for (i = 1; i < nr; i += 2) {
		from = t->nr_pages * i / nr;
		to = t->nr_pages * (i + 1) / nr;
		if (madvise(t->region + from * t->page_bytes, (to - from) * t->page_bytes, MADV_DONTDUMP))
			return trial_fail(t, errno, "cutting the region into VMAs");
	}
	return 0;
}

static int settle(struct course *c)
{
	struct trial *t = &c->t;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	err = pin_to(c->spec->cpu);
	if (err)
		return trial_fail(t, -err, "pinning to a CPU");
	err = pinned_to(c->spec->cpu, t->reason, sizeof(t->reason));
	if (err)
		return err;
	err = c->spec->clock == CLOCK_INSN ? run_undisturbed() : 0;
	if (err)
		return trial_fail(t, -err, "SCHED_FIFO");
	err = c->spec->trigger->partial ? 0 : bind_memory(t->from);
	if (err)
		return trial_fail(t, -err, "binding memory to the source node");
	err = c->spec->trigger->partial ? 0 : memory_bound_to(t->from, t->reason, sizeof(t->reason));
	if (err)
		return err;
	if (t->page_bytes == 4096 && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return trial_fail(t, errno, "PR_SET_THP_DISABLE");
	err = reserve_region(t);
	if (err)
		return err;
	c->report->child = getpid();
	c->report->region = (uintptr_t)t->region;
	c->report->region_bytes = t->len_bytes;
	err = migration_init(&c->m, t);
	if (err)
		return trial_fail(t, -err, "memory for the page list");
	c->samples = calloc(t->nr_pages, sizeof(*c->samples));
	c->vmstat_fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	stopwatch_init(&c->watch, c->spec->clock, c->spec->exact, c->spec->cpu);
	counting_open(&c->counting, c->spec->counters, c->spec->traced, c->spec->counters_turn, c->r);
	return c->samples ? 0 : trial_fail(t, ENOMEM, "memory for the samples");
}

static int emulate(struct course *c)
{
	int err = emulate_vma_only(&c->t, c->spec->soft_dirty, &c->r->emulation_idle);

	if (err || c->r->emulation_idle)
		return err;
	c->r->w_after = NOT_MEASURED;
	trial_record_why(c->r, "w_after", "W was dropped after the restore, which no tracepoint shows");
	return 0;
}

/* ---- the course ---- */

static int run_phase(struct course *c, enum phase phase)
{
	switch (phase) {
	case PHASE_START:
		return settle(c);
	case PHASE_SETUP:
		return (c->spec->trigger->steer ? c->spec->trigger->steer(&c->t, &c->m) : 0) ?: c->w->setup(&c->t);
	case PHASE_ARM:
		return (c->w->arm ? c->w->arm(&c->t) : 0) ?: cut_region(c->spec, &c->t);
	case PHASE_PLACE:
		return place_phase(c);
	case PHASE_MIGRATE:
		return migrate_phase(c);
	case PHASE_PROVE:
		return prove_phase(c);
	case PHASE_EMULATE:
		return c->spec->source == SOURCE_EMULATED ? emulate(c) : 0;
	case PHASE_WRITE:
		return write_phase(c);
	case PHASE_CHECK:
		return (c->writers ? writers_check(c->writers, &c->t) : 0) ?:
		       (c->w->check ? c->w->check(&c->t) : check_pages(&c->t));
	default:
		if (c->w->teardown)
			c->w->teardown(&c->t);
		else if (c->t.fd >= 0)
			close(c->t.fd);
		return 0;
	}
}

void trial_child(const struct trial_spec *spec, struct trial_report *report)
{
	struct course *c = calloc(1, sizeof(*c));
	enum phase phase;

	if (!c)
		_exit(1);
	c->spec = spec;
	c->w = spec->workload;
	c->report = report;
	c->r = &report->record;
	c->t = (struct trial){
		.nr_pages = spec->pages,
		.page_bytes = spec->declared ? mapped_bytes(spec->declared->mapped_by) : 4096,
		.from = spec->from,
		.to = spec->to,
		.declared = spec->declared,
		.fd = -1,
		.uffd = -1,
	};
	c->t.len_bytes = c->t.nr_pages * c->t.page_bytes;
	c->r->beside.threads = spec->writers.nr;
	evidence_init(&c->evidence);
	for (phase = PHASE_START; phase < PHASE_DONE; phase++) {
		report->phase = phase;
		report->err = run_phase(c, phase);
		if (report->err) {
			memcpy(report->reason, c->t.reason, sizeof(report->reason));
			_exit(0);
		}
	}
	migration_free(&c->m);		/* qsort() sorts in a copy: there is room for it now */
	if (!spec->traced)
		latency_of_writes(c);
	report->phase = PHASE_DONE;
	_exit(0);
}
