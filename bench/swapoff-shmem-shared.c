// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapoff-shmem-shared: pages of a memfd that were swapped out. swapoff brings them back into the page cache and maps
 * nothing (mm/shmem.c shmem_unuse()); the reads that map them go by the VMA's default, which is W: a control.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return swap_out_and_in(t) ?: read_pages(t);
}

const struct workload swapoff_shmem_shared = {
	.name  = "swapoff-shmem-shared",
	.about = "shared memory, swapped out, brought back by swapoff and read: a control",
	.extra = true,
	.needs = NEED_OWN_MACHINE | NEED_SWAP | NEED_FILESYSTEM,
	.setup = map_memfd,
	.arm   = arm,
	.clean_up = swap_clean_up,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true },
};
