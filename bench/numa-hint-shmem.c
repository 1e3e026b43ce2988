// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * numa-hint-shmem: as numa-hint-anon, of shared memory, whose default is W: only a policy that asks the entry alone leaves
 * the hint's loss to the next write.
 */
#include "workload.h"

const struct workload numa_hint_shmem = {
	.name  = "numa-hint-shmem",
	.about = "shared memory that a NUMA hinting fault migrates",
	.extra = true,
	.only_by = "numa-balancing",
	.only_why = "this workload is NUMA balancing's hinting fault",
	.setup = map_memfd,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};
