// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that KSM has merged in pairs: each page of the region with a copy that lies before it, outside of what is watched. ksmd
 * is stopped then: while it looks at a page it holds it, and a page that is held does not migrate.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "clock.h"
#include "knobs.h"
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

/* The runner has noted what it held, and puts it back. run_store() of mm/ksm.c waits for a pass that is under way. */
static int run_ksmd(struct trial *t, const char *value)
{
	int err = knob_write("/sys/kernel/mm/ksm/run", value);

	return err ? trial_fail(t, -err, "/sys/kernel/mm/ksm/run") : 0;
}

static uint64_t wait_for_ksmd(uint64_t wanted)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + LIMIT_NS, merged = 0;

	while (merged < wanted && clock_ns(CLOCK_MONOTONIC) < end) {
		nanosleep(&pause, NULL);
		merged = merged_pages();
	}
	return merged;
}

int merge_in_pairs(struct trial *t)
{
	uint64_t merged;
	int err;

	if (mmap(t->reserved, t->len_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return trial_fail(t, errno, "mmap of the copies");
	memcpy(t->reserved, t->region, t->len_bytes);
	if (madvise(t->reserved, 2 * t->len_bytes, MADV_MERGEABLE))
		return trial_fail(t, errno, "MADV_MERGEABLE");
	err = run_ksmd(t, "1");
	if (err)
		return err;
	merged = wait_for_ksmd(2 * t->nr_pages);
	err = run_ksmd(t, "0");
	if (err || merged >= 2 * t->nr_pages)
		return err;
	snprintf(t->reason, sizeof(t->reason), "KSM has merged %" PRIu64 " of %" PRIu64 " pages", merged, 2 * t->nr_pages);
	return -EPROTO;
}
