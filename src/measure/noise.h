/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What on this machine makes times jitter or drift, as it is set now. Only read, never changed: that is tune.h's. Counts of
 * faults and the exact lab's instructions do not depend on any of it.
 */
#ifndef WBIT_NOISE_H
#define WBIT_NOISE_H

#include <stddef.h>
#include <stdint.h>

enum noise_level {
	NOISE_QUIET,
	NOISE_LOUD,
	NOISE_ABSENT,	/* this machine has no such thing, or there is nothing to choose */
};

/* A setting of the kernel: one file, or one for each CPU. */
struct noise_setting {
	const char *name;	/* "CPU governor" */
	const char *paths;	/* a glob */
	const char *quiet;	/* pattern of the values that do not disturb, as fnmatch(3) has it with FNM_EXTMATCH */
	const char *tuned;	/* what `run --tune` sets it to; NULL: it leaves it alone */
	const char *finer;	/* a glob of files that setting it sets as well; NULL: there are none */
	const char *meaning;	/* what a value that disturbs does; NULL: none does */
	const char *how;
};

#define NR_NOISE_SETTINGS 9
extern const struct noise_setting noise_settings[NR_NOISE_SETTINGS];

struct noise {
	const char *name;	/* "CPU governor" */
	enum noise_level level;
	char found[200];
	const char *how;	/* to quieten it: a command line; NULL when there is nothing to do */
	const char *tuned;	/* what `run --tune` would set it to; NULL: it would not */
};

#define NR_NOISES 13

/* Fills up to NR_NOISES entries; returns how many. It takes a fifth of a second where the measuring CPU has a sibling. */
size_t noise_look(struct noise noises[NR_NOISES]);

/* ---- the SMT siblings' load: noise_siblings.c ---- */

/* How busy the siblings of the CPU that would measure are: a core that is shared is a core that is slower. */
void noise_look_at_siblings(struct noise *n);

/* The CPUs of a list as the kernel writes them, "0,64" or "2-3", but for `but`, up to max; returns how many. */
size_t noise_siblings(const char *list, int but, int *cpus, size_t max);

/*
 * Of a CPU, from the text of /proc/stat: units of time since boot in which it worked, and in which it was there. -ENOENT: there is no
 * line of it; -EBADMSG: it is none that the kernel writes.
 */
struct cpu_time {
	uint64_t busy, all;
};
int noise_cpu_time(const char *stat, int cpu, struct cpu_time *time);

#endif
