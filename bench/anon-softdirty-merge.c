// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-softdirty-merge: as anon-softdirty, and then the adjacent memory is mapped: the VMAs merge and are no longer tracked.
 * Nobody waits for the fault any more, and still no policy of the three saves it; only one that asks whether W is safe does.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	/* is_mergeable_vma() ignores VM_SOFTDIRTY; mmap_region() then sets it on the whole. */
	return clear_soft_dirty(t) ?: map_adjacent_half(t);
}

const struct workload anon_softdirty_merge = {
	.name  = "anon-softdirty-merge",
	.about = "private pages that soft-dirty tracking write-protected, in a VMA that is no longer tracked",
	.extra = true,
	.needs = NEED_SOFT_DIRTY,
	.setup = map_private_anon,
	.arm   = arm,
	.state = { .page = PAGE_ANON, .exclusive = true },
};
