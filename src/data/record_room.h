/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to record.c, which makes a trial's line, and record_sink.c, which sees whether it fits. */
#ifndef WBIT_RECORD_ROOM_H
#define WBIT_RECORD_ROOM_H

#include "record.h"

/* How much a line may say. */
struct record_room {
	unsigned hist_bits;	/* resolution of histograms */
	size_t reason_max;
	bool no_counters;	/* counters become null */
};

/* NULL when memory is out. */
json_t *record_trial_json(const struct trial_record *r, const char *run, const struct record_room *room);

#endif
