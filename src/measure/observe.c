// SPDX-License-Identifier: GPL-2.0-or-later
/* The two ways to observe: pairs from the rings' records, and sums of counters. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "observe.h"
#include "rings.h"
#include "tracepoint.h"

#define WAIT_NS UINT64_C(100000000)

enum { SET_PTE, RESTORE_PTE, SET_PMD, RESTORE_PMD, BATCH_END, NR_EVENTS };

static const struct ring_event events[NR_EVENTS] = {
	[SET_PTE] = { "migrate:set_migration_pte", { "addr", "pte" }, false },
	[RESTORE_PTE] = { "migrate:remove_migration_pte", { "addr", "pte" }, false },
	[SET_PMD] = { "thp:set_migration_pmd", { "addr", "pmd" }, true },
	[RESTORE_PMD] = { "thp:remove_migration_pmd", { "addr", "pmd" }, true },
	[BATCH_END] = { "migrate:mm_migrate_pages", { NULL, NULL }, false },
};

/* What is counted of each level, on each CPU. */
enum { COUNT_ENTRIES, COUNT_KIND, COUNT_RESTORED = COUNT_KIND + NR_ENTRY_KINDS, COUNT_W, NR_COUNTED };

struct observer {
	struct observe_options options;
	struct rings *rings;
	struct pairing *pairing;
	struct observe_counts now;	/* since the last call, by pairs */
	uint64_t lost;			/* up to the last call */
	unsigned nr_cpus;
	int (*fds)[NR_PAIR_LEVELS][NR_COUNTED];				/* by counts, for each CPU; -1: none */
	uint64_t sums[NR_PAIR_LEVELS][NR_COUNTED];			/* up to the last call */
	uint64_t begin_ns;		/* of what the next call hands out */
};

/* ---- by pairs ---- */

static void take_record(void *arg, const struct ring_record *record)
{
	static const struct {
		enum pair_what what;
		enum pair_level level;
	} means[NR_EVENTS] = {
		[SET_PTE] = { PAIR_SET, PAIR_PTE }, [RESTORE_PTE] = { PAIR_RESTORE, PAIR_PTE },
		[SET_PMD] = { PAIR_SET, PAIR_PMD }, [RESTORE_PMD] = { PAIR_RESTORE, PAIR_PMD },
		[BATCH_END] = { PAIR_BATCH_END, PAIR_PTE },
	};
	struct observer *o = arg;
	const struct pair_event event = {
		.time_ns = record->time_ns, .addr = record->values[0], .pte = record->values[1], .thread = record->thread,
		.what = means[record->event].what, .level = means[record->event].level,
	};

	if (record->time_ns >= o->begin_ns)
		pairing_add(o->pairing, &event, o->now.level);
}

/* Until the time has come, and everything of that time is in its ring. Returns when that was: earlier if *stop. */
static int gather(struct observer *o, uint64_t *until_ns, const volatile sig_atomic_t *stop, const struct observe_end *end)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC), wait;
	bool ended = false;
	int err = 0;

	while (!err && now < *until_ns + RINGS_SLACK_NS) {
		if (*stop && now < *until_ns)
			*until_ns = now;
		if (now >= *until_ns && !ended) {
			end->at_end(end->arg);
			ended = true;
		}
		wait = *until_ns + (ended ? RINGS_SLACK_NS : 0) - now;
		rings_wait(o->rings, wait < WAIT_NS ? wait : WAIT_NS);
		now = clock_ns(CLOCK_MONOTONIC);
		err = rings_drain(o->rings);
		if (!err)
			rings_hand_over(o->rings, now - RINGS_SLACK_NS < *until_ns ? now - RINGS_SLACK_NS : *until_ns,
					take_record, o);
	}
	if (!ended)
		end->at_end(end->arg);
	return err;
}

static uint64_t sum_of(const uint64_t *types)
{
	uint64_t sum = 0;
	int type;

	for (type = 0; type < NR_SWAP_TYPES; type++)
		sum += types[type];
	return sum;
}

