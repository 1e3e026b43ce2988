// SPDX-License-Identifier: GPL-2.0-or-later
/* For what runs beside a migration: when are its entries in flight? */
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <x86intrin.h>

#include "clock.h"
#include "workload.h"

#define WAIT_NS 2000000000	/* more than a migration waits for before it takes the first page */

static uint64_t faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/*
 * A read of a migration entry is a fault, and sleeps until the page is there. Of a batch the first page is there first
 * (mm/migrate.c migrate_folios_move()). PAUSE: in the lab CPUs take turns, and it ends this one's.
 */
int wait_for_flight(struct trial *t)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + WAIT_NS, before;

	(void)*page_words(t, 0);
	before = faults();
	while (faults() == before) {
		if (clock_ns(CLOCK_MONOTONIC) > end) {
			snprintf(t->reason, sizeof(t->reason), "the first page's migration entry was not met: the race was none");
			return -EPROTO;
		}
		_mm_pause();
		(void)*page_words(t, 0);
	}
	return 0;
}
