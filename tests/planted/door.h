/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One event of `wbit run --events`, counted as a traced twin counts it. */
#ifndef WBIT_DOOR_H
#define WBIT_DOOR_H

#include "counters.h"

struct door {
	struct counters counters;
	struct counting counting;
	struct trial_record record;
};

/* 0, or -ENODATA and a line on stderr: why it cannot be counted here. */
int door_open(struct door *d, const char *event, enum clock_unit clock);

/* Adds what was counted since counting_start() to *sum. 0, or -ENODATA and a line on stderr. After counting_stop(). */
int door_read(struct door *d, uint64_t *sum);

#endif
