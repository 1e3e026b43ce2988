// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file-shared-clean: as file-shared-dirty, then written back, which write-protects the PTEs (folio_mkclean()): the
 * filesystem must be asked again, whatever the policy.
 */
#include <errno.h>
#include <unistd.h>

#include "workload.h"

static int arm(struct trial *t)
{
	return fsync(t->fd) ? trial_fail(t, errno, "fsync") : 0;
}

const struct workload file_shared_clean = {
	.name  = "file-shared-clean",
	.about = "shared mapping of a file on ext4 or xfs, written and synced",
	.needs = NEED_FILESYSTEM,
	.setup = map_file,
	.arm   = arm,
	.state = { .page = PAGE_FILE, .vma_shared = true },
};
