// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-fork: a heap page that a living child maps too. fork() write-protected it and made it shared, so every policy
 * brings it back without W, and the first write copies it. Such a page only moves with MPOL_MF_MOVE_ALL.
 */
#include "workload.h"

const struct workload anon_fork = {
	.name  = "anon-fork",
	.about = "private anonymous memory, written, then forked with the child alive",
	.setup = map_private_anon,
	.arm   = fork_holder,
	.state = { .page = PAGE_ANON, .mapped_twice = true },
};
