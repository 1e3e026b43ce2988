/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record to judge. To be included once, by a test program. */
#ifndef WBIT_TEST_TWIN_H
#define WBIT_TEST_TWIN_H

#include "judge.h"

static const struct page_state written_anon = { .page = PAGE_ANON, .pte_write = true, .exclusive = true };

/* A twin of 256 pages that the `vma` policy makes of written_anon. */
static struct trial_record good_twin(void)
{
	struct trial_record r;

	trial_record_init(&r);
	r.pages = 256;
	r.to = 1;
	r.traced = true;
	r.migrated = 256;
	r.failed = 0;
	r.entries[ENTRY_READ] = r.entries[ENTRY_READ_EXCLUSIVE] = 0;
	r.entries[ENTRY_WRITE] = r.entries_all = r.restored = r.w_before = r.w_after = 256;
	r.faults.write_protect = r.faults.page_faults = r.faults.reuse = 0;
	return r;
}

#endif
