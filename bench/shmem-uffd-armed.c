// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-uffd-armed: pages of a memfd that a userfaultfd write-protects. The migration has to carry the mark along, and every
 * page's event must reach the handler: one that is lost is lost data to a snapshot or a live migration.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return uffd_register(t) ?: uffd_protect(t, true) ?: uffd_handle(t);
}

const struct workload shmem_uffd_armed = {
	.name  = "shmem-uffd-armed",
	.about = "shared memory, write-protected by userfaultfd",
	.needs = NEED_UFFD_WP,
	.setup = map_memfd,
	.arm   = arm,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .uffd_wp = true },
};
