// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapoff-shmem-private: a private mapping of a memfd, CoWed, then swapped out and brought back by swapoff: the thread's
 * last case. The pages are anonymous, and unuse_pte() (mm/swapfile.c) maps them without W.
 */
#include "workload.h"

const struct workload swapoff_shmem_private = {
	.name  = "swapoff-shmem-private",
	.about = "private mapping of a memfd, CoWed, swapped out and brought back by swapoff",
	.extra = true,
	.needs = NEED_OWN_MACHINE | NEED_SWAP | NEED_FILESYSTEM,
	.twice = true,	/* the memfd keeps its own pages */
	.setup = map_memfd_privately,
	.arm   = swap_out_and_in,
	.clean_up = swap_clean_up,
	.state = { .page = PAGE_ANON, .exclusive = true },
};
