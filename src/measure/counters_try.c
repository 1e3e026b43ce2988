// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be counted here: each group is opened and run once, before anything is measured. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counting.h"
#include "knobs.h"
#include "tracepoint.h"

#define TRIES 8

/* ---- reasons ---- */

static void not_permitted(char *why)
{
	char value[KNOB_VALUE_MAX];

	if (knob_read("/proc/sys/kernel/perf_event_paranoid", value, sizeof(value)))
		snprintf(value, sizeof(value), "not to be read");
	snprintf(why, COUNTER_WHY_MAX, "not permitted: kernel.perf_event_paranoid is %.16s: run as root, or sudo sysctl "
		 "kernel.perf_event_paranoid=1, or count :u alone", value);
}

/* Is there a PMU at all? Then the event is what it does not have. */
static bool counts_cycles(const struct perf_calls *calls)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES, .size = sizeof(attr), .disabled = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
	};
	int fd = calls->open(&attr, -1);

	if (fd >= 0)
		calls->close(fd);
	return fd != -ENOENT && fd != -EOPNOTSUPP && fd != -ENODEV;
}

static void not_there(const struct perf_calls *calls, const struct counted *c, char *why)
{
	if (c->kind == COUNTER_TRACEPOINT && access("/sys/kernel/tracing/events", F_OK) &&
	    access("/sys/kernel/debug/tracing/events", F_OK))
		snprintf(why, COUNTER_WHY_MAX, "tracefs is not to be seen: run as root, or mount -t tracefs tracefs /sys/kernel/tracing");
	else if (c->kind == COUNTER_TRACEPOINT)
		snprintf(why, COUNTER_WHY_MAX, "this kernel has no such tracepoint");
	else if (c->kind == COUNTER_SOFTWARE)
		snprintf(why, COUNTER_WHY_MAX, "this kernel has no such event");
	else if (counts_cycles(calls))
		snprintf(why, COUNTER_WHY_MAX, "this CPU's PMU has no such event, or the kernel does not know it");
	else
		snprintf(why, COUNTER_WHY_MAX, "no PMU: this machine's kernel has none to count with (a virtual machine without a "
			 "virtual PMU, or a CPU that it does not know)");
}

static void explain(const struct perf_calls *calls, const struct counted *c, int err, char *why)
{
	switch (err) {
	case -ENOENT: case -EOPNOTSUPP: case -ENODEV: case -ENXIO:
		not_there(calls, c, why);
		break;
	case -EACCES: case -EPERM:
		not_permitted(why);
		break;
	case -EINVAL:
		snprintf(why, COUNTER_WHY_MAX, "the kernel does not count it for one thread");
		break;
	case -EMFILE: case -ENFILE:
		snprintf(why, COUNTER_WHY_MAX, "too many open files: ulimit -n with a larger number, or fewer events");
		break;
	case -EBUSY:
		snprintf(why, COUNTER_WHY_MAX, "another user has the PMU for itself");
		break;
	default:
		snprintf(why, COUNTER_WHY_MAX, "it cannot be opened: %s", strerror(-err));
	}
}

/* ---- trying ---- */

static void refuse_all(struct counters *counters, const struct counter_group *g, const char *why)
{
	unsigned i;

	for (i = 0; i < g->nr; i++)
		if (!counters->all[g->members[i]].why[0])
			snprintf(counters->all[g->members[i]].why, COUNTER_WHY_MAX, "%s", why);
}

static void find_tracepoints(struct counters *counters, const struct counter_group *g)
{
	unsigned i;
	int id;

	for (i = 0; i < g->nr; i++) {
		struct counted *c = &counters->all[g->members[i]];

		if (c->kind != COUNTER_TRACEPOINT || c->why[0])
			continue;
		id = tracepoint_id(c->event);
		if (id < 0)
			explain(counters->calls, c, id, c->why);
		else
			c->attr.config = id;
	}
}

static bool opens_alone(const struct counters *counters, unsigned member)
{
	const struct counter_group alone = { .nr = 1, .members = { member } };
	struct counting_group g;
	unsigned at;

	if (counting_open_group(counters, &alone, &g, &at))
		return false;
	counters->calls->close(g.fds[0]);
	return true;
}

/* Whoever cannot be opened is left out, and the others tried again; but a group that is too large is wanted whole. */
static void open_tried(struct counters *counters, const struct counter_group *from, struct counting_group *g)
{
	unsigned at = 0, nr;
	int err;

	while ((err = counting_open_group(counters, from, g, &at))) {
		struct counted *c = &counters->all[at];
		char why[COUNTER_WHY_MAX];

		for (nr = 0; from->members[nr] != at; nr++)
			;
		if (err == -EINVAL && nr && from->hardware && opens_alone(counters, at)) {
			snprintf(why, sizeof(why), "the set does not fit this PMU: its %u counters are too many at once: fewer events "
				 "in one -e, or several -e, which take turns", from->nr);
			refuse_all(counters, from, why);
		} else {
			explain(counters->calls, c, err, c->why);
		}
	}
}

/* A page that is written for the first time, and some work. */
static void be_busy(void)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned i;

	if (page == MAP_FAILED)
		return;
	for (i = 0; i < 100000; i++)
		page[i % 4096] = i;
	munmap((void *)page, 4096);
}

/* What a region counts in which nothing is done: between the same calls as a trial's. */
static const char *run_empty(struct counting *c, bool timed, struct stopwatch *watch, struct counts *counts)
{
	struct region region;

	counting_start(c);
	if (timed) {
		stopwatch_start(watch);
		stopwatch_stop(watch, &region);
	} else {
		getrusage(RUSAGE_THREAD, &watch->before);
		getrusage(RUSAGE_THREAD, &watch->after);
	}
	counting_stop(c);
	return c->groups[0].why ?: counting_take(c->counters->calls, &c->groups[0], counts);
}

static const char *run_busy(struct counting *c, struct counts *counts)
{
	counting_start(c);
	be_busy();
	counting_stop(c);
	return c->groups[0].why ?: counting_take(c->counters->calls, &c->groups[0], counts);
}

static void try_group(struct counters *counters, struct counter_group *from, struct stopwatch *watch)
{
	struct counting c = { .counters = counters, .nr = 1 };
	struct counting_group *g = &c.groups[0];
	struct counts counts;
	const char *why;
	unsigned i, k;

	find_tracepoints(counters, from);
	open_tried(counters, from, g);
	if (!g->nr)
		return;
	why = run_busy(&c, &counts);
	for (i = 0; i < TRIES && !why; i++) {
		why = run_empty(&c, from->hardware, watch, &counts);
		for (k = 0; k < g->nr && !why; k++)
			if (counts.values[k] < counters->all[g->members[k]].overhead)
				counters->all[g->members[k]].overhead = counts.values[k];
	}
	if (why)
		refuse_all(counters, from, why);
	from->runs = !why;
	counting_close(&c);
}

void counters_try(struct counters *counters, enum clock_unit clock)
{
	struct stopwatch *watch = malloc(sizeof(*watch));
	unsigned i;

	if (!watch)
		return;
	stopwatch_init(watch, clock, false, 0);
	for (i = 0; i < counters->nr_groups; i++)
		try_group(counters, &counters->groups[i], watch);
	stopwatch_close(watch);
	free(watch);
}
