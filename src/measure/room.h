/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Room for a plan's trials, of which one runs at a time. The nodes' own room is run_max_pages()'s. */
#ifndef WBIT_ROOM_H
#define WBIT_ROOM_H

#include "plan.h"

/* What a trial takes: the pages, as many for copies on write, the harness and its lists, and what the trigger takes. */
uint64_t memory_bytes(const struct trigger *trigger, const struct page_state *state, uint64_t pages);

/* 0, or -EINVAL when a group wants more than nine tenths of the memory that is there, with the figure that fits. */
int plan_fits(const struct plan *plan, char *error, size_t size);

#endif
