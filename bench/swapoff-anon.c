// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapoff-anon: private pages that were swapped out, and that swapoff brought back: unuse_pte() (mm/swapfile.c) maps them by
 * the VMA's default, without W, though they are this process's own.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return swap_out(t) ?: swap_off(t);
}

const struct workload swapoff_anon = {
	.name  = "swapoff-anon",
	.about = "private anonymous memory, swapped out and brought back by swapoff",
	.extra = true,
	.needs = NEED_OWN_MACHINE | NEED_SWAP | NEED_FILESYSTEM,
	.setup = map_private_anon,
	.arm   = arm,
	.state = { .page = PAGE_ANON, .exclusive = true },
};
