/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching every migration of the system, on each CPU and of all tasks, by the tracepoints that a twin uses for its own
 * pages (evidence.h) and thp:set_migration_pmd and thp:remove_migration_pmd.
 *
 * By pairs: each event is a record in a ring of its CPU, and pairing.h tells which entry a PTE came from. A record that
 * does not fit is lost; perf counts them (PERF_FORMAT_LOST, Linux 6.0), and then the interval has no pairs.
 * By counts: filtered counters, which lose nothing and do not tell which entry a PTE came from: entries by kind, and
 * restored PTEs by W, each for itself.
 *
 * Both see splits of huge pages as well, which restore the PTEs of pages that do not move. Neither sees whose page it is, the
 * VMA's default, or whether the page is ever written.
 */
#ifndef WBIT_OBSERVE_H
#define WBIT_OBSERVE_H

#include <signal.h>
#include <stddef.h>

#include "pairing.h"

struct observe_options {
	bool counts;			/* by counts, not by pairs */
	unsigned ring_kib;		/* of each CPU; a power of two, 4 at least */
	struct entry_types types;	/* by counts: what to count */
};

/*
 * What was seen in a stretch of time. By counts `from`, `untold` and `gone` stay 0, and of entries[] only known types are
 * counted.
 */
struct observe_counts {
	struct pair_counts level[NR_PAIR_LEVELS];
	uint64_t entries_all[NR_PAIR_LEVELS];
	uint64_t lost;			/* records; then `level` is not to be used */
	bool stopped;			/* a counter did not run all the time; then nothing is to be used */
	uint64_t ns;			/* how long it was */
};

struct observer;

/*
 * Starts watching. -EACCES, -EPERM: no privilege; -ENOENT: this kernel lacks the tracepoints; -EINVAL: it cannot count
 * lost records; -ENOMEM, ...: with a message in `error` in each case.
 */
int observe_start(const struct observe_options *options, struct observer **observer, char *error, size_t size);

/*
 * Waits until `until_ns` (CLOCK_MONOTONIC) or until *stop, and hands out what was seen since the last call. 0 or -errno.
 * `at_end` is called once when that time has come, for what is to be read at the same moment; the records may take a
 * little longer.
 */
struct observe_end {
	void (*at_end)(void *arg);
	void *arg;
};
int observe_until(struct observer *observer, uint64_t until_ns, const volatile sig_atomic_t *stop,
		  const struct observe_end *end, struct observe_counts *counts);

uint64_t observe_begin_ns(const struct observer *observer);	/* of what the next call hands out, CLOCK_MONOTONIC */
unsigned observe_nr_cpus(const struct observer *observer);
void observe_free(struct observer *observer);	/* NULL is fine */

#endif
