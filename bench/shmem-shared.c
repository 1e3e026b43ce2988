// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-shared: the control. Shared memory has no page_mkwrite, so the VMA's default is W and so is the PTE: every policy
 * restores W, and a fault counted here is a fault of the harness.
 */
#include "workload.h"

const struct workload shmem_shared = {
	.name  = "shmem-shared",
	.about = "shared anonymous memory, written: the control",
	.setup = map_shared_anon,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};
