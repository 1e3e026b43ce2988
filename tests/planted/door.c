// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting by the events that a user names. */
#include <errno.h>
#include <stdio.h>

#include "door.h"

#define WRITE_PHASE 1

int door_open(struct door *d, const char *event, enum clock_unit clock)
{
	char error[COUNTER_WHY_MAX];

	trial_record_init(&d->record);
	counters_init(&d->counters, &perf_calls_kernel);
	if (counters_add(&d->counters, event, error, sizeof(error))) {
		fprintf(stderr, "planted: not counted: %s\n", error);
		return -ENODATA;
	}
	counters_try(&d->counters, clock);
	if (!counters_usable(&d->counters, 0)) {
		fprintf(stderr, "planted: not counted: %s\n", d->counters.all[0].why);
		return -ENODATA;
	}
	counting_open(&d->counting, &d->counters, true, 0, &d->record);
	return 0;
}

int door_read(struct door *d, uint64_t *sum)
{
	uint64_t value;

	counting_read(&d->counting, WRITE_PHASE, NULL, &d->record);
	value = d->record.counters[0].in[WRITE_PHASE].value;
	if (!d->record.nr_counters || value == NOT_MEASURED) {
		fprintf(stderr, "planted: not counted: %s\n", d->record.nr_why ? d->record.why[0].reason : "no counter is open");
		return -ENODATA;
	}
	*sum += value;
	return 0;
}
