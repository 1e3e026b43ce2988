// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-softdirty-merge: the thread's case. Soft-dirty tracking write-protects the PTEs of a shared mapping; mapping the
 * adjacent half of the file merges the VMAs and turns tracking off again, so the VMA's default is W while its PTEs are
 * without.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	int err = clear_soft_dirty(t);

	if (err)
		return err;
	/* is_mergeable_vma() ignores VM_SOFTDIRTY; mmap_region() then sets it on the whole, and its protection anew. */
	return map_adjacent_half(t);
}

const struct workload shmem_softdirty_merge = {
	.name  = "shmem-softdirty-merge",
	.about = "PTEs that soft-dirty tracking write-protected, in a VMA whose default is W again",
	.needs = NEED_SOFT_DIRTY,
	.setup = map_memfd_half_written,
	.arm   = arm,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = false },
};
