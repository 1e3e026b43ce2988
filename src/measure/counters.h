/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a user wants counted: events by libpfm4's names, or tracepoints, in sets. A set is what one -e or one line of a group
 * file names. Its hardware events make one perf event group, which rides on timed trials, one set a trial in turn, so that
 * nothing is ever multiplexed. Software events and tracepoints, whose code runs in the path that they watch, make another,
 * those of all sets one, which rides on the traced twins.
 *
 * An event that does not say :u or :k is counted twice, user and kernel apart. Events that do not know the two apart (tracepoints,
 * context switches, clocks) are counted once.
 *
 * Counted is this thread alone (exclude_guest, exclude_hv). A group is pinned: it is on the PMU whole, or in an error state.
 * perf_event_open(2), kernel/events/core.c.
 */
#ifndef WBIT_COUNTERS_H
#define WBIT_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "perf_calls.h"
#include "record.h"

#define COUNTER_SETS_MAX 16
#define COUNTER_SET_TEXT_MAX 1024	/* bytes of what names a set, its NUL included */
#define COUNTERS_MAX 128		/* of all sets; :u and :k are two */
#define COUNTER_GROUP_MAX RECORD_COUNTERS_MAX
#define COUNTER_NAME_MAX 64		/* with its NUL; as in a record */
#define COUNTER_EVENT_MAX 256
#define COUNTER_WHY_MAX 200

enum counter_kind { COUNTER_HARDWARE, COUNTER_SOFTWARE, COUNTER_TRACEPOINT };

const char *counter_kind_name(enum counter_kind kind);

struct counted {
	char name[COUNTER_NAME_MAX];	/* the event as it was given, without the PMU, and ":u" or ":k" where it is two */
	char event[COUNTER_EVENT_MAX];	/* libpfm4's full string, or SYSTEM:EVENT */
	enum counter_kind kind;
	unsigned set;
	struct perf_event_attr attr;
	char why[COUNTER_WHY_MAX];	/* it cannot be counted here; empty: it can */
	uint64_t overhead;		/* what an empty region counts; NOT_MEASURED: it was not tried */
};

/* One perf event group: the hardware events of a set, or all others. */
struct counter_group {
	unsigned nr, members[COUNTER_GROUP_MAX];	/* indices into counters->all */
	bool hardware, runs;		/* runs: at least one member can be counted */
};

struct counters {
	const struct perf_calls *calls;	/* NULL before counters_init() */
	unsigned nr, nr_sets, nr_groups;
	struct counted all[COUNTERS_MAX];
	struct counter_group groups[2 * COUNTER_SETS_MAX];
};

void counters_init(struct counters *counters, const struct perf_calls *calls);

/*
 * Takes one set: EVENT[,EVENT...], each [NAME=]PMU::EVENT[:UMASK...][:MODIFIER...], or SYSTEM:EVENT for a tracepoint. What is
 * there already is passed over. An event of another machine's PMU is taken, and will not be counted. 0, or -EINVAL with one line
 * in `error`: what is wrong and what to do.
 */
int counters_add(struct counters *counters, const char *set, char *error, size_t size);

/* Both for all sets, in a process of its own, which leaves this one's memory as it is: what measures goes by this. */
int counters_take(struct counters *counters, const char (*sets)[COUNTER_SET_TEXT_MAX], unsigned nr, char *error, size_t size);

/*
 * Tries each group once, on a short region with a page fault, and sets `why` of what cannot be counted, and `overhead` of
 * what can. clock: the run's. Takes the privileges and tracefs that measuring takes.
 */
void counters_try(struct counters *counters, enum clock_unit clock);

/* How many events of the set, hardware ones or not, can be counted. */
unsigned counters_usable(const struct counters *counters, unsigned set);

/* ---- in a trial: its own process ---- */

/* Groups under way; one struct serves all regions of a trial. */
struct counting {
	const struct counters *counters;
	unsigned nr;
	struct counting_group {
		const struct counter_group *group;
		unsigned nr, members[COUNTER_GROUP_MAX];	/* that are open, the leader first */
		int fds[COUNTER_GROUP_MAX];
		uint64_t enabled_ns, running_ns;	/* up to the last region */
		const char *why;	/* nothing of it is counted; a static string, or one of the counters' */
	} groups[COUNTER_SETS_MAX];
};

/*
 * Opens what this trial carries, stopped: a traced twin all groups of software events, a timed trial one group of hardware ones, by
 * its turn. Names them in the record, where nothing is counted yet. counters may be NULL: nothing.
 */
void counting_open(struct counting *c, const struct counters *counters, bool traced, unsigned turn, struct trial_record *r);

void counting_start(struct counting *c);	/* from zero */
void counting_stop(struct counting *c);
void counting_close(struct counting *c);

/* Once for nothing, so that a region's own start and stop find their code and memory warm. */
void counting_rehearse(struct counting *c);

/*
 * What the last region counted goes into the record: the migration is phase 0, the write 1. A null with its reason. why: the counts
 * would mean nothing; a static string, NULL: they are taken.
 */
void counting_read(struct counting *c, unsigned phase, const char *why, struct trial_record *r);

#endif
