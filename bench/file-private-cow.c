// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file-private-cow: a private mapping of a file, written: the pages are anonymous and this process's own, in a VMA whose
 * default has no W.
 */
#include "workload.h"

const struct workload file_private_cow = {
	.name  = "file-private-cow",
	.about = "private mapping of a file on ext4 or xfs, CoWed",
	.needs = NEED_FILESYSTEM,
	.setup = map_file_privately,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};
