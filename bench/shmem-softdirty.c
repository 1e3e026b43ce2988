// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-softdirty: soft-dirty tracking is active, so the VMA wants write notification: its default has no W, nor have its
 * PTEs. The fault is what the tracking is there for, and every policy must keep it.
 */
#include "workload.h"

const struct workload shmem_softdirty = {
	.name  = "shmem-softdirty",
	.about = "shared memory under soft-dirty tracking, not written since",
	.needs = NEED_SOFT_DIRTY,
	.setup = map_memfd,
	.arm   = clear_soft_dirty,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .tracked = true },
};
