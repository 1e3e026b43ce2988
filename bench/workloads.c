// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of workloads, made from workloads.def. */
#include <stddef.h>

#include "workloads.h"

#define WORKLOAD(name) extern const struct workload name;
#include "workloads.def"
#undef WORKLOAD

const struct workload *const workloads[] = {
#define WORKLOAD(name) &name,
#include "workloads.def"
#undef WORKLOAD
	NULL
};
