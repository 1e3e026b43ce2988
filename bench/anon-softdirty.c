// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-softdirty: soft-dirty tracking has taken W of a private page that is still this process's own: an exclusive read
 * entry. The fault is what the tracking is there for, and every policy keeps it.
 */
#include "workload.h"

const struct workload anon_softdirty = {
	.name  = "anon-softdirty",
	.about = "private anonymous memory under soft-dirty tracking, not written since",
	.extra = true,
	.needs = NEED_SOFT_DIRTY,
	.setup = map_private_anon,
	.arm   = clear_soft_dirty,
	.state = { .page = PAGE_ANON, .exclusive = true, .tracked = true },
};
