/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room for a plan's trials, of which one runs at a time: what a trial takes is pure, what the machine has is looked for. */
#ifndef WBIT_ROOM_H
#define WBIT_ROOM_H

#include "plan.h"

/* Bytes that there are; UINT64_MAX: no limit, or none that is known. */
struct room {
	uint64_t memory;	/* in all */
	uint64_t from, to;	/* of it, on the two nodes; of the target only what has to come there */
	uint64_t file;		/* on the filesystem that files are made on */
	bool ramdisk;		/* which is in memory itself, as in the lab's guests */
};

/*
 * What a trial takes: 32 MiB and 24 bytes a page of the harness's own, the region, as much again for each page that the
 * workload keeps or makes beside it, and what the trigger takes. entries: pages of the state's size.
 */
uint64_t memory_bytes(const struct workload *w, const struct trigger *trigger, const struct page_state *state, bool ramdisk,
		      uint64_t entries);

/* How many entries there is room for. *what, unless NULL: which of the rooms is the narrowest, "memory" for example. */
uint64_t room_for(const struct room *room, const struct workload *w, const struct trigger *trigger,
		  const struct page_state *state, const char **what);

/* What this machine has for pages that go from one node to the other; to = -1: there is only one. */
struct room room_here(int from, int to, bool ramdisk);

/* Bytes that programs may still take of this machine's memory: MemAvailable. UINT64_MAX: not to be told. */
uint64_t memory_available(void);

/* How many VMAs a region may have here: vm.max_map_count without what a process has besides. UINT64_MAX: not to be told. */
uint64_t vmas_here(void);

/* 0, or -EINVAL when a group does not fit, with the figure that does. */
int plan_fits(const struct plan *plan, const struct room *room, char *error, size_t size);

#endif
