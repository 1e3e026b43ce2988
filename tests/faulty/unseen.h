/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workloads whose faults wbit itself does not see all of: what `wbit run --crosscheck` is there to find. */
#ifndef WBIT_UNSEEN_H
#define WBIT_UNSEEN_H

#include "workload.h"

extern const struct workload unseen_in_the_region, unseen_of_a_thread;

#endif
