// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inflight-mprotect: mprotect() to read-only and back, on another CPU, while migration entries are in flight:
 * change_pte_range() (mm/mprotect.c) makes writable entries readable and never the other way. How many it meets is chance.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workload.h"

/*
 * Once the first page is there and the others are not: what is read-only when it is restored stays so under `entry`, and a second
 * round would give present PTEs their W back from vm_page_prot. A kernel that migrates page by page (before 6.3) has one at most
 * in flight.
 */
static int toggle(struct trial *t)
{
	int err = wait_for_flight(t);

	if (err)
		return err;
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
