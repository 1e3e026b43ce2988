// SPDX-License-Identifier: GPL-2.0-or-later
/* Which clock single writes are timed by, and how fast it runs. */
#include <cpuid.h>
#include <stdbool.h>
#include <string.h>

#include "knobs.h"
#include "sample_clock.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"
#define CALIBRATION_NS UINT64_C(20000000)
#define TRIES 32

const char *sample_source_name(enum sample_source source)
{
	static const char *const names[] = { "rdtsc", "lfence-rdtsc", "clock_gettime" };

	return names[source];
}

/* Both clocks at one moment: of several tries the one that took the shortest. */
struct moment {
	uint64_t ticks, ns, width;	/* width: ticks within which it was */
};

static struct moment look(void)
{
	struct moment best = { 0, 0, UINT64_MAX };
	uint64_t before, ns, after;
	int i;

	for (i = 0; i < TRIES; i++) {
		before = sample_now(SAMPLE_FENCED);
		ns = clock_ns(CLOCK_MONOTONIC_RAW);
		after = sample_now(SAMPLE_FENCED);
		if (after - before < best.width)
			best = (struct moment){ before + (after - before) / 2, ns, after - before };
	}
	return best;
}

static void calibrate_tsc(struct sample_clock *clock)
{
	const struct timespec pause = { 0, CALIBRATION_NS };
	struct moment first = look(), second;
	uint64_t ticks, ns;

	nanosleep(&pause, NULL);
	second = look();
	ticks = second.ticks - first.ticks;
	ns = second.ns - first.ns;
	clock->khz = (uint64_t)((unsigned __int128)ticks * 1000000 / ns);
	clock->error_ppm = (first.width + second.width) * 1000000 / ticks + 1;
}

static const char *why_no_tsc(void)
{
	unsigned a, b, c, d;
	char source[32] = "";

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & 1u << 8))
		return "the TSC of this CPU is not invariant";
	if (knob_read(CLOCKSOURCE, source, sizeof(source)) || strcmp(source, "tsc"))
		return "the kernel does not go by the TSC itself (clocksource)";
	return NULL;
}

static uint64_t least_between(enum sample_source source)
{
	uint64_t least = UINT64_MAX, last = sample_now(source), now;
	int i;

	for (i = 0; i < 64; i++) {
		now = sample_now(source);
		if (now - last < least)
			least = now - last;
		last = now;
	}
	return least;
}

void sample_clock_choose(struct sample_clock *clock, enum clock_unit unit)
{
	*clock = (struct sample_clock){ .source = SAMPLE_RDTSC };
	if (unit == CLOCK_NS) {
		clock->why = why_no_tsc();
		clock->source = clock->why ? SAMPLE_CLOCK_GETTIME : SAMPLE_FENCED;
		if (!clock->why)
			calibrate_tsc(clock);
	}
	clock->least = least_between(clock->source);
}

uint64_t sample_ticks_to_units(const struct sample_clock *clock, uint64_t ticks)
{
	if (clock->source != SAMPLE_FENCED)
		return ticks;
	return (ticks * 1000000 + clock->khz / 2) / clock->khz;
}
