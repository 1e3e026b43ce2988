// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-uffd-async: as anon-uffd-async, of a memfd: the mark has to come along with the migration, or a page that is written
 * is not found to be.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return uffd_register_async(t) ?: protect_by_scan(t);
}

const struct workload shmem_uffd_async = {
	.name  = "shmem-uffd-async",
	.about = "shared memory, write-protected by PAGEMAP_SCAN (asynchronous userfaultfd)",
	.extra = true,
	.needs = NEED_UFFD_ASYNC,
	.setup = map_memfd,
	.arm   = arm,
	.check = check_by_scan,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true, .uffd_async = true, .dirty = true },
};