/* Where records were lost nothing of before goes on: neither an entry that is under way nor a record that has waited. */
static int observe_pairs(struct observer *o, uint64_t until_ns, const volatile sig_atomic_t *stop,
			 const struct observe_end *end, struct observe_counts *counts)
{
	uint64_t lost;
	int err = gather(o, &until_ns, stop, end) ?: rings_lost(o->rings, &lost), level;

	if (err)
		return err;
	o->now.lost = lost - o->lost;
	o->lost = lost;
	if (o->now.lost) {
		rings_drop(o->rings);
		pairing_forget(o->pairing);
		until_ns = clock_ns(CLOCK_MONOTONIC);
	}
	o->now.ns = until_ns - o->begin_ns;
	o->begin_ns = until_ns;
	for (level = 0; level < NR_PAIR_LEVELS; level++)
		o->now.entries_all[level] = sum_of(o->now.level[level].entries);
	*counts = o->now;
	memset(&o->now, 0, sizeof(o->now));
	return 0;
}

/* ---- by counts ---- */

static int open_counter(int *fd, const char *event, const char *filter, unsigned cpu)
{
	int opened = tracepoint_open_on_cpu(event, filter, cpu);

	if (opened < 0)
		return opened;
	*fd = opened;
	return 0;
}

static int open_level(struct observer *o, unsigned cpu, enum pair_level level)
{
	const char *set = events[level == PAIR_PTE ? SET_PTE : SET_PMD].name;
	const char *restored = events[level == PAIR_PTE ? RESTORE_PTE : RESTORE_PMD].name;
	const char *field = events[level == PAIR_PTE ? SET_PTE : SET_PMD].fields[1];
	int *fds = o->fds[o->nr_cpus][level], kind, err;
	char filter[100];

	err = open_counter(&fds[COUNT_ENTRIES], set, NULL, cpu);
	if (err == -ENOENT && level == PAIR_PMD)
		return 0;
	for (kind = 0; kind < NR_ENTRY_KINDS && !err; kind++) {
		if (o->options.types.type[kind] < 0)
			continue;
		evidence_filter_type(filter, sizeof(filter), field, o->options.types.type[kind]);
		err = open_counter(&fds[COUNT_KIND + kind], set, filter, cpu);
	}
	snprintf(filter, sizeof(filter), "%s & 0x2", field);
	return err ?: open_counter(&fds[COUNT_RESTORED], restored, NULL, cpu) ?:
	       open_counter(&fds[COUNT_W], restored, filter, cpu);
}

static void close_counters(int fds[NR_PAIR_LEVELS][NR_COUNTED])
{
	int level, i;

	for (level = 0; level < NR_PAIR_LEVELS; level++)
		for (i = 0; i < NR_COUNTED; i++)
			if (fds[level][i] >= 0)
				close(fds[level][i]);
}

static int open_counters(struct observer *o)
{
	unsigned max = sysconf(_SC_NPROCESSORS_CONF), cpu;
	int err;

	o->fds = malloc(max * sizeof(*o->fds));
	if (!o->fds)
		return -ENOMEM;
	for (cpu = 0; cpu < max; cpu++) {
		memset(o->fds[o->nr_cpus], 0xff, sizeof(*o->fds));	/* -1 */
		err = open_level(o, cpu, PAIR_PTE) ?: open_level(o, cpu, PAIR_PMD);
		if (!err) {
			o->nr_cpus++;
			continue;
		}
		close_counters(o->fds[o->nr_cpus]);
		if (err != -ENODEV)
			return err;
	}
	return o->nr_cpus ? 0 : -ENODEV;
}

/* The sum over the CPUs since the last call; what is not open is 0. */
static uint64_t advance(struct observer *o, enum pair_level level, unsigned what, bool *stopped)
{
	uint64_t sum = 0, count, before = o->sums[level][what];
	unsigned cpu;

	for (cpu = 0; cpu < o->nr_cpus; cpu++) {
		if (o->fds[cpu][level][what] < 0)
			continue;
		count = tracepoint_read(o->fds[cpu][level][what]);
		if (count == NOT_MEASURED)
			*stopped = true;
		else
			sum += count;
	}
	o->sums[level][what] = sum;
	return sum - before;
}

