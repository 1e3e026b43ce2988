// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * numa-hint-anon: a private page that NUMA balancing fetches to the node of the CPU. Its hint took W away, where the kernel
 * does not keep it in the PTE (savedwrite, before 6.2), and the migration does not bring it back.
 */
#include "workload.h"

const struct workload numa_hint_anon = {
	.name  = "numa-hint-anon",
	.about = "private anonymous memory that a NUMA hinting fault migrates",
	.extra = true,
	.only_by = "numa-balancing",
	.only_why = "this workload is NUMA balancing's hinting fault",
	.setup = map_private_anon,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};
