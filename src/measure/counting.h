/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to counting.c and counters_try.c. */
#ifndef WBIT_COUNTING_H
#define WBIT_COUNTING_H

#include "counters.h"

struct counts {
	uint64_t values[COUNTER_GROUP_MAX], enabled_ns, running_ns;
};

/*
 * Opens the members that have no reason against it, stopped, behind a pinned leader. 0, with none open where none can be, or
 * -errno, with none open and the index of the one that failed in *at.
 */
int counting_open_group(const struct counters *counters, const struct counter_group *from, struct counting_group *g,
			unsigned *at);

/* The counts of the region that is over. NULL, or why there are none: a static string. */
const char *counting_take(const struct perf_calls *calls, struct counting_group *g, struct counts *counts);

#endif
