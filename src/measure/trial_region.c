// SPDX-License-Identifier: GPL-2.0-or-later
/* What a region is wrapped in: all memory of the harness's that it touches is written before, then the clock starts. */
#include <stdlib.h>
#include <string.h>
#include <sys/rseq.h>
#include <unistd.h>

#include "phase_gate.h"
#include "trial_course.h"

uint64_t reused_pages(struct course *c)
{
	size_t at = 0, size = sizeof(c->watch.text) - 1;
	const char *found;
	ssize_t n;

	while (at < size && (n = pread(c->vmstat_fd, c->watch.text + at, size - at, at)) > 0)
		at += n;
	c->watch.text[at] = '\0';
	found = strstr(c->watch.text, "\npgreuse ");
	return found ? strtoull(found + 9, NULL, 10) : NOT_MEASURED;
}

static void touch_stack(void)
{
	volatile char stack[32768];
	size_t i;

	for (i = 0; i < sizeof(stack); i += 512)
		stack[i] = 0;
}

static void touch(void *memory, size_t len)
{
	volatile char *at = memory;
	size_t i;

	for (i = 0; i < len; i += 1024)
		at[i] = at[i];
	if (len)
		at[len - 1] = at[len - 1];
}

/*
 * The kernel writes the thread's restartable-sequences area whenever the thread was preempted (kernel/rseq.c): a page of the
 * harness's that no code here touches. The flags are the word of it that the kernel leaves alone.
 */
static void touch_rseq(void)
{
	volatile struct rseq *area = (void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	if (__rseq_size)
		area->flags = area->flags;
}

void rehearse(struct course *c)
{
	struct region nothing;

	touch_stack();
	touch_rseq();
	touch(c, sizeof(*c));
	touch(c->report, sizeof(*c->report));
	touch(c->samples, c->t.nr_pages * sizeof(*c->samples));
	touch(c->m.addresses, c->t.nr_pages * sizeof(*c->m.addresses));
	touch(c->m.nodes, c->t.nr_pages * sizeof(*c->m.nodes));
	touch(c->m.status, c->t.nr_pages * sizeof(*c->m.status));
	reused_pages(c);
	counting_rehearse(&c->counting);
	stopwatch_start(&c->watch);
	stopwatch_stop(&c->watch, &nothing);
}

/* Where what this thread counts is not the region's. */
static const char *why_not_counted(const struct course *c, enum phase phase)
{
	if (phase == PHASE_WRITE)
		return c->writers ? "writers beside the migration had written the pages before" : NULL;
	if (c->spec->trigger->by_worker)
		return "a kernel worker migrates, which this thread's counters do not see";
	if (c->spec->trigger->untimed)
		return "this trigger moves other pages as well";
	return c->spec->source == SOURCE_EMULATED ? "emulated: the migration ran under the kernel's own policy" : NULL;
}

int region_begin(struct course *c, enum phase phase)
{
	int err = gate_enable(c->spec->gate, phase);

	if (err)
		return trial_fail(&c->t, -err, gate_why(err));
	if (!c->spec->traced)
		stopwatch_align(&c->watch);
	counting_start(&c->counting);
	if (c->spec->traced)
		getrusage(RUSAGE_THREAD, &c->watch.before);
	else
		stopwatch_start(&c->watch);
	return 0;
}

int region_end(struct course *c, enum phase phase, struct region *region)
{
	int err;

	if (c->spec->traced)
		getrusage(RUSAGE_THREAD, &c->watch.after);
	else
		stopwatch_stop(&c->watch, region);
	counting_stop(&c->counting);
	err = gate_disable(c->spec->gate, phase);
	counting_read(&c->counting, phase == PHASE_WRITE, why_not_counted(c, phase), c->r);
	return err ? trial_fail(&c->t, -err, gate_why(err)) : 0;
}

uint64_t see(struct course *c, enum sight sight, const char *key)
{
	uint64_t count = evidence_count(&c->evidence, sight);

	if (count == NOT_MEASURED)
		trial_record_why(c->r, key, evidence_why(&c->evidence, sight));
	return count;
}
