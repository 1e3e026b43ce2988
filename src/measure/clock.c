// SPDX-License-Identifier: GPL-2.0-or-later
/* Regions: aligned to the tick in the exact lab, with what got in between counted. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define TICK_GAP 1500		/* instructions: more between two reads of the TSC is a tick, not the loop */
#define QUIET_NS 50000		/* for the tasks that the tick woke: what they do is some thousands of instructions */
#define SPIN_MAX 40000000	/* instructions: ten ticks at HZ=250; none by then, and there is no periodic tick */

/* One CPU's column of a line of /proc/interrupts, whose label was found at `at`. */
static uint64_t column(const char *at, int cpu)
{
	char *next = strchr(at, ':') + 1;
	int i;

	for (i = 0; i < cpu; i++)
		strtoull(next, &next, 10);
	return strtoull(next, NULL, 10);
}

/*
 * Timer interrupts of one CPU: "LOC:", the local APIC's, and "0:", the PIT's or HPET's, which carries the tick where the
 * kernel does without the other. arch/x86/kernel/irq.c.
 */
static uint64_t timer_interrupts(struct stopwatch *s)
{
	ssize_t n = pread(s->interrupts_fd, s->text, sizeof(s->text) - 1, 0);
	const char *local, *global;

	if (n <= 0)
		return NOT_MEASURED;
	s->text[n] = '\0';
	local = strstr(s->text, "LOC:");
	global = strstr(s->text, " 0:");
	if (!local)
		return NOT_MEASURED;
	return column(local, s->cpu) + (global ? column(global, s->cpu) : 0);
}

static uint64_t wait_for_tick(void)
{
	uint64_t begin = __rdtsc(), last = begin, now;

	do {
		now = __rdtsc();
		if (now - last > TICK_GAP)
			break;
		last = now;
	} while (now - begin < SPIN_MAX);
	return now;
}

/* The period of the tick, 1/HZ: CLOCK_MONOTONIC_COARSE advances by it. */
static uint64_t tick_period(void)
{
	struct timespec ts;

	clock_getres(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_nsec;
}

void stopwatch_init(struct stopwatch *s, enum clock_unit unit, bool exact, int cpu)
{
	memset(s, 0, sizeof(*s));
	s->unit = unit;
	s->cpu = cpu;
	s->interrupts_fd = exact ? open("/proc/interrupts", O_RDONLY | O_CLOEXEC) : -1;
}

void stopwatch_close(struct stopwatch *s)
{
	if (s->interrupts_fd >= 0)
		close(s->interrupts_fd);
	s->interrupts_fd = -1;
}

/*
 * A tick also wakes workers whose timers are due. They run as soon as the region waits for the first time, and its waits then go
 * another way; so they are let through before it starts. No further timer is due until the next tick.
 */
void stopwatch_align(struct stopwatch *s)
{
	const struct timespec quiet = { 0, QUIET_NS };

	if (s->unit != CLOCK_INSN || s->interrupts_fd < 0)
		return;
	s->tick_at = wait_for_tick();
	nanosleep(&quiet, NULL);
}

void stopwatch_start(struct stopwatch *s)
{
	if (s->unit == CLOCK_INSN)
		s->start_ticks = timer_interrupts(s);
	getrusage(RUSAGE_THREAD, &s->before);
	s->start_oncpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	s->start = clock_now(s->unit);
}

/*
 * A tick between the region's end and the read of the count is not the region's. Ticks stand on a grid of one period, so
 * whether one fell there is told by the times. Reading takes a while: when a tick fell into that, it is not known whether
 * it was counted, and the count is read once more.
 */
static uint64_t ticks_since_start(struct stopwatch *s, uint64_t end)
{
	uint64_t period = tick_period(), before, after, count;
	int tries = 3;

	do {
		before = (__rdtsc() - s->tick_at) / period;
		count = timer_interrupts(s);
		after = (__rdtsc() - s->tick_at) / period;
	} while (before != after && --tries);
	if (count == NOT_MEASURED || s->start_ticks == NOT_MEASURED)
		return NOT_MEASURED;
	count -= s->start_ticks;
	return count && after > (end - s->tick_at) / period ? count - 1 : count;
}

void stopwatch_stop(struct stopwatch *s, struct region *region)
{
	uint64_t end = clock_now(s->unit), oncpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	getrusage(RUSAGE_THREAD, &s->after);
	region->elapsed = end - s->start;
	region->oncpu = oncpu - s->start_oncpu;
	region->ticks = s->unit == CLOCK_INSN ? ticks_since_start(s, end) : NOT_MEASURED;
	region->waits = s->after.ru_nvcsw - s->before.ru_nvcsw + s->after.ru_nivcsw - s->before.ru_nivcsw;
}

uint64_t stopwatch_faults(const struct stopwatch *s)
{
	return s->after.ru_minflt - s->before.ru_minflt + s->after.ru_majflt - s->before.ru_majflt;
}

void stopwatch_overhead(struct stopwatch *s, struct region *least)
{
	struct region region;
	int i;

	for (i = 0; i < 8; i++) {
		stopwatch_start(s);
		stopwatch_stop(s, &region);
		if (!i || region.elapsed < least->elapsed)
			least->elapsed = region.elapsed;
		if (!i || region.oncpu < least->oncpu)
			least->oncpu = region.oncpu;
	}
	least->ticks = least->waits = 0;
}
