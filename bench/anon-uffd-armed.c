// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-uffd-armed: private anonymous pages that a userfaultfd write-protects; every page's event must reach the handler.
 */
#include "workload.h"

static int arm(struct trial *t)
{
	return uffd_register(t) ?: uffd_protect(t, true) ?: uffd_handle(t);
}

const struct workload anon_uffd_armed = {
	.name  = "anon-uffd-armed",
	.about = "private anonymous memory, write-protected by userfaultfd",
	.needs = NEED_UFFD_WP,
	.setup = map_private_anon,
	.arm   = arm,
	.state = { .page = PAGE_ANON, .exclusive = true, .uffd_wp = true },
};
