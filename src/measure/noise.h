/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What on this machine makes times jitter or drift, as it is set now. Only read, never changed. Counts of faults and the
 * exact lab's instructions do not depend on any of it.
 */
#ifndef WBIT_NOISE_H
#define WBIT_NOISE_H

#include <stddef.h>

enum noise_level {
	NOISE_QUIET,
	NOISE_LOUD,
	NOISE_ABSENT,	/* this machine has no such thing, or there is nothing to choose */
};

struct noise {
	const char *name;	/* "CPU governor" */
	enum noise_level level;
	char found[200];
	const char *how;	/* to quieten it: a command line; NULL when there is nothing to do */
};

#define NR_NOISES 12

/* Fills up to NR_NOISES entries; returns how many. */
size_t noise_look(struct noise noises[NR_NOISES]);

#endif
