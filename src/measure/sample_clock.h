/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock that single writes are timed by. Its readings are ticks; sample_ticks_to_units() makes them units of the trial's clock.
 *
 * rdtsc: the exact lab, and the lab of several CPUs that take turns: three instructions, ticks are instructions already.
 * lfence-rdtsc: where the TSC is invariant (CPUID 0x80000007, EDX bit 8) and the kernel itself goes by it (clocksource tsc, so it is
 *	in step across CPUs and was not found unstable). The lfence before waits for what is before it, the one behind holds back
 *	what follows (AMD's waits too, since the kernel sets DE_CFG: arch/x86/kernel/cpu/amd.c). rdtscp in place of the first two
 *	does the same and took 80 ns more behind a page fault, on a Zen 5. How fast it runs is measured against CLOCK_MONOTONIC_RAW.
 * clock_gettime: elsewhere: CLOCK_MONOTONIC_RAW.
 */
#ifndef WBIT_SAMPLE_CLOCK_H
#define WBIT_SAMPLE_CLOCK_H

#include "clock.h"

enum sample_source { SAMPLE_RDTSC, SAMPLE_FENCED, SAMPLE_CLOCK_GETTIME };

struct sample_clock {
	enum sample_source source;
	uint64_t khz;			/* of lfence-rdtsc, else 0 */
	uint64_t error_ppm;		/* the most that khz is off */
	uint64_t least;			/* ticks: the least between two readings, which each sample holds */
	const char *why;		/* not lfence-rdtsc, a static string; NULL: it is, or it is the exact lab */
};

const char *sample_source_name(enum sample_source source);

/* Takes some 20 ms where it is lfence-rdtsc. */
void sample_clock_choose(struct sample_clock *clock, enum clock_unit unit);

/* The nearest unit. ticks: below 2^64 / 10^6, ten hours at 500 MHz and more. */
uint64_t sample_ticks_to_units(const struct sample_clock *clock, uint64_t ticks);

static inline uint64_t sample_now(enum sample_source source)
{
	uint64_t now;

	if (source == SAMPLE_RDTSC)
		return __rdtsc();
	if (source == SAMPLE_CLOCK_GETTIME)
		return clock_ns(CLOCK_MONOTONIC_RAW);
	_mm_lfence();
	now = __rdtsc();
	_mm_lfence();
	return now;
}

#endif
