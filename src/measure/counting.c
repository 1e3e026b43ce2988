// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting: groups opened, run over a region, and read. What cannot be trusted is no figure, and says why. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "counters.h"
#include "counting.h"

/* ---- opening ---- */

static void close_group(const struct perf_calls *calls, struct counting_group *g)
{
	while (g->nr)
		calls->close(g->fds[--g->nr]);
}

int counting_open_group(const struct counters *counters, const struct counter_group *from, struct counting_group *g,
			unsigned *at)
{
	unsigned i;
	int fd;

	*g = (struct counting_group){ .group = from };
	for (i = 0; i < from->nr; i++) {
		struct perf_event_attr attr = counters->all[from->members[i]].attr;

		if (counters->all[from->members[i]].why[0])
			continue;
		attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
		attr.disabled = attr.pinned = !g->nr;	/* the leader, and with it all */
		fd = counters->calls->open(&attr, g->nr ? g->fds[0] : -1);
		if (fd < 0) {
			*at = from->members[i];
			close_group(counters->calls, g);
			return fd;
		}
		g->members[g->nr] = from->members[i];
		g->fds[g->nr++] = fd;
	}
	return 0;
}

static const char *why_not_open(int err)
{
	switch (err) {
	case -ENOENT: case -EOPNOTSUPP: case -ENODEV: return "there is no PMU any more that counts this";
	case -EACCES: case -EPERM: return "not permitted in the trial";
	case -EMFILE: case -ENFILE: return "too many open files in the trial";
	case -EINVAL: return "the group did not fit in the trial";
	default: return "the counters could not be opened in the trial";
	}
}

static struct record_counter *figure(struct trial_record *r, const char *name)
{
	unsigned i;

	for (i = 0; i < r->nr_counters; i++)
		if (r->counters[i].name == name)
			return &r->counters[i];
	return NULL;
}

static void name_group(const struct counters *counters, const struct counter_group *g, struct trial_record *r)
{
	unsigned i;

	for (i = 0; i < g->nr && r->nr_counters < RECORD_COUNTERS_MAX; i++)
		trial_record_counter(r, counters->all[g->members[i]].name);
}

static void join(struct counting *c, const struct counter_group *from, struct trial_record *r)
{
	struct counting_group *g = &c->groups[c->nr++];
	unsigned at;
	int err = counting_open_group(c->counters, from, g, &at);

	name_group(c->counters, from, r);
	if (err)
		g->why = why_not_open(err);
}

/* Groups of hardware events that can run take turns; where none can, all do, so that the record says what is missing. */
static const struct counter_group *in_turn(const struct counters *counters, unsigned turn)
{
	unsigned i, n = 0, any = 0, wanted;
	bool runs;

	for (i = 0; i < counters->nr_groups; i++) {
		n += counters->groups[i].hardware;
		any += counters->groups[i].hardware && counters->groups[i].runs;
	}
	if (!n)
		return NULL;
	runs = any;
	wanted = turn % (runs ? any : n);
	for (i = 0; ; i++)
		if (counters->groups[i].hardware && counters->groups[i].runs == runs && !wanted--)
			return &counters->groups[i];
}

void counting_open(struct counting *c, const struct counters *counters, bool traced, unsigned turn, struct trial_record *r)
{
	const struct counter_group *one;
	unsigned i;

	*c = (struct counting){ .counters = counters };
	if (!counters)
		return;
	if (!traced) {
		one = in_turn(counters, turn);
		if (one)
			join(c, one, r);
		return;
	}
	for (i = 0; i < counters->nr_groups; i++)
		if (!counters->groups[i].hardware)
			join(c, &counters->groups[i], r);
}

void counting_close(struct counting *c)
{
	unsigned i;

	for (i = 0; i < c->nr; i++)
		close_group(c->counters->calls, &c->groups[i]);
	c->nr = 0;
}

/* ---- a region ---- */

