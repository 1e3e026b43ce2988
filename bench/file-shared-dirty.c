// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file-shared-dirty: a shared mapping of a file whose filesystem wants to know of the first write (page_mkwrite). It was
 * asked and the PTE has W; the VMA's default has none, so only the migration entry can bring it back.
 */
#include "workload.h"

const struct workload file_shared_dirty = {
	.name  = "file-shared-dirty",
	.about = "shared mapping of a file on ext4 or xfs, written",
	.needs = NEED_FILESYSTEM,
	.setup = map_file,
	.state = { .page = PAGE_FILE, .vma_shared = true, .pte_write = true },
};
