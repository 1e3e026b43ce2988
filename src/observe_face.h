/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `wbit observe` shows, and its two ways to show it. */
#ifndef WBIT_OBSERVE_FACE_H
#define WBIT_OBSERVE_FACE_H

#include "observe_judge.h"
#include "run.h"

/* What /proc/vmstat counts beside: system-wide, pages and not PTEs. */
enum { VM_SUCCESS, VM_FAIL, VM_NUMA, VM_THP, NR_VM };

struct vmstat {
	uint64_t value[NR_VM];	/* NOT_MEASURED: this kernel has none */
};

extern const char *const vmstat_names[NR_VM];

struct observation {
	struct observe_options options;
	struct kernel_facts facts;
	const char *kinds_reason;	/* why the kinds are not known; NULL: they are */
	uint64_t interval_ns;
	unsigned nr_cpus;
	/* Of the whole: what was seen in intervals that are whole, how many of how many, and what was lost in the others. */
	struct observe_counts total;
	struct vmstat vm_total;
	uint64_t nr_intervals, nr_whole, lost;
	uint64_t own_ns;		/* of CPU time that observing took here; what it adds to each migration is not in it */
};

/* One interval; start_ns since the observation began. */
struct interval {
	struct observe_counts counts;
	struct vmstat vm;
	uint64_t number, start_ns;
};

void observe_print_head(const struct observation *o);
void observe_print_interval(const struct observation *o, const struct interval *interval);
void observe_print_summary(const struct observation *o);

void observe_json_head(const struct observation *o);
void observe_json_interval(const struct observation *o, const struct interval *interval);
void observe_json_total(const struct observation *o);

#endif
