/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock, and what a timed region is wrapped in.
 *
 * ns: CLOCK_MONOTONIC_RAW. insn: rdtsc in the exact lab, whose virtual time advances one nanosecond an instruction and
 * whose TSC shows that time (QEMU accel/tcg/icount-common.c; -icount shift=0): one read is three instructions there.
 *
 * A region in the exact lab is aligned to start 50 microseconds after a timer tick, because a tick adds thousands of instructions to what it
 * interrupts. The ticks that fell in all the same are counted, from the CPU's own interrupt count.
 */
#ifndef WBIT_CLOCK_H
#define WBIT_CLOCK_H

#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
#include <x86intrin.h>

#include "record.h"

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static inline uint64_t clock_now(enum clock_unit unit)
{
	return unit == CLOCK_INSN ? __rdtsc() : clock_ns(CLOCK_MONOTONIC_RAW);
}

#define INTERRUPTS_BYTES 65536

/* A region under way. One struct serves several regions; prefault it by an empty one before the first that counts. */
struct stopwatch {
	enum clock_unit unit;
	int cpu;			/* whose ticks are counted */
	int interrupts_fd;		/* /proc/interrupts; -1: ticks are not counted */
	uint64_t tick_at;		/* when the last tick before the region ended */
	uint64_t start, start_oncpu, start_ticks;
	struct rusage before, after;	/* of the thread; after stopwatch_stop() their difference is the region's */
	char text[INTERRUPTS_BYTES];
};

/* exact: ticks can be told from all else (the exact lab). cpu: the one the thread is pinned to */
void stopwatch_init(struct stopwatch *s, enum clock_unit unit, bool exact, int cpu);
void stopwatch_close(struct stopwatch *s);
void stopwatch_align(struct stopwatch *s);	/* in the exact lab: waits for a tick and its work to pass */
void stopwatch_start(struct stopwatch *s);
void stopwatch_stop(struct stopwatch *s, struct region *region);

/* Page faults of the thread in the region, minor and major. */
uint64_t stopwatch_faults(const struct stopwatch *s);

/* The least that an empty region shows: what the wrapping itself adds to elapsed and to oncpu. */
void stopwatch_overhead(struct stopwatch *s, struct region *least);

#endif
