/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PAGEMAP_SCAN, of 6.7 and later (fs/proc/task_mmu.c): which pages were written since they were protected, in a VMA whose uffd-wp
 * is asynchronous. Debian 12's headers are older, so its numbers stand in pagemap_scan.c.
 */
#ifndef WBIT_PAGEMAP_SCAN_H
#define WBIT_PAGEMAP_SCAN_H

#include "workload.h"

/* How many of the region's pages were written; protect: and protect them (again). 0 or -errno with a reason. */
int pagemap_scan(struct trial *t, bool protect, uint64_t *written);

#endif
