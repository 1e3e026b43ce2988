// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-uffd-unregister: pages of a memfd were mapped by reading while the VMA was registered for uffd-wp, whose default
 * has no W. The registration has ended and the default is W again; the PTEs stay without, where the kernel does not give
 * it back at the end.
 */
#include "workload.h"

const struct workload shmem_uffd_unregister = {
	.name  = "shmem-uffd-unregister",
	.about = "PTEs made while uffd-wp was registered, in a VMA whose default is W again",
	.needs = NEED_UFFD_WP,
	.setup = map_memfd,
	.arm   = uffd_read_and_end,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true },
	.where = { UNREGISTER_RESTORES_W,
		   { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true } },
};
