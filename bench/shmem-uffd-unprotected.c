// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-uffd-unprotected: as shmem-uffd-armed, and then let go while the VMA stays registered. No event is wanted any more,
 * the default has no W, and the PTE has none either, where letting go does not give it back.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return uffd_register(t) ?: uffd_protect(t, true) ?: uffd_protect(t, false);
}

const struct workload shmem_uffd_unprotected = {
	.name  = "shmem-uffd-unprotected",
	.about = "shared memory that userfaultfd has let go again, still registered",
	.needs = NEED_UFFD_WP,
	.setup = map_memfd,
	.arm   = arm,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .dirty = true },
	.where = { UNPROTECT_RESTORES_W, { .page = PAGE_SHMEM, .vma_shared = true, .pte_write = true } },
};
