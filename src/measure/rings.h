/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracepoints as records: a ring for each CPU that all events of the CPU write to, of all tasks. Records come out in the
 * order of their time over all CPUs, since a task may unmap a page on one CPU and restore it on another.
 *
 * A ring that is full loses records, never overwrites any; rings_lost() has their number. CPUs that come online later are
 * not watched.
 */
#ifndef WBIT_RINGS_H
#define WBIT_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_EVENTS_MAX 8
#define RINGS_SLACK_NS UINT64_C(20000000)	/* how long a record may take from its time stamp until it is in its ring */

struct ring_event {
	const char *name;		/* "migrate:set_migration_pte" */
	const char *fields[2];		/* of eight bytes, handed out as values[]; NULL: none */
	bool optional;			/* may be missing in a kernel */
};

struct ring_record {
	uint64_t time_ns;		/* CLOCK_MONOTONIC */
	uint64_t values[2];
	uint64_t number;		/* as it came: keeps equal times in order */
	uint32_t thread;
	unsigned event;			/* index into the events */
};

struct rings;

/*
 * events: `nr` of them, kept by the caller. kib: the size of each ring, a power of two, 4 at least. 0 or -errno: -ENOENT
 * one is missing; -EINVAL: the kernel cannot count lost records (before 6.0), or kib is no such number; -EACCES, -EPERM,
 * -ENOMEM, -EMFILE.
 */
int rings_open(const struct ring_event *events, unsigned nr, unsigned kib, struct rings **rings);
void rings_close(struct rings *rings);		/* NULL is fine */

unsigned rings_nr_cpus(const struct rings *rings);

/* Sleeps until a ring is filled to a quarter, `ns` have passed, or a signal came. */
void rings_wait(struct rings *rings, uint64_t ns);

/* Takes what is in the rings into memory. 0 or -ENOMEM. */
int rings_drain(struct rings *rings);

/*
 * Hands over what was drained, by time, up to and with `until_ns`. It is all there when it was drained at until_ns +
 * RINGS_SLACK_NS or later.
 */
void rings_hand_over(struct rings *rings, uint64_t until_ns, void (*take)(void *arg, const struct ring_record *record),
		     void *arg);

void rings_drop(struct rings *rings);		/* what was drained and not handed over */

/* How many records were lost since they were opened. 0 or -errno. */
int rings_lost(struct rings *rings, uint64_t *lost);

#endif
