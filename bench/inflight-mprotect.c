// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inflight-mprotect: mprotect() to read-only and back, on another CPU, while migration entries are in flight:
 * change_pte_range() (mm/mprotect.c) makes writable entries readable and never the other way. How many it meets is chance.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workload.h"

static int toggle(struct trial *t)
{
	if (mprotect(t->region, t->len_bytes, PROT_READ) || mprotect(t->region, t->len_bytes, PROT_READ | PROT_WRITE))
		return trial_fail(t, errno, "mprotect");
	return 0;
}

const struct workload inflight_mprotect = {
	.name  = "inflight-mprotect",
	.about = "shared memory that mprotect() makes read-only and writable again while it migrates: a race",
	.extra = true,
	.needs = NEED_SECOND_CPU,
	.only_by = "move_pages,mbind",
	.only_why = "the race is with one call that migrates the region and nothing else",
	.setup = map_memfd,
	.during = toggle,
	.state = { .page = PAGE_SHMEM, .vma_shared = true, .vma_write = true, .pte_write = true, .racing = true },
};
