// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-uffd-async: private pages that PAGEMAP_SCAN write-protects for userfaultfd's asynchronous mode: the kernel takes the
 * mark away in the fault and goes on. What the next scan finds written must be what was.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return uffd_register_async(t) ?: protect_by_scan(t);
}

const struct workload anon_uffd_async = {
	.name  = "anon-uffd-async",
	.about = "private anonymous memory, write-protected by PAGEMAP_SCAN (asynchronous userfaultfd)",
	.extra = true,
	.needs = NEED_UFFD_ASYNC,
	.setup = map_private_anon,
	.arm   = arm,
	.check = check_by_scan,
	.state = { .page = PAGE_ANON, .exclusive = true, .uffd_wp = true, .uffd_async = true },
};