/*
 * The leader alone is switched: the others, which are on, come and go with it, whole or not at all. PERF_IOC_FLAG_GROUP would switch
 * each of them off at the end, and on again behind the leader's beginning. Since ctx_resched() is for one PMU (6.12,
 * kernel/events/core.c), one that is of another PMU than the leader (a tracepoint or a clock beside page faults) then stays out of the
 * running group, until a tick or for good, and the group's times do not tell: of 256 faults it counted 56 on 6.12, and none on 6.18.
 */
void counting_start(struct counting *c)
{
	unsigned i;

	for (i = 0; i < c->nr; i++) {
		struct counting_group *g = &c->groups[i];

		if (!g->nr)
			continue;
		if (c->counters->calls->ioctl(g->fds[0], PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP) < 0 ||
		    c->counters->calls->ioctl(g->fds[0], PERF_EVENT_IOC_ENABLE, 0) < 0)
			g->why = "the counters could not be started";
	}
}

void counting_stop(struct counting *c)
{
	unsigned i;

	for (i = c->nr; i-- > 0;)
		if (c->groups[i].nr && c->counters->calls->ioctl(c->groups[i].fds[0], PERF_EVENT_IOC_DISABLE, 0) < 0)
			c->groups[i].why = "the counters could not be stopped";
}

/* The times go on from region to region, the counts start anew. */
const char *counting_take(const struct perf_calls *calls, struct counting_group *g, struct counts *counts)
{
	struct {
		uint64_t nr, enabled, running, values[COUNTER_GROUP_MAX];
	} all;
	size_t size = (3 + g->nr) * sizeof(uint64_t);
	ssize_t n = calls->read(g->fds[0], &all, size);

	if (n == 0)
		return "an error state: another pinned user has the PMU (the NMI watchdog: sysctl kernel.nmi_watchdog=0), or the set "
		       "does not fit it: fewer events in one -e";
	if (n < 0)
		return "the counters could not be read";
	if ((size_t)n != size || all.nr != g->nr)
		return "a short read: the kernel gave less than the group's counts";
	counts->enabled_ns = all.enabled - g->enabled_ns;
	counts->running_ns = all.running - g->running_ns;
	g->enabled_ns = all.enabled;
	g->running_ns = all.running;
	if (counts->running_ns < counts->enabled_ns)
		return "multiplexed: it ran a part of the time only: fewer events in one -e";
	if (!counts->enabled_ns)
		return "the counters did not run";
	memcpy(counts->values, all.values, g->nr * sizeof(uint64_t));
	return NULL;
}

void counting_rehearse(struct counting *c)
{
	struct counts counts;
	unsigned i;

	counting_start(c);
	counting_stop(c);
	for (i = 0; i < c->nr; i++)
		if (c->groups[i].nr)
			counting_take(c->counters->calls, &c->groups[i], &counts);
}

static const char *phase_key(unsigned phase)
{
	return phase ? "write.counters" : "migrate.counters";
}

static void read_group(struct counting *c, struct counting_group *g, unsigned phase, const char *why, struct trial_record *r)
{
	const char *lacking = g->why;
	struct record_counter *figures;
	struct counts counts;
	unsigned i;

	if (!lacking && g->nr)
		lacking = counting_take(c->counters->calls, g, &counts);
	if (why || lacking) {
		trial_record_why(r, phase_key(phase), why ?: lacking);
		return;
	}
	for (i = 0; i < g->nr; i++) {
		figures = figure(r, c->counters->all[g->members[i]].name);
		if (figures)
			figures->in[phase] = (struct record_count){ counts.values[i], counts.enabled_ns, counts.running_ns };
	}
	for (i = 0; i < g->group->nr; i++)
		if (c->counters->all[g->group->members[i]].why[0])
			trial_record_why(r, phase_key(phase), c->counters->all[g->group->members[i]].why);
}

void counting_read(struct counting *c, unsigned phase, const char *why, struct trial_record *r)
{
	unsigned i;

	for (i = 0; i < c->nr; i++)
		read_group(c, &c->groups[i], phase, why, r);
}
