// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapoff-anon: private pages that were swapped out, and that swapoff brought back: unuse_pte() (mm/swapfile.c) maps them by
 * the VMA's default, without W, though they are this process's own.
 */
#include "workload.h"

const struct workload swapoff_anon = {
	.name  = "swapoff-anon",
	.about = "private anonymous memory, swapped out and brought back by swapoff",
	.extra = true,
	.needs = NEED_OWN_MACHINE | NEED_SWAP | NEED_FILESYSTEM,
	.setup = map_private_anon,
	.arm   = swap_out_and_in,
	.clean_up = swap_clean_up,
	.state = { .page = PAGE_ANON, .exclusive = true },
};
