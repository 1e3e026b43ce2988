// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NUMA balancing: the scan makes PTEs PROT_NONE, the next access takes a hinting fault, and that migrates the page to the node
 * of the CPU. So the pages start on the other node and come to this one's; the access is a read, so that the first write after
 * it is measured by itself.
 *
 * The scan is the scheduler's (kernel/sched/fair.c task_tick_numa(), task_numa_work()): only the fair class has it, after so
 * much CPU time, of memory whose policy asks for it. MPOL_BIND with MPOL_F_NUMA_BALANCING over both nodes asks for it, in 6.1
 * also of a mapping, shared or private, of shared memory, whose default policy does not (vma_policy_mof()). The knobs have to
 * hold before the trial's fork, which copies them.
 */
#include <errno.h>
#include <inttypes.h>
#include <numaif.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "nodemask.h"
#include "trigger.h"

#ifndef MPOL_F_NUMA_BALANCING
#define MPOL_F_NUMA_BALANCING (1 << 13)	/* include/uapi/linux/mempolicy.h, since 5.12 */
#endif

#define SCAN_LIMIT_NS UINT64_C(2000000000)	/* of CPU time: a pass comes at least every 100 ms */
#define LOOK_EVERY_NS UINT64_C(500000)

/* The number behind a key in a file of "key   :   number" or "key number" lines; 0 when it is not there. */
static uint64_t figure_in(const char *path, const char *key)
{
	size_t len = strlen(key);
	uint64_t value = 0;
	char line[256];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && strchr(" \t:", line[len])) {
			sscanf(line + len, " : %" SCNu64, &value);
			sscanf(line + len, " %" SCNu64, &value);
			break;
		}
	if (f)
		fclose(f);
	return value;
}

static uint64_t passes(void)
{
	return figure_in("/proc/self/sched", "mm->numa_scan_seq");
}

static uint64_t hinted(const struct trial *t)
{
	return figure_in("/proc/vmstat", t->page_bytes > 4096 ? "numa_huge_pte_updates" : "numa_pte_updates");
}

static int set_policy(struct trial *t, int mode)
{
	struct nodemask both = nodemask_of(t->from);

	nodemask_add(&both, t->to);
	if (set_mempolicy(mode, both.bits, NODEMASK_BITS))
		return trial_fail(t, errno, "set_mempolicy");
	if ((t->fd >= 0 || (t->declared && t->declared->vma_shared)) && mbind(t->region, t->len_bytes, mode, both.bits, NODEMASK_BITS, 0))
		return trial_fail(t, errno, "mbind");
	return 0;
}

/* Pages that still wait in a CPU's batch are on no LRU list and cannot be isolated: move_pages(2) to where they are drains it. */
static int place(struct trial *t, struct migration *m)
{
	uint64_t i;

	migration_fill(m, t);
	for (i = 0; i < m->nr_pages; i++)
		m->nodes[i] = t->from;
	if (move_pages(0, m->nr_pages, m->addresses, m->nodes, m->status, MPOL_MF_MOVE) < 0)
		return trial_fail(t, errno, "move_pages to where the pages are");
	return place_on_source(t, m);
}

/* The CPU has to be busy: the scan counts what the task executes. */
static void be_busy(void)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + LOOK_EVERY_NS;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* first, before: passes and PTEs before the policy asked for any, since a pass may come at once. */
static int wait_for_scan(struct trial *t, uint64_t first, uint64_t before)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + SCAN_LIMIT_NS, seen = 0;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end) {
		be_busy();
		seen = hinted(t) - before;
		if (passes() > first && seen >= t->nr_pages)
			return 0;
		if (passes() > first + 2)
			break;
	}
	snprintf(t->reason, sizeof(t->reason), "NUMA balancing's scan made %" PRIu64 " PTEs PROT_NONE in %" PRIu64 " passes, not the %"
		 PRIu64 " of the region", seen, passes() - first, t->nr_pages);
	return -EPROTO;
}

static int prepare(struct trial *t, struct migration *m)
{
	const struct sched_param none = { 0 };
	struct sched_param param;
	uint64_t first = passes(), before = hinted(t);
	int scheduler = sched_getscheduler(0), err;

	(void)m;
	if (scheduler < 0 || sched_getparam(0, &param) || sched_setscheduler(0, SCHED_OTHER, &none))
		return trial_fail(t, errno, "SCHED_OTHER");
	err = set_policy(t, MPOL_BIND | MPOL_F_NUMA_BALANCING) ?: wait_for_scan(t, first, before);
	if (sched_setscheduler(0, scheduler, &param) && !err)
		err = trial_fail(t, errno, "the scheduler of before");
	return err;
}

static int migrate(struct trial *t, struct migration *m)
{
	uint64_t i;

	(void)m;
	for (i = 0; i < t->nr_pages; i++)
		page_words(t, i)[0];
	return 0;
}

/* No further scan then: without the flag the policy asks for none. */
static int prove(struct trial *t, struct migration *m, uint64_t *migrated, uint64_t *failed)
{
	return set_policy(t, MPOL_BIND) ?: prove_on_target(t, m, migrated, failed);
}

const struct trigger trigger_numa_balancing = {
	.name = "numa-balancing",
	.about = "NUMA balancing: its scan, and a read of each page, whose hinting fault fetches it to this CPU's node",
	.needs = NEED_TWO_NODES | NEED_NUMA_BALANCING,
	.knobs = {
		{ "/proc/sys/kernel/numa_balancing", "1" },
		{ "/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "1" },
		{ "/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", "100" },
	},
	.hints = true,
	.pulls = true,
	.place = place,
	.prepare = prepare,
	.migrate = migrate,
	.prove = prove,
};
