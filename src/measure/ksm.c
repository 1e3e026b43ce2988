// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that KSM has merged in pairs: each page of the region with a copy that lies before it, outside of what is watched. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "clock.h"
#include "workload.h"

#define LIMIT_NS UINT64_C(20000000000)	/* ksmd merges what it has seen unchanged in two passes (mm/ksm.c cmp_and_merge_page()) */

static uint64_t merged_pages(void)
{
	FILE *f = fopen("/proc/self/ksm_merging_pages", "re");
	uint64_t n = 0;

	if (f && fscanf(f, "%" SCNu64, &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

int merge_in_pairs(struct trial *t)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + LIMIT_NS, merged = 0;

	if (mmap(t->reserved, t->len_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return trial_fail(t, errno, "mmap of the copies");
	memcpy(t->reserved, t->region, t->len_bytes);
	if (madvise(t->reserved, 2 * t->len_bytes, MADV_MERGEABLE))
		return trial_fail(t, errno, "MADV_MERGEABLE");
	while (merged < 2 * t->nr_pages && clock_ns(CLOCK_MONOTONIC) < end) {
		nanosleep(&pause, NULL);
		merged = merged_pages();
	}
	if (merged >= 2 * t->nr_pages)
		return 0;
	snprintf(t->reason, sizeof(t->reason), "KSM has merged %" PRIu64 " of %" PRIu64 " pages", merged, 2 * t->nr_pages);
	return -EPROTO;
}
