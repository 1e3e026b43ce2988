/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workloads by triggers: which cells there are, and in which state their pages migrate. Pure: what this machine has of it is
 * needs.h's, what this kernel makes of a state conditions.h's.
 */
#ifndef WBIT_MATRIX_H
#define WBIT_MATRIX_H

#include "record.h"
#include "trigger.h"

/* Why this trigger makes no sense of this workload: a static line. NULL: it does. */
const char *cell_barred(const struct workload *w, const struct trigger *t);

/* The same of writers beside the migration: only where they leave the declared state as it is. */
const char *writers_barred(const struct page_state *state, const struct trigger *t, enum source source);

/* The first trigger that does; what a workload is measured with when none is asked for. NULL: there is none. */
const struct trigger *default_trigger(const struct workload *w);

/* The state that is declared of a cell's pages just before they migrate. conditions: enum condition, or-ed. */
struct page_state cell_state(const struct workload *w, const struct trigger *t, unsigned conditions);

/* The condition that makes it another one than without, by its name in records; NULL: none does. */
const char *cell_condition(const struct workload *w, const struct trigger *t, unsigned conditions);

/*
 * How many entries of the workload's size a region of so many base pages has: of huge pages, which are 512 times as large,
 * one for 32, and at least one. So 256 base pages, 1 MiB, stand beside 8 huge pages, 16 MiB.
 */
uint64_t entries_of(const struct workload *w, uint64_t base_pages);

/* The other way round: the most base pages that make at most so many entries. */
uint64_t base_pages_of(const struct workload *w, uint64_t entries);

/* Pages that another process or mapping shares move only with MPOL_MF_MOVE_ALL. */
bool needs_move_all(const struct page_state *state);

#endif