static int observe_counters(struct observer *o, uint64_t until_ns, const volatile sig_atomic_t *stop,
			    const struct observe_end *end, struct observe_counts *counts)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	unsigned level, kind;

	for (; now < until_ns && !*stop; now = clock_ns(CLOCK_MONOTONIC)) {
		const struct timespec wait = { (until_ns - now) / 1000000000, (until_ns - now) % 1000000000 };

		ppoll(NULL, 0, &wait, NULL);
	}
	end->at_end(end->arg);
	memset(counts, 0, sizeof(*counts));
	counts->ns = now - o->begin_ns;
	o->begin_ns = now;
	for (level = 0; level < NR_PAIR_LEVELS; level++) {
		counts->entries_all[level] = advance(o, level, COUNT_ENTRIES, &counts->stopped);
		counts->level[level].restored = advance(o, level, COUNT_RESTORED, &counts->stopped);
		counts->level[level].with_w = advance(o, level, COUNT_W, &counts->stopped);
		for (kind = 0; kind < NR_ENTRY_KINDS; kind++)
			if (o->options.types.type[kind] >= 0)
				counts->level[level].entries[o->options.types.type[kind]] =
					advance(o, level, COUNT_KIND + kind, &counts->stopped);
	}
	return 0;
}

/* ---- both ---- */

static int explain(int err, const struct observe_options *options, char *error, size_t size)
{
	if (err == -ENOENT && geteuid())
		err = -EACCES;		/* tracefs may be there for root alone, and who is not cannot mount it */
	if (err == -EACCES || err == -EPERM)
		snprintf(error, size, "needs tracepoints of the whole system through perf: run as root, or with CAP_PERFMON and a "
			 "readable tracefs");
	else if (err == -ENOENT)
		snprintf(error, size, "this kernel has no tracepoint migrate:set_migration_pte (Linux 5.19 brought it), or tracefs "
			 "cannot be mounted");
	else if (err == -EINVAL && !options->counts)
		snprintf(error, size, "this kernel cannot count lost records (Linux 6.0 brought it): use --counts");
	else if (err == -ENOMEM && !options->counts)
		snprintf(error, size, "no memory for rings of %u KiB on each CPU: choose a smaller --ring", options->ring_kib);
	else
		snprintf(error, size, "cannot watch the tracepoints: %s", strerror(-err));
	return err;
}

int observe_start(const struct observe_options *options, struct observer **out, char *error, size_t size)
{
	struct observer *o = calloc(1, sizeof(*o));
	int err;

	*out = NULL;
	if (!o)
		return explain(-ENOMEM, options, error, size);
	o->options = *options;
	if (options->counts) {
		err = open_counters(o);
	} else {
		o->pairing = pairing_new();
		err = o->pairing ? rings_open(events, NR_EVENTS, options->ring_kib, &o->rings) : -ENOMEM;
		o->nr_cpus = err ? 0 : rings_nr_cpus(o->rings);
	}
	o->begin_ns = clock_ns(CLOCK_MONOTONIC);
	if (err) {
		observe_free(o);
		return explain(err, options, error, size);
	}
	*out = o;
	return 0;
}

int observe_until(struct observer *o, uint64_t until_ns, const volatile sig_atomic_t *stop, const struct observe_end *end,
		  struct observe_counts *counts)
{
	return o->rings ? observe_pairs(o, until_ns, stop, end, counts) : observe_counters(o, until_ns, stop, end, counts);
}

uint64_t observe_begin_ns(const struct observer *o)
{
	return o->begin_ns;
}

unsigned observe_nr_cpus(const struct observer *o)
{
	return o->nr_cpus;
}

void observe_free(struct observer *o)
{
	unsigned cpu;

	if (!o)
		return;
	rings_close(o->rings);
	pairing_free(o->pairing);
	for (cpu = 0; o->fds && cpu < o->nr_cpus; cpu++)
		close_counters(o->fds[cpu]);
	free(o->fds);
	free(o);
}
