/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the conditions of workload.h hold on this kernel: tried in a child, by faults alone, without a migration. */
#ifndef WBIT_CONDITIONS_H
#define WBIT_CONDITIONS_H

#include "needs.h"
#include "workload.h"

unsigned conditions_look(const struct needs_found *found);	/* enum condition, or-ed */

/* The one of them that changes what a workload declares, by its name in records; NULL: none does. */
const char *declared_condition(const struct workload *w, unsigned conditions);

/* The state that a workload declares on a kernel with these conditions. */
const struct page_state *declared_state(const struct workload *w, unsigned conditions);

#endif
