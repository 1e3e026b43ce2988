// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * shmem-private-cow: a private mapping of a memfd, written: the pages are anonymous and this process's own, in a VMA whose
 * default has no W.
 */
#include "workload.h"

const struct workload shmem_private_cow = {
	.name  = "shmem-private-cow",
	.about = "private mapping of a memfd, CoWed",
	.twice = true,	/* the memfd keeps its own pages */
	.setup = map_memfd_privately,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};
