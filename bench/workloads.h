/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All workloads, for those who run them. */
#ifndef WBIT_WORKLOADS_H
#define WBIT_WORKLOADS_H

#include "workload.h"

extern const struct workload *const workloads[];	/* in the order of workloads.def, NULL-terminated */

#endif
