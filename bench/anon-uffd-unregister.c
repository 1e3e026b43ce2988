// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-uffd-unregister: private pages that a userfaultfd write-protected, and whose registration has ended. The mirror of
 * shmem-uffd-unregister: here W comes back where there it does not, and the other way round (doc/findings.md).
 */
#include "workload.h"

const struct workload anon_uffd_unregister = {
	.name  = "anon-uffd-unregister",
	.about = "private anonymous memory, written, write-protected by userfaultfd until that ended",
	.extra = true,
	.needs = NEED_UFFD_WP,
	.setup = map_private_anon,
	.arm   = uffd_protect_and_end,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
	.where = { ANON_UNREGISTER_DROPS_W, { .page = PAGE_ANON, .exclusive = true } },
};
