// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-softdirty-rewritten: soft-dirty tracking is active, and each page was written since: its PTE has W and the
 * soft-dirty bit, and needs no further notification. The VMA's default has no W.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return clear_soft_dirty(t) ?: rewrite_pages(t);
}

const struct workload shmem_softdirty_rewritten = {
	.name  = "shmem-softdirty-rewritten",
	.about = "shared memory under soft-dirty tracking, written since",
	.needs = NEED_SOFT_DIRTY,
	.setup = map_memfd,
	.arm   = arm,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .pte_write = true, .dirty = true },
};
