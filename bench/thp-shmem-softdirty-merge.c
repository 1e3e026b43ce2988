// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thp-shmem-softdirty-merge: the thread's case in huge pages of shared memory. shmem_enabled at `force` makes them, since
 * VMAs that madvise() tells apart would not merge.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return clear_soft_dirty(t) ?: map_adjacent_half(t);
}

const struct workload thp_shmem_softdirty_merge = {
	.name  = "thp-shmem-softdirty-merge",
	.about = "PMDs of shared memory that soft-dirty tracking write-protected, in a VMA whose default is W again",
	.extra = true,
	.needs = NEED_SOFT_DIRTY | NEED_SHMEM_THP,
	.knobs = { { "/sys/kernel/mm/transparent_hugepage/shmem_enabled", "force" } },
	.setup = map_memfd_half_written,
	.arm   = arm,
	.state = { .page = PAGE_SHMEM, .mapped_by = MAPPED_BY_PMD, .vma_shared = true, .vma_write = true },
};
