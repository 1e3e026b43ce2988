/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the conditions of workload.h hold on this kernel: tried in a child, by faults alone, without a migration. Not
 * HINT_KEEPS_W, which takes one: calibrate.h.
 */
#ifndef WBIT_CONDITIONS_H
#define WBIT_CONDITIONS_H

#include "needs.h"
#include "workload.h"

unsigned conditions_look(const struct needs_found *found);	/* enum condition, or-ed */
unsigned conditions_look_at_hugetlb(void);	/* with KNOB_HUGETLB_OVERCOMMIT set */

#endif
