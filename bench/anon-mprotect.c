// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * anon-mprotect: mprotect() took W away and gave it back. The PTE has it again, because the page is exclusive
 * (mm/mprotect.c can_change_pte_writable()); the private VMA's default still has not.
 */
#include <errno.h>
#include <sys/mman.h>

#include "workload.h"

static int arm(struct trial *t)
{
	if (mprotect(t->region, t->len_bytes, PROT_READ) || mprotect(t->region, t->len_bytes, PROT_READ | PROT_WRITE))
		return trial_fail(t, errno, "mprotect");
	return 0;
}

const struct workload anon_mprotect = {
	.name  = "anon-mprotect",
	.about = "private anonymous memory, written, then mprotect to read-only and back",
	.setup = map_private_anon,
	.arm   = arm,
	.state = { .page = PAGE_ANON, .pte_write = true, .exclusive = true },
};
